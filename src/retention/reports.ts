/** Which reports of drills are kept, and why. Pure. */

import { HISTORY_DRILLS } from "../report/history.ts";
import { DAY_MS } from "./ages.ts";

/** A drill's record and page, reduced to what retention decides by. */
export interface DrillReport {
  /** When the drill began. */
  at: Date;
  /** The keys of its record and of its page, where they are there. */
  json?: string;
  html?: string;
  /**
   * The set that was drilled, `20260630T155313Z`; null where the drill chose none; undefined where the record cannot be
   * understood.
   */
  set?: string | null;
  /** The subject of a finding that stands now, and that no newer drill or backup tells of. */
  tells?: string;
}

interface KeptReport {
  key: string;
  reason: string;
}

interface ReportPlan {
  /** Newest first. */
  keep: KeptReport[];
  /** Newest first. */
  drop: KeptReport[];
}

/** A page is kept for a year, and a day more for leap years. */
const PAGE_LIVES_MS = 366 * DAY_MS;

/**
 * A page is kept for a year, a record for as long as the set of its drill, or while it alone tells of a finding that stands.
 * The newest of both always stays, and what cannot be understood is never deleted.
 *
 * @param sets the names of the sets that stay.
 * @param now what ages count from: the earlier of now and the newest good set (docs/design.md, rule 5).
 */
export function planReports(
  drills: readonly DrillReport[],
  sets: ReadonlySet<string>,
  now: Date,
): ReportPlan {
  const plan: ReportPlan = { keep: [], drop: [] };
  const newestFirst = [...drills].sort((a, b) => b.at.getTime() - a.at.getTime());
  let [records, pages] = [0, 0];
  for (const drill of newestFirst) {
    const old = now.getTime() - drill.at.getTime() > PAGE_LIVES_MS;
    if (drill.json !== undefined) {
      const [keeps, reason] = recordVerdict(drill, sets, records++, old);
      plan[keeps ? "keep" : "drop"].push({ key: drill.json, reason });
    }
    if (drill.html !== undefined) {
      const newest = pages++ === 0;
      const reason = newest ? "the newest page" : old ? "older than a year" : "younger than a year";
      plan[newest || !old ? "keep" : "drop"].push({ key: drill.html, reason });
    }
  }
  return plan;
}

function recordVerdict(
  { set, tells }: DrillReport,
  sets: ReadonlySet<string>,
  newer: number,
  old: boolean,
): [keeps: boolean, reason: string] {
  if (newer < HISTORY_DRILLS) return [true, "one of the drills that the trend is made of"];
  if (set === undefined) return [true, "it cannot be understood"];
  if (tells !== undefined) return [true, `it is the newest that tells of ${tells}`];
  if (set === null) {
    return old ? [false, "a drill without a set, older than a year"] : [true, "younger than a year"];
  }
  return sets.has(set) ? [true, `${set} is there`] : [false, `${set} is gone`];
}
