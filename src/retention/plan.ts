/** Which sets are kept, which are dropped, and why; and why nothing may be dropped at all (docs/design.md, rule 5). Pure. */

import type { Duration } from "../config/durations.ts";
import { formatCount } from "../base/numbers.ts";
import { dayText, momentMs, startOf } from "./ages.ts";
import { type Dated, refusalsOf } from "./refusals.ts";
import type { RetentionSet } from "./sets.ts";

export interface RetentionPolicy {
  /** Every set of that age is kept. */
  daily: Duration;
  /** Of older ones one a month. */
  monthly: Duration;
  /** Of older ones one a year. */
  yearly: Duration;
}

interface Kept {
  set: string;
  /** `daily`, `monthly`, `yearly`, `newest`, `newest good`, `newest verified`, `held until ...`, `still has ...`: at least one. */
  reasons: string[];
}

interface Dropped {
  set: string;
  /** Which set stands for its month or year, or how old it is; then its problems. */
  reasons: string[];
  /** Those of its objects that no kept set names. */
  objects: string[];
}

export interface RetentionPlan {
  /** Newest first. */
  keep: Kept[];
  /** Newest first. */
  drop: Dropped[];
  /** Why prune must not act, whatever the plan. Empty: it may. */
  refusals: string[];
  /** What ages count from: the earlier of now and the newest good set. */
  countedFrom: Date;
}

interface RetentionQuestion {
  /** In any order. */
  sets: readonly RetentionSet[];
  policy: RetentionPolicy;
  now: Date;
}

/**
 * Puts each set into one of three classes: all of `daily` age, then one of each month, then one of each year. Then the guards, which win over the policy: the newest set, the newest good one, the newest verified one, what is
 * held, the newest set in which the subject of an open finding is right, what a kept set of the shell script needs.
 *
 * @returns the same for any order of `sets`.
 * @throws TypeError when a name is no timestamp.
 */
export function planRetention({ sets, policy, now }: RetentionQuestion): RetentionPlan {
  const candidates = newestFirst(sets);
  const newestGood = candidates.find(({ set }) => isGood(set));
  const countedFrom = new Date(Math.min(now.getTime(), newestGood?.ms ?? Infinity));

  const [daily, monthly, yearly] = [policy.daily, policy.monthly, policy.yearly]
    .map((duration) => startOf(duration, countedFrom)) as [number, number, number];
  const months: Shelf = { reason: "monthly", digits: 6, sets: [] };
  const years: Shelf = { reason: "yearly", digits: 4, sets: [] };
  for (const one of candidates) {
    if (one.ms >= daily) keep(one, "daily");
    else if (one.ms >= monthly) months.sets.push(one);
    else if (one.ms >= yearly) years.sets.push(one);
    else one.dropped = `older than ${policy.yearly.amount}${policy.yearly.unit}`;
  }
  letOneStandForEach(months);
  letOneStandForEach(years);

  keep(candidates[0], "newest");
  keep(newestGood, "newest good");
  // Both, where they differ: a set that was verified and is damaged now may hold something that no other set holds.
  const newestVerified = candidates.find(({ set }) => set.verified);
  keep(newestVerified, "newest verified");
  const goodVerified = candidates.find(({ set }) => set.verified && isGood(set));
  if (goodVerified !== newestVerified) keep(goodVerified, "newest verified good");
  for (const one of candidates) {
    const { hold } = one.set;
    if (hold && now.getTime() <= hold.until.getTime()) {
      keep(one, `held until ${dayText(hold.until)}: ${hold.reason}`);
    }
    for (const reason of stillHasReasons(one.set.stillHas ?? [])) keep(one, reason);
  }

  const needed = new Set<string>();
  const isNeeded = (key: string) => needed.has(key);
  for (const one of candidates) { // newest first: a set of the script needs older objects, never newer ones
    const { set } = one;
    if (!one.kept && set.kind === "legacy" && ownObjects(set).some(isNeeded)) {
      keep(one, "a kept set needs half of it");
    }
    if (one.kept) { for (const key of set.objects) needed.add(key); }
  }

  return {
    keep: candidates.flatMap(({ set, kept }) => kept ? [{ set: set.name, reasons: kept }] : []),
    drop: candidates.filter(({ kept }) => !kept).map(({ set, dropped }) => ({
      set: set.name,
      reasons: [dropped, ...set.problems],
      objects: set.objects.filter((key) => !isNeeded(key)),
    })),
    refusals: refusalsOf(candidates, now, daily),
    countedFrom,
  };
}

/** A set that is being decided on. */
interface Candidate extends Dated {
  /** Why it is kept; undefined: it is dropped. */
  kept: string[] | undefined;
  /** Why it would be dropped. */
  dropped: string;
}

/** Sets of which one is kept for each month or year, which is the beginning of their names: so many digits. */
interface Shelf {
  reason: string;
  digits: number;
  sets: Candidate[];
}

function newestFirst(sets: readonly RetentionSet[]): Candidate[] {
  const candidates = sets.map((set): Candidate => ({
    set,
    ms: momentMs(set.name),
    kept: undefined,
    dropped: "",
  }));
  return candidates.sort((a, b) => b.ms - a.ms || (a.set.kind < b.set.kind ? -1 : 1));
}

function keep(one: Candidate | undefined, reason: string): void {
  if (one?.kept) one.kept.push(reason);
  else if (one) one.kept = [reason];
}

/** More subjects than that are one reason. */
const SUBJECTS_NAMED = 3;

/** Why a set is kept in which the subjects of open findings are right. */
function stillHasReasons(subjects: readonly string[]): string[] {
  if (subjects.length <= SUBJECTS_NAMED) return subjects.map((subject) => `still has ${subject}`);
  return [`still has ${subjects[0]} and ${formatCount(subjects.length - 1, "other")}`];
}

const isGood = (set: RetentionSet): boolean => set.problems.length === 0;

/** Keeps the best of each month or year, and says of the others which one stands for them. */
function letOneStandForEach({ reason, digits, sets }: Shelf): void {
  for (let first = 0, end = 0; first < sets.length; first = end) {
    const period = sets[first]!.set.name.slice(0, digits);
    while (sets[end]?.set.name.startsWith(period)) end++;
    const best = bestOf(sets.slice(first, end));
    const dropped = `${best.set.name} stands for ${period.replace(/(?<=^.{4})(?=.)/, "-")}`;
    for (let at = first; at < end; at++) sets[at]!.dropped = dropped;
    keep(best, reason);
  }
}

/**
 * The newest of the best: a good set before one with problems, one in which nothing was found before one with open findings,
 * a scheduled one before one taken before a restore.
 */
function bestOf(sets: readonly Candidate[]): Candidate {
  return sets.reduce((best, one) => rankOf(one.set) < rankOf(best.set) ? one : best);
}

const rankOf = (set: RetentionSet): number =>
  (isGood(set) ? 0 : 4) + (set.hasOpenFindings ? 2 : 0) + (set.kind === "before-restore" ? 1 : 0);

/**
 * The objects that are named after the set. A set of the shell script is nothing but these and the newest other half at
 * that time: if one of them were deleted and the other left, that one would be paired with an older half, and would look
 * like a set that never existed.
 */
const ownObjects = (set: RetentionSet): string[] =>
  set.objects.filter((key) => key.includes(`/${set.name}.`));
