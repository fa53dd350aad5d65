/** Which notifications are sent about a backup and a prune that came to an end, and what they say. Pure. */

import { EXIT } from "../base/errors.ts";
import { formatCount } from "../base/numbers.ts";
import type { Finding, Verdict } from "../checks/result.ts";
import { VERDICT_WORD } from "../report/words.ts";
import { type Due, type Facts, makeFacts } from "./message.ts";

/** A backup that stored a set. */
interface EndedBackup {
  environment: string;
  /** `prod/20260630T155313Z` */
  set: string;
  verdict: Verdict;
  exit: number;
  /** Why it is no PASS, and what to do. */
  message?: string;
  hint?: string;
  /** What no earlier set and no drill has, and no person accepted. */
  newFindings: readonly Finding[];
  /** Whether the set before it was suspect. */
  afterSuspect: boolean;
  /** The first and the last line of a run on the lab. */
  banner?: string;
}

/**
 * The webhook is called after a backup that is no PASS, after one with new findings, and after the first good set that
 * follows a suspect one. That a backup failed before is not known: it left nothing. The dead man's switch is the drill's.
 */
export function dueAfterBackup(
  { verdict, exit, newFindings, afterSuspect }: Pick<
    EndedBackup,
    "verdict" | "exit" | "newFindings" | "afterSuspect"
  >,
): Due {
  const isDue = exit !== EXIT.interrupted && (verdict !== "pass" || newFindings.length > 0 || afterSuspect);
  return { webhook: isDue, alive: false };
}

/** The facts of a backup that stored a set. */
export function factsOfBackup(backup: EndedBackup): Facts {
  const { environment, set, verdict, message, hint, banner } = backup;
  const cause = verdict === "pass" ? goodCause(backup) : message ?? `the backup is ${VERDICT_WORD[verdict]}`;
  return makeFacts({
    verdict: VERDICT_WORD[verdict],
    verb: "backup",
    headline: `${set}: ${cause}`,
    cause: banner ? `${cause} (${banner})` : cause,
    environment,
    set,
    report: "none",
    hint: hint ?? "",
  });
}

function goodCause({ environment, newFindings: [first, ...others], afterSuspect }: EndedBackup): string {
  const state = afterSuspect
    ? "the backup is good again; the set before it is suspect"
    : "the backup is good";
  if (!first) return state;
  const count = formatCount(others.length + 1, "new fault");
  const more = others.length === 0 ? "" : `, and ${formatCount(others.length, "more fault")}`;
  return `${state}, but ${environment} has ${count}: ${first.sentence}${more}`;
}

/**
 * The webhook is called after the first prune that comes to its end after one that was cut short. That one was refused is not
 * known to the next: it left no record.
 */
export const dueAfterPrune = ({ afterCutShort }: { afterCutShort: boolean }): Due => ({
  webhook: afterCutShort,
  alive: false,
});

/** The facts of a prune that came to its end, while the one before had not. */
export const factsOfPrune = ({ environment }: { environment: string }): Facts => {
  const cause = "the prune came to its end; the one before was cut short";
  return makeFacts({
    verdict: VERDICT_WORD.pass,
    verb: "prune",
    headline: cause,
    cause,
    environment,
    set: "none",
    report: "none",
    hint: "",
  });
};

/** A message that is sent to see whether one arrives. */
export const factsOfTest = ({ environment }: { environment: string }): Facts => {
  const cause = "this is a test: messages about drills, backups and prunes arrive here";
  return makeFacts({
    verdict: "TEST",
    verb: "notify",
    headline: cause,
    cause,
    environment,
    set: "none",
    report: "none",
    hint: "Nothing is to be done.",
  });
};
