/** The last check: how long the drill took. Pure. */

import { formatDuration } from "../base/numbers.ts";
import { cannotRun, type RestoreCheck } from "./check.ts";
import { ASIDE_PHASES, type Phase } from "./result.ts";

export interface DurationContext {
  /** From the drill's start until now, without the phases that differ from night to night, in ms. */
  ms: number;
  maxDurationMs: number;
  /** The other phases. */
  phases: readonly Phase[];
  /** False: the drill ended early, so a whole one would have taken longer. */
  whole: boolean;
}

/** The time of a drill that has run for `elapsed` ms, with these phases so far. */
export function durationOf(
  { elapsed, phases, whole }: { elapsed: number; phases: readonly Phase[]; whole: boolean },
  maxDurationMs: number,
): DurationContext {
  const aside = phases.filter(({ title }) => ASIDE_PHASES.includes(title));
  return {
    ms: elapsed - aside.reduce((sum, { ms }) => sum + ms, 0),
    maxDurationMs,
    phases: phases.filter((phase) => !aside.includes(phase)),
    whole,
  };
}

/**
 * A drill that ended early but took longer than its limit is a FAIL. One that ended early within its limit is NOT RUN, never
 * a PASS: it does not show how long a whole drill takes.
 */
const duration: RestoreCheck<DurationContext> = {
  id: "drill.duration",
  part: "browser",
  judges: "restore",
  level: "fast",
  given: "the whole drill",
  title: "The drill took no longer than drill.max_duration",
  required: true,
  run({ ms, maxDurationMs, phases, whole }) {
    const allowed = formatDuration(maxDurationMs);
    if (!whole && ms <= maxDurationMs) {
      throw cannotRun(
        `the drill ended after ${
          formatDuration(ms)
        }, before it was complete: how long a whole drill takes is not known`,
        `Repair first what ended it; ${allowed} are allowed in all.`,
      );
    }
    const parts = partsOf(ms, phases);
    const [longest] = parts;
    return Promise.resolve({
      equal: ms <= maxDurationMs,
      compared: {
        expected: `${allowed} at most`,
        found: formatDuration(ms),
        with: "the whole drill against drill.max_duration",
      },
      message: `the drill took ${formatDuration(ms)}${
        whole ? "" : " until an error ended it"
      }, ${allowed} are allowed${longest ? `; longest was ${inWords(longest)}` : ""}`,
      hint:
        "Compare its parts with those of earlier drills in the report. What grows with the ERP needs a larger drill.max_duration.",
      details: parts.map(inWords),
    });
  },
  twin: {
    by: "no time allowed",
    changes: "nothing",
    apply: (context) => Promise.resolve({ ...context, maxDurationMs: -1 }),
  },
};

export const durationChecks: readonly RestoreCheck<DurationContext>[] = [duration];

const inWords = ({ title, ms }: Phase): string => `${title}: ${formatDuration(ms)}`;

/** The longest first; with what lies between them they add up to `ms`. */
function partsOf(ms: number, phases: readonly Phase[]): Phase[] {
  const between = ms - phases.reduce((sum, phase) => sum + phase.ms, 0);
  const rest = between > 0 ? [{ title: "Between these parts", ms: between }] : [];
  return [...phases, ...rest].toSorted((a, b) => b.ms - a.ms);
}
