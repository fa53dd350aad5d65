/** Adds to what a drill found since when it is so, where it is still right, and what of the accepted is mended. */

import { messageOf } from "../../base/errors.ts";
import { formatCount } from "../../base/numbers.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { type EarlierDrills, earlierDrills } from "../../checks/findings/earlier_drills.ts";
import { readHistories } from "../../checks/findings/earlier_sets.ts";
import { findingsOf } from "../../checks/findings/judge.ts";
import { type LookedBefore, lookedBeforeIn } from "../../checks/findings/looked_before.ts";
import { isEnough, type Looked, mendedFindings } from "../../checks/findings/mended.ts";
import type { Finding, Level } from "../../checks/result.ts";
import type { StoredDrill } from "../../store/records/drill_schema.ts";
import type { IndexCache } from "../../store/sets/index_cache.ts";
import type { Inventory } from "../../store/sets/inventory.ts";
import type { AnySet } from "../../store/sets/sets.ts";
import type { Store } from "../../store/store.ts";
import type { DrillRecord } from "./record.ts";

/** The set that was drilled, and where the earlier ones are. */
interface Drilled {
  set: AnySet;
  store: Store;
  /** As it was when the drill began. */
  inventory: Inventory;
}

interface HistoryOptions {
  level: Level;
  indexCache?: IndexCache;
  reporter: Reporter;
  signal: AbortSignal;
}

/**
 * Reads what earlier sets and drills say of what the drill found. Where the store fails, or a record there cannot be
 * understood, that is a warning: the verdict does not depend on it.
 * @throws only when interrupted.
 */
export async function addHistories(
  record: DrillRecord,
  { set, store, inventory }: Drilled,
  { level, indexCache, reporter, signal }: HistoryOptions,
): Promise<void> {
  const { results: checks, acceptances } = record.checks;
  const findings = findingsOf(checks);
  if (findings.length === 0 && acceptances.size === 0) return;
  try {
    using step = reporter.step("What earlier sets say of the findings");
    const drills = await earlierDrills(store, set.environment, ({ error }) => reporter.warn(error.message));
    const earlier = { store, inventory, drills, signal, ...(indexCache ? { cache: indexCache } : {}) };
    const histories = await readHistories(findings, set.name, earlier);
    const looked = { set: `${set.environment}/${set.name}`, level, checks, acceptances, now: new Date() };
    record.findingsTraced(histories, await readMended(drills, looked));
    step.end(formatCount(findings.length, "finding"));
  } catch (error) {
    signal.throwIfAborted();
    reporter.warn(`Since when each finding is there could not be found out: ${messageOf(error)}`);
  }
}

/**
 * What each check looked at in the drills before. Where the store fails that is a warning: every other check is as it was.
 * @param set the one that is drilled now
 */
export async function readLookedBefore(
  { environment, name }: AnySet,
  store: Store,
  reporter: Reporter,
): Promise<Map<string, LookedBefore>> {
  try {
    const drills = await earlierDrills(store, environment, ({ error }) => reporter.warn(error.message));
    return lookedBeforeIn(await drills.newest(DRILLS_COMPARED), `${environment}/${name}`);
  } catch (error) {
    reporter.warn(`What earlier drills looked at could not be read: ${messageOf(error)}`);
    return new Map();
  }
}

/** How many drills tell what was looked at: a check may have been out of reach for some nights. */
const DRILLS_COMPARED = 16;

/** How many drills are read at most. */
const DRILLS_READ = 64;

async function readMended(drills: EarlierDrills, looked: Looked): Promise<Finding[]> {
  if (looked.acceptances.size === 0) return [];
  let earlier: readonly StoredDrill[] = [];
  for (let count = 1; count <= DRILLS_READ && !isEnough(earlier, looked); count *= 4) {
    earlier = await drills.newest(count);
  }
  return mendedFindings(earlier, looked);
}
