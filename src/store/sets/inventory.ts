/**
 * Everything that a store holds of one environment, told apart: sets with a manifest, sets of the shell script, what a
 * run or a prune has not finished. To mistake one for another would delete a company's old backups.
 */

import { DrillError } from "../../base/errors.ts";
import { isTimestamp } from "../../base/time.ts";
import { type Damage, readDamage } from "./damage.ts";
import { type Hold, readHolds } from "../records/holds.ts";
import { legacySets, listFingerprintFiles, lostManifests, signsOfOldJob } from "./legacy.ts";
import { listProofs, type Proof } from "../records/proofs.ts";
import { begunSets, type DroppedSet, type PruneRecord, readNewestPrune } from "../records/prunes.ts";
import { objectsOf } from "../records/runs.ts";
import {
  type AnySet,
  chooseSet,
  latestOf,
  listReadableSets,
  missingHalves,
  objectsOfSet,
  suspectOf,
} from "./sets.ts";
import type { ObjectInfo, Store } from "../store.ts";

export interface Inventory extends Damage {
  environment: string;
  /** Newest first; two of the same name cannot be. */
  sets: AnySet[];
  /** Every object below `db/` and `docs/` that has a name of ours or of the script's, as it is listed. */
  objects: ReadonlyMap<string, ObjectInfo>;
  /** By set, newest first. */
  proofs: ReadonlyMap<string, readonly Proof[]>;
  holds: ReadonlyMap<string, Hold>;
  /** Backups that are under way, or were cut off. */
  runs: string[];
  /** What the last prune set out to do. */
  lastPrune: PruneRecord | undefined;
  /** Signs that the shell script still runs, as sentences: its own pruning would delete objects that we name. */
  oldJob: string[];
  /**
   * What lies there and cannot be understood, as sentences: a manifest, a hold, the last prune. Nothing is deleted while
   * there is any; all else goes on without it, for one damaged file must not keep a good set from being restored.
   */
  unreadable: string[];
  /** Sets of ours whose manifest is gone, though their objects are there. */
  lost: string[];
}

/**
 * Reads what the store holds of `environment`. Manifests are read whole, of proofs only those that failed.
 * @throws DrillError `STORE_NEWER` when a newer version wrote a manifest.
 */
export async function readInventory(store: Store, environment: string, now = new Date()): Promise<Inventory> {
  const unreadable: string[] = [];
  const onUnreadable = (error: DrillError) => void unreadable.push(error.message);
  const newestPrune = () => readable(() => readNewestPrune(store, environment));
  // Objects before runs before manifests: a backup that ends meanwhile is seen at least in one of the three. Runs also
  // before the objects: what a backup that fails meanwhile removes is not taken for the script's.
  const [runsBefore, pruneBefore] = await Promise.all([
    listNames(store, `${environment}/runs/`, ".json"),
    newestPrune(),
  ]);
  const objects = await listObjects(store, environment);
  const runs = await listNames(store, `${environment}/runs/`, ".json");
  const [manifested, named, proofs, holds, last, marks] = await Promise.all([
    listReadableSets(store, environment, onUnreadable),
    listNames(store, `${environment}/manifests/`, ".json"),
    listProofs(store, environment),
    readHolds(store, environment, onUnreadable),
    newestPrune(),
    listFingerprintFiles(store, environment),
  ]);
  if (last instanceof DrillError) onUnreadable(last);
  const [lastPrune, before] = [last, pruneBefore].map((one) => one instanceof DrillError ? undefined : one);
  const claimed = new Set([
    ...manifested.flatMap(objectsOfSet).map(({ key }) => key),
    ...[...runsBefore, ...runs, ...named].flatMap((name) => objectsOf(environment, name)),
    ...droppedBy(lastPrune, before, named, objects).flatMap((dropped) => dropped.objects),
  ]);
  const loose = [...objects.values()].filter(({ key }) => !claimed.has(key));
  const sets = sorted([...manifested, ...legacySets(environment, loose)]);
  return {
    environment,
    sets,
    objects,
    proofs,
    ...await readDamage(store, proofs, sets),
    holds,
    runs,
    lastPrune,
    oldJob: signsOfOldJob(environment, { loose, marks, manifested }, now),
    unreadable,
    lost: lostManifests(environment, loose),
  };
}

/** What was read, or why it cannot be understood. */
async function readable<T>(read: () => Promise<T>): Promise<T | DrillError> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DrillError && error.code === "STORE_FORMAT") return error;
    throw error;
  }
}

/** The newest set without a flaw; where there is none, the newest that is at least not suspect, so that its flaw is told. */
export const latestIn = (inventory: Inventory): AnySet | undefined =>
  latestOf(inventory.sets.filter((set) => flawsOf(set, inventory).length === 0)) ?? latestOf(inventory.sets);

/** A set that was not chosen, though it is newer. */
export interface PassedOver {
  name: string;
  /** At least one. */
  flaws: string[];
}

/** The sets that are newer than `set` and no good ones, or cannot be read: why it, and not the newest, was chosen. */
export function passedOver(inventory: Inventory, set: AnySet): PassedOver[] {
  const flawed = inventory.sets.map((one) => ({ name: one.name, flaws: flawsOf(one, inventory) }));
  const unreadable = inventory.unreadable.flatMap((what) => {
    const name = /manifests\/(\d{8}T\d{6}Z)\.json/.exec(what)?.[1];
    return name === undefined ? [] : [{ name, flaws: [what] }];
  });
  return [...flawed, ...unreadable].filter(({ name, flaws }) => name > set.name && flaws.length > 0);
}

/**
 * The set that a person named: `latest`, `20260630T155313Z` or `prod/20260630T155313Z`.
 * @throws DrillError `NO_SET` when there is no good one, `STORE_FORMAT` where one cannot be read instead, `SET_UNKNOWN` when there is none of that name.
 */
export function findInInventory(inventory: Inventory, wanted: string, url: string): AnySet {
  const { environment } = inventory;
  if (wanted !== "latest" && wanted !== `${environment}/latest`) {
    return chooseSet(inventory.sets, { environment, wanted, url });
  }
  const latest = latestIn(inventory);
  const [first] = inventory.unreadable;
  if (!latest && first !== undefined) {
    throw new DrillError(
      "STORE_FORMAT",
      `Cannot find a good set of ${environment} in ${url}: ${first}`,
      `Look at it: dolibarr-drill list --env ${environment}. A new one: dolibarr-drill backup --env ${environment}`,
      { details: inventory.unreadable },
    );
  }
  return chooseSet(latest ? [latest] : inventory.sets, { environment, wanted: "latest", url });
}

/** Why a set is no good one: suspect, a half or an object missing, of another size, or found bad. Empty: good. */
export function flawsOf(
  set: AnySet,
  { objects, damaged, failed }: Pick<Inventory, "objects" | "damaged" | "failed">,
): string[] {
  const flaws = [...suspectOf(set), ...missingHalves(set)];
  for (const { key, bytes } of objectsOfSet(set)) {
    const there = objects.get(key);
    if (!there) flaws.push(`${key} is missing`);
    else if (there.bytes !== bytes) flaws.push(`${key} has ${there.bytes} bytes, recorded were ${bytes}`);
    const damage = damaged.get(key);
    if (damage) flaws.push(damage);
  }
  const failure = failed.get(set.name);
  if (failure && flaws.length === 0) flaws.push(failure); // else it is told already, and better
  return flaws;
}

/** The newest proof that passed. */
export const provedAt = (set: AnySet, { proofs }: Pick<Inventory, "proofs">): Proof | undefined =>
  proofs.get(set.name)?.find(({ verdict }) => verdict === "pass");

const sorted = (sets: AnySet[]): AnySet[] => sets.sort((a, b) => a.name < b.name ? 1 : -1);

/** What an interrupted prune had begun with, and what one deleted that ended while we looked. */
function droppedBy(
  last: PruneRecord | undefined,
  before: PruneRecord | undefined,
  manifests: readonly string[],
  objects: ReadonlyMap<string, ObjectInfo>,
): DroppedSet[] {
  if (last?.endedAt === undefined) {
    return begunSets(last, { manifested: new Set(manifests), has: (key) => objects.has(key) });
  }
  return last.at === before?.at && before.endedAt !== undefined ? [] : last.dropped;
}

async function listObjects(store: Store, environment: string): Promise<Map<string, ObjectInfo>> {
  const found = new Map<string, ObjectInfo>();
  for (const half of ["db", "docs"]) {
    for await (const info of store.list(`${environment}/${half}/`)) {
      const name = info.key.slice(info.key.lastIndexOf("/") + 1);
      const moment = name.replace(/\.(dump|tar\.gz|index\.json\.gz)$/, "");
      if (isTimestamp(moment) && objectsOf(environment, moment).includes(info.key)) found.set(info.key, info);
    }
  }
  return found;
}

async function listNames(store: Store, prefix: string, ending: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { key } of store.list(prefix)) {
    const name = key.slice(prefix.length);
    if (name.endsWith(ending) && isTimestamp(name.slice(0, -ending.length))) {
      names.push(name.slice(0, -ending.length));
    }
  }
  return names;
}
