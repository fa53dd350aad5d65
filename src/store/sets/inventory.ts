/**
 * Everything that a store holds of one environment, told apart: sets with a manifest, sets of the shell script, what a
 * run or a prune has not finished. To mistake one for another would delete a company's old backups.
 */

import { listKeys, listMoments, objectKeysOf, parseKey } from "../keys.ts";
import { readAcceptedSets } from "../records/accepted_sets.ts";
import { type Hold, readHolds } from "../records/holds.ts";
import { listProofs, type Proof } from "../records/proofs.ts";
import {
  type DroppedSet,
  missingSets,
  partlyDeletedSets,
  type PruneRecord,
  readNewestPrune,
  readPrunesSince,
} from "../records/prunes.ts";
import { readNewestRoster, type Roster, type Vanished, vanishedSince } from "../records/rosters.ts";
import { checkRuns } from "../records/runs.ts";
import type { UnreadableRecord } from "../records/stored_record.ts";
import type { ObjectInfo, Store } from "../store.ts";
import { type Damage, readDamage } from "./damage.ts";
import { legacySets, listFingerprintFiles, lostManifests, signsOfOldJob } from "./legacy.ts";
import {
  type AnySet,
  type BackupSet,
  isLegacy,
  missingHalves,
  objectsOfSet,
  readSets,
  suspectOf,
  withAccepted,
} from "./sets.ts";
import { formatCount, formatNumber } from "../../base/numbers.ts";

export interface Inventory extends Damage {
  environment: string;
  /** Newest first; two of the same name cannot be. */
  sets: AnySet[];
  /** Every object below `db/` and `docs/` that has a name of ours or of the script's, as it is listed. */
  objects: ReadonlyMap<string, ObjectInfo>;
  holds: ReadonlyMap<string, Hold>;
  /** The names of backups that are running, or were interrupted. */
  runs: string[];
  /** What the last prune was going to do. */
  lastPrune: PruneRecord | undefined;
  /** Signs that the shell script still runs, as sentences: its own pruning would delete objects that we name. */
  oldJob: string[];
  /**
   * What lies there and cannot be understood: a damaged manifest; a hold, an accepted set, a run, the last prune, a proof that decides on a
   * set, each damaged or of a newer version. Nothing is deleted while there is any; everything else goes on without it, for
   * one damaged file must not keep a good set from being restored.
   */
  unreadable: UnreadableRecord[];
  /** Sets of ours whose manifest is gone, though their objects are there. */
  lost: string[];
  /** The hash of each manifest that lies there, by set; null where it cannot be read. */
  manifests: ReadonlyMap<string, string | null>;
  /** The newest list of the sets that there were, and what of it is not there any more as it was, without a prune. */
  roster: Roster | undefined;
  vanished: Vanished;
  /** The sets whose register lies there. */
  registers: ReadonlySet<string>;
}

/**
 * Reads what the store holds of `environment`. Manifests are read whole, of proofs only those that failed, and those that
 * clear what they found.
 * @throws DrillError `STORE_NEWER` when a newer version wrote a manifest.
 */
export async function readInventory(store: Store, environment: string, now = new Date()): Promise<Inventory> {
  const unreadable: UnreadableRecord[] = [];
  const onUnreadable = (record: UnreadableRecord) => void unreadable.push(record);
  // Objects before runs before manifests: a backup that ends meanwhile is seen at least in one of the three. Runs also
  // before the objects: what a backup that fails meanwhile removes is not taken for the script's.
  // The roster before the manifests, and the prunes after them: what ends meanwhile does not count as vanished.
  const [runsBefore, pruneBefore, roster] = await Promise.all([
    listMoments(store, environment, "runs"),
    readNewestPrune(store, environment, () => {}), // it is read once more below
    readNewestRoster(store, environment, onUnreadable),
  ]);
  const objects = await listObjects(store, environment);
  const runs = await listMoments(store, environment, "runs");
  const [plain, named, proofs, holds, accepted, lastPrune, marks] = await Promise.all([
    readSets(store, environment, onUnreadable),
    listMoments(store, environment, "manifests"),
    listProofs(store, environment),
    readHolds(store, environment, onUnreadable),
    readAcceptedSets(store, environment, onUnreadable),
    readNewestPrune(store, environment, onUnreadable),
    listFingerprintFiles(store, environment),
    checkRuns(store, environment, runs, onUnreadable),
  ]);
  const manifested = withAccepted(plain, accepted);
  const manifests = hashesOf(manifested, named);
  const registers = new Set(await listMoments(store, environment, "registers"));
  const prunes = await readPrunesSince(store, environment, roster?.at);
  const claimed = new Set([
    ...manifested.flatMap(objectsOfSet).map(({ key }) => key),
    ...[...runsBefore, ...runs, ...named].flatMap((name) => objectKeysOf(environment, name)),
    ...droppedBy(lastPrune, pruneBefore, named, objects).flatMap((dropped) => dropped.objects),
  ]);
  const loose = [...objects.values()].filter(({ key }) => !claimed.has(key));
  const sets = newestFirst([...manifested, ...legacySets(environment, loose)]);
  return {
    environment,
    sets,
    objects,
    ...await readDamage(store, proofs, sets, onUnreadable),
    holds,
    runs,
    lastPrune,
    oldJob: signsOfOldJob(environment, { loose, marks, manifested }, now),
    unreadable,
    lost: lostManifests(environment, loose),
    manifests,
    roster,
    vanished: vanishedSince(roster, manifests, prunes, registers),
    registers,
  };
}

function hashesOf(sets: readonly BackupSet[], named: readonly string[]): Map<string, string | null> {
  const hashes = new Map<string, string | null>(named.map((name) => [name, null]));
  for (const { name, manifestHash } of sets) {
    if (manifestHash !== undefined) hashes.set(name, manifestHash);
  }
  return hashes;
}

/** Why a set is not a good one: suspect, a half or an object missing, of another size, or found bad. Empty: it is good. */
export const problemsOf = (set: AnySet, inventory: KnownDamage): string[] => [
  ...suspectOf(set),
  ...damagesOf(set, inventory, suspectOf(set).length > 0),
];

type KnownDamage = Pick<Inventory, "objects" | "damaged" | "failed">;

/**
 * Why what a set holds cannot be brought back, whatever its state looked like.
 * @param causeIsKnown whether that a proof failed has its cause elsewhere, and is not told again.
 */
export function damagesOf(
  set: AnySet,
  { objects, damaged, failed }: KnownDamage,
  causeIsKnown = false,
): string[] {
  const problems = missingHalves(set);
  for (const { key, bytes } of objectsOfSet(set)) {
    const there = objects.get(key);
    if (!there) problems.push(`${key} is missing`);
    else if (there.bytes !== bytes) {
      problems.push(`${key} has ${formatCount(there.bytes, "byte")}, recorded were ${formatNumber(bytes)}`);
    }
    const damage = damaged.get(key);
    if (damage) problems.push(damage);
  }
  const failure = failed.get(set.name);
  if (failure && problems.length === 0 && !causeIsKnown) problems.push(failure); // else its cause is listed already
  return problems;
}

/** The newest proof that passed. */
export const provedAt = (set: AnySet, { proofs }: Pick<Inventory, "proofs">): Proof | undefined =>
  proofs.get(set.name)?.find(({ verdict }) => verdict === "pass");

const newestFirst = (sets: AnySet[]): AnySet[] => sets.sort((a, b) => a.name < b.name ? 1 : -1);

/** What an interrupted prune deleted in part, and what one deleted that ended while the store was being read. */
function droppedBy(
  last: PruneRecord | undefined,
  before: PruneRecord | undefined,
  manifests: readonly string[],
  objects: ReadonlyMap<string, ObjectInfo>,
): DroppedSet[] {
  if (last?.endedAt === undefined) {
    return partlyDeletedSets(last, { manifested: new Set(manifests), has: (key) => objects.has(key) });
  }
  return last.at === before?.at && before.endedAt !== undefined ? [] : last.dropped;
}

async function listObjects(store: Store, environment: string): Promise<Map<string, ObjectInfo>> {
  const found = new Map<string, ObjectInfo>();
  for (const half of ["db", "docs"] as const) {
    for await (const { key, bytes, modified } of listKeys(store, environment, half)) {
      found.set(key, { key, bytes, modified });
    }
  }
  return found;
}

/** What vanished without a prune, and how many sets were recorded. Pure. */
export const vanishedIn = (inventory: Inventory): Vanished & { listed: number } => ({
  listed: inventory.roster?.sets.length ?? 0,
  missing: missingIn(inventory),
  exchanged: inventory.vanished.exchanged,
  ...(inventory.vanished.unreadable ? { unreadable: inventory.vanished.unreadable } : {}),
  ...(inventory.vanished.registers ? { registers: inventory.vanished.registers } : {}),
});

/** Every set that is gone although no prune dropped it, by the last prune and by the newest roster; oldest first. Pure. */
export function missingIn(inventory: Inventory): string[] {
  const sinceThePrune = missingSets(inventory.lastPrune, namesThere(inventory));
  return [...new Set([...sinceThePrune, ...inventory.vanished.missing])].sort();
}

/** The names of the sets that are there, those included whose manifest lies there and cannot be read: for `missingSets`. Pure. */
function namesThere(
  { environment, sets, unreadable }: Pick<Inventory, "environment" | "sets" | "unreadable">,
): { names: string[]; manifested: string[] } {
  const damaged = unreadable.flatMap(({ key }) => {
    const parsed = parseKey(environment, key);
    return parsed?.folder === "manifests" ? [parsed.name] : [];
  });
  return {
    names: [...sets.map(({ name }) => name), ...damaged],
    manifested: [...sets.filter((set) => !isLegacy(set)).map(({ name }) => name), ...damaged],
  };
}
