/** What is wrong with an ERP now, since when, and where it is still right: read from the store, without restoring anything. */

import { type Acceptances, readAcceptances } from "../../store/records/acceptances.ts";
import type { StoredDrill } from "../../store/records/drill_schema.ts";
import { listDrills, readDrills } from "../../store/records/drills.ts";
import type { OnUnreadable } from "../../store/records/stored_record.ts";
import type { Inventory } from "../../store/sets/inventory.ts";
import type { Store } from "../../store/store.ts";
import type { Finding } from "../result.ts";
import { readAlready } from "./earlier_drills.ts";
import { type EarlierSets, readHistories, usableSets } from "./earlier_sets.ts";
import {
  backupFindingsOf,
  isForOthers,
  partsOfId,
  type StandingFinding,
  standingFindings,
} from "./ledger.ts";
import { isOpen } from "./judge.ts";
import { findingsOfSets } from "./of_sets.ts";

interface StandingOptions {
  /** Every one that was read, newest first. A finding that only an older one tells of is not known. */
  drills: readonly StoredDrill[];
  now: Date;
  onUnreadable: OnUnreadable;
}

/**
 * Every finding that stands now, open or accepted, with its history. What the drill or the backup that found it recorded of
 * that is believed while the set in which it is right is there and not damaged; else the history is found out anew.
 * @throws what the store fails with.
 */
export const readStanding = async (earlier: EarlierSets, options: StandingOptions): Promise<Finding[]> =>
  (await readStandingAndFound(earlier, options)).findings;

/** The same, and what was found in each set, by its name: what retention decides by. */
export async function readStandingAndFound(
  earlier: EarlierSets,
  { drills, now, onUnreadable }: StandingOptions,
): Promise<{ findings: Finding[]; found: Map<string, Finding[]> }> {
  const { store, inventory } = earlier;
  const { environment, sets } = inventory;
  const acceptances = await readAcceptances(store, environment, onUnreadable);
  const own = drills.filter(({ from }) => from === environment);
  return {
    findings: await withHistories(standingIn(inventory, { drills, acceptances, now }), earlier),
    found: findingsOfSets({ sets, drills: own, acceptances, now }),
  };
}

/** Reads every drill of the environment, and what stands by them: see `readStanding`. */
export async function readFindings(
  store: Store,
  inventory: Inventory,
  { cache, signal, ...options }: Pick<EarlierSets, "cache" | "signal"> & Omit<StandingOptions, "drills">,
): Promise<Finding[]> {
  const listed = await listDrills(store, inventory.environment);
  const drills = (await readDrills(store, listed, options.onUnreadable)).map(({ found }) => found);
  const earlier = { store, inventory, drills: readAlready(drills), signal, ...(cache ? { cache } : {}) };
  return await readStanding(earlier, { ...options, drills });
}

/** Each finding with a history that holds now. */
async function withHistories(
  found: readonly StandingFinding[],
  earlier: EarlierSets,
): Promise<Finding[]> {
  const isUsable = usableSets(earlier.inventory);
  const isKnown = ({ finding: { history } }: StandingFinding) =>
    history !== undefined && (history.stillRightIn === undefined || isUsable(history.stillRightIn));
  const unknown = Map.groupBy(found.filter((one) => !isKnown(one)), ({ set }) => set);
  const histories = new Map<string, Finding["history"]>();
  for (const [set, ones] of unknown) {
    const read = await readHistories(ones.map(({ finding }) => finding), set, earlier);
    for (const [id, history] of read) histories.set(id, history);
  }
  return found.map(({ finding }) => {
    const anew = histories.get(finding.id);
    if (!anew) return finding;
    // since when it is there was known better while more sets were: that an older one is gone does not make it younger
    const since = finding.history && finding.history.since < anew.since ? finding.history.since : anew.since;
    return { ...finding, history: { ...anew, since } };
  });
}

/**
 * What open findings are about, by the newest set in which it is still right. A finding that stands for others which are not
 * listed keeps the set in which these are right, too. Pure.
 */
export function stillRight(findings: readonly Finding[]): Map<string, string[]> {
  const subjects = new Map<string, Set<string>>();
  for (const { id, subject, history } of findings.filter(isOpen)) {
    const set = history?.stillRightIn;
    const { check, kind } = partsOfId(id);
    const what = isForOthers(kind) ? `what ${check} compares` : subject;
    if (set !== undefined) subjects.set(set, (subjects.get(set) ?? new Set()).add(what));
  }
  return new Map([...subjects].map(([set, of]) => [set, [...of]]));
}

/** The findings that stand now, as the drills and the backups recorded them. Pure. */
export const standingIn = (
  { environment, sets }: Inventory,
  { drills, acceptances, now }: { drills: readonly StoredDrill[]; acceptances: Acceptances; now: Date },
): StandingFinding[] =>
  standingFindings({
    drills: drills.filter(({ from }) => from === environment),
    backups: sets.flatMap((set) => backupFindingsOf(set) ?? []),
    acceptances,
    now,
  });
