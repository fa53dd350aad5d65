/**
 * Everything that a store holds of one environment, told apart: sets with a manifest, sets of the shell script, what a
 * run or a prune has not finished. To mistake one for another would delete a company's old backups.
 */

import { isTimestamp, momentOf } from "../base/time.ts";
import { type Hold, readHolds } from "./holds.ts";
import { listProofs, type Proof, readProof } from "./proofs.ts";
import { begunSets, type DroppedSet, type PruneRecord, readNewestPrune } from "./prunes.ts";
import { objectsOf } from "./runs.ts";
import {
  type AnySet,
  type BackupSet,
  type LegacyObject,
  type LegacySet,
  listSets,
  missingHalves,
  objectsOfSet,
  suspectOf,
} from "./sets.ts";
import type { ObjectInfo, Store } from "./store.ts";

export interface Catalogue {
  environment: string;
  /** Newest first; two of the same name cannot be. */
  sets: AnySet[];
  /** Every object below `db/` and `docs/` that has a name of ours or of the script's, as it is listed. */
  objects: ReadonlyMap<string, ObjectInfo>;
  /** By set, newest first. */
  proofs: ReadonlyMap<string, readonly Proof[]>;
  /** Objects that a proof found damaged, and none found sound since: why, by key. */
  damaged: ReadonlyMap<string, string>;
  /** Objects that any proof ever found damaged. */
  everDamaged: ReadonlySet<string>;
  /** Sets whose newest proof failed: why, by set. */
  failed: ReadonlyMap<string, string>;
  holds: ReadonlyMap<string, Hold>;
  /** Backups that are under way, or were cut off. */
  runs: string[];
  /** What the last prune set out to do. */
  lastPrune: PruneRecord | undefined;
  /** Signs that the shell script still runs, as sentences: its own pruning would delete objects that we name. */
  oldJob: string[];
}

/**
 * Reads what the store holds of `environment`. Manifests are read whole, of proofs only those that failed.
 * @throws DrillError `STORE_FORMAT` when a manifest, a hold or the last prune cannot be understood.
 */
export async function readCatalogue(store: Store, environment: string): Promise<Catalogue> {
  // Objects before runs before manifests: a backup that ends meanwhile is seen at least in one of the three. Runs also
  // before the objects: what a backup that fails meanwhile removes is not taken for the script's.
  const [runsBefore, pruneBefore] = await Promise.all([
    listNames(store, `${environment}/runs/`, ".json"),
    readNewestPrune(store, environment),
  ]);
  const objects = await listObjects(store, environment);
  const runs = await listNames(store, `${environment}/runs/`, ".json");
  const [manifested, proofs, holds, lastPrune, marks] = await Promise.all([
    listSets(store, environment),
    listProofs(store, environment),
    readHolds(store, environment),
    readNewestPrune(store, environment),
    listMarks(store, environment),
  ]);
  const claimed = new Set([
    ...manifested.flatMap(objectsOfSet).map(({ key }) => key),
    ...[...runsBefore, ...runs].flatMap((run) => objectsOf(environment, run)),
    ...droppedBy(lastPrune, pruneBefore, manifested, objects).flatMap((dropped) => dropped.objects),
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
    oldJob: signsOfOldJob(environment, loose, marks, manifested),
  };
}

/**
 * The sets of the shell script: at each moment at which it wrote a half, that half and the newest other one. `loose` are
 * the objects that nothing of ours names. Pure.
 */
export function legacySets(environment: string, loose: readonly LegacyObject[]): LegacySet[] {
  const halves = { db: new Map<string, LegacyObject>(), docs: new Map<string, LegacyObject>() };
  for (const { key, bytes } of loose) {
    const half = halfOf(environment, key);
    if (half) halves[half.half].set(half.moment, { key, bytes });
  }
  const moments = [...new Set([...halves.db.keys(), ...halves.docs.keys()])].sort();
  const newest: LegacySet["legacy"] = {};
  return moments.map((name) => {
    for (const half of ["db", "docs"] as const) {
      const object = halves[half].get(name);
      if (object) newest[half] = object;
    }
    return { name, environment, legacy: { ...newest } };
  });
}

/** Why a set is no good one: suspect, a half or an object missing, of another size, or found bad. Empty: good. */
export function flawsOf(
  set: AnySet,
  { objects, damaged, failed }: Pick<Catalogue, "objects" | "damaged" | "failed">,
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
export const provedAt = (set: AnySet, { proofs }: Pick<Catalogue, "proofs">): Proof | undefined =>
  proofs.get(set.name)?.find(({ verdict }) => verdict === "pass");

const sorted = (sets: AnySet[]): AnySet[] => sets.sort((a, b) => a.name < b.name ? 1 : -1);

/** Which half, and of which moment, a key is of: exactly the forms that the script used, and we. */
function halfOf(environment: string, key: string): { half: "db" | "docs"; moment: string } | undefined {
  for (const [half, ending] of [["db", ".dump"], ["docs", ".tar.gz"]] as const) {
    const prefix = `${environment}/${half}/`;
    if (!key.startsWith(prefix) || !key.endsWith(ending)) continue;
    const moment = key.slice(prefix.length, -ending.length);
    if (isTimestamp(moment)) return { half, moment };
  }
  return undefined;
}

/** What an interrupted prune had begun with, and what one deleted that ended while we looked. */
function droppedBy(
  last: PruneRecord | undefined,
  before: PruneRecord | undefined,
  manifested: readonly BackupSet[],
  objects: ReadonlyMap<string, ObjectInfo>,
): DroppedSet[] {
  if (last?.endedAt === undefined) {
    const names = new Set(manifested.map(({ name }) => name));
    return begunSets(last, { manifested: names, has: (key) => objects.has(key) });
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

/** The script's own notes of what it last uploaded. */
async function listMarks(store: Store, environment: string): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  for (const folder of ["", "db/", "docs/"]) {
    for await (const info of store.list(`${environment}/${folder}.fp-`)) found.push(info);
  }
  return found;
}

function signsOfOldJob(
  environment: string,
  loose: readonly ObjectInfo[],
  marks: readonly ObjectInfo[],
  manifested: readonly BackupSet[],
): string[] {
  const first = manifested.at(-1);
  if (!first) return [];
  const since = momentOf(first.name)!;
  return [
    ...loose.filter(({ key }) => (halfOf(environment, key)?.moment ?? "") > first.name)
      .map(({ key }) => `${key} is newer than our first set ${first.name}, and no manifest names it`),
    ...marks.filter(({ modified }) => modified > since)
      .map(({ key, modified }) => `${key} was written at ${modified.toISOString()}`),
  ];
}

/** Reads the proofs that failed; a later one that passed, of any set with the same object, clears it. */
async function readDamage(
  store: Store,
  proofs: ReadonlyMap<string, readonly Proof[]>,
  sets: readonly AnySet[],
): Promise<Pick<Catalogue, "damaged" | "everDamaged" | "failed">> {
  const bad = [...proofs.values()].flat().filter(({ verdict }) => verdict === "fail");
  const damaged = new Map<string, string>();
  const everDamaged = new Set<string>();
  const failed = new Map<string, string>();
  for (const { key: proof, set, at, verb } of bad) {
    const { objects, problems } = await readProof(store, proof);
    const when = `${verb} on ${at.toISOString()}`;
    if (proofs.get(set)?.[0]?.key === proof) failed.set(set, `it failed ${when}: ${problems[0]}`);
    for (const { key } of objects.filter(({ sound }) => !sound)) {
      everDamaged.add(key);
      const cleared = sets.some((set) =>
        proofs.get(set.name)?.some((proof) => proof.verdict === "pass" && proof.at > at) &&
        objectsOfSet(set).some((object) => object.key === key)
      );
      if (!cleared) damaged.set(key, `${key} was found damaged by ${when}`);
    }
  }
  return { damaged, everDamaged, failed };
}
