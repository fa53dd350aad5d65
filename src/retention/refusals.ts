/** When a prune must not act at all: the sets show that a clock is wrong, or that backups have stopped. Pure. */

import { timestampOf } from "../base/time.ts";
import { DAY_MS } from "./ages.ts";
import type { RetentionSet } from "./sets.ts";

/** A set, and its moment in ms since the epoch. */
export interface Dated {
  set: RetentionSet;
  ms: number;
}

/** If there is no good set for that long something is wrong, and nothing must be deleted. */
const STALE_DAYS = 7;
/** If good sets start again after such a gap, backups had stopped, or a clock jumped: ages are then not to be trusted. */
const SILENCE_DAYS = 31;
/** Clocks of two machines are never quite the same. */
const NAME_SKEW_MS = 5 * 60_000;

/**
 * The reasons, as sentences that say what to do.
 * @param candidates newest first.
 * @param allKeptSince in ms: among older sets there are gaps by design.
 */
export function refusalsOf(
  candidates: readonly Dated[],
  now: Date,
  allKeptSince: number,
): string[] {
  const ms = now.getTime();
  const refusals: string[] = [];
  const firstNow = candidates.findIndex((one) => one.ms <= ms + NAME_SKEW_MS);
  const future = firstNow === -1 ? candidates : candidates.slice(0, firstNow);
  const newest = future[0];
  if (newest) {
    const subject = future.length === 1
      ? `${newest.set.name} is`
      : `${newest.set.name} and ${future.length - 1} more are`;
    refusals.push(
      `${subject} in the future, here it is ${timestampOf(now)}: ` +
        "set the clock right, here or where it was made; a set with a wrong name must be removed by hand",
    );
  }
  const newestGood = candidates.find((one) => one.ms <= ms + NAME_SKEW_MS && isGood(one));
  if (!newestGood) {
    refusals.push("there is no good set: find out why, and take one");
    return refusals;
  }
  const stale = staleness(newestGood, candidates, ms);
  if (stale) refusals.push(stale);
  const silence = silenceBefore(newestGood, candidates, allKeptSince);
  if (silence) {
    refusals.push(
      `there is no good set between ${silence.before} and ${silence.after}, ${silence.days} days: backups had stopped, ` +
        `or a clock jumped; check the clock, and prune again when there are good sets of ${STALE_DAYS} days after it`,
    );
  }
  return refusals;
}

/** Counted from when both halves were last read: by its name alone a set of `backup --half` would be fresh for ever. */
function staleness(newestGood: Dated, candidates: readonly Dated[], now: number): string | undefined {
  let seen = -Infinity;
  for (const one of candidates) {
    if (one.ms <= newestGood.ms && isGood(one)) seen = Math.max(seen, one.set.seen.getTime());
  }
  if (now - seen <= STALE_DAYS * DAY_MS) return undefined;
  const days = (since: number) => Math.floor((now - since) / DAY_MS);
  const { name } = newestGood.set;
  return now - newestGood.ms > STALE_DAYS * DAY_MS
    ? `the newest good set, ${name}, is ${days(newestGood.ms)} days old, more than ${STALE_DAYS}: ` +
      "backups have stopped or have become suspect; find out why and take a good one"
    : `no good set of the last ${STALE_DAYS} days has two halves of these days: the half that ${name} took over ` +
      `unread is ${days(seen)} days old; take a backup without --half`;
}

const isGood = ({ set }: Dated): boolean => set.problems.length === 0;

/** A long gap that ended less than a week before `newest`; the very first set has none before it. */
function silenceBefore(
  newest: Dated,
  candidates: readonly Dated[],
  allKeptSince: number,
): { before: string; after: string; days: number } | undefined {
  let after = newest;
  for (const before of candidates) {
    if (before.ms > newest.ms || !isGood(before)) continue;
    const days = Math.floor((after.ms - before.ms) / DAY_MS);
    if (days > SILENCE_DAYS) return { before: before.set.name, after: after.set.name, days };
    after = before;
    if (newest.ms - after.ms >= STALE_DAYS * DAY_MS || after.ms < allKeptSince) return undefined;
  }
  return undefined;
}
