/** A backup set: ours has a manifest, one of the shell script that this replaces has none. */

import { DrillError } from "../../base/errors.ts";
import { readSmall } from "../../base/streams.ts";
import { isTimestamp, momentOf } from "../../base/time.ts";
import { type Manifest, manifestKey, readManifest } from "../records/manifest.ts";
import type { Store } from "../store.ts";

export interface BackupSet {
  /** `20260630T155313Z` */
  name: string;
  environment: string;
  manifest: Manifest;
}

/** An object of the shell script: nobody recorded what it held. */
export interface LegacyObject {
  key: string;
  bytes: number;
}

/** A set of the shell script: the newest of each half at that time. One of the halves may never have been taken. */
export interface LegacySet {
  name: string;
  environment: string;
  legacy: { db?: LegacyObject; docs?: LegacyObject };
}

export type AnySet = BackupSet | LegacySet;

export const isLegacy = (set: AnySet): set is LegacySet => "legacy" in set;

/** `scheduled`, `before-restore` or `legacy`. */
export const kindOf = (set: AnySet): Manifest["kind"] | "legacy" =>
  isLegacy(set) ? "legacy" : set.manifest.kind;

/** The moment that the set is named after. */
export const takenAt = (set: AnySet): Date => momentOf(set.name) ?? new Date(NaN);

/**
 * When each half was last looked at, the older of the two. One that was taken over unseen (`backup --half`) has no
 * fingerprint in the manifest: of it only its object tells when that was.
 */
export function seenAt(set: AnySet): Date {
  if (isLegacy(set)) return oldest(Object.values(set.legacy).map(({ key }) => madeAt(key)));
  const { db, docs, startedAt } = set.manifest;
  return oldest(
    [db, docs].map(({ fingerprint, objects }) => fingerprint ? new Date(startedAt) : madeAt(objects[0]!.key)),
  );
}

/** An object is named after the moment of the set that made it. */
export const madeAt = (key: string): Date => momentOf(/(\d{8}T\d{6}Z)\./.exec(key)?.[1] ?? "") ?? new Date(0);

const oldest = (moments: readonly Date[]): Date =>
  new Date(Math.min(...moments.map((moment) => moment.getTime())));

/** Why the state that was backed up looked lost. Of a legacy set nobody knows. */
export const suspectOf = (set: AnySet): readonly string[] => isLegacy(set) ? [] : set.manifest.suspect;

/** Every object that the set needs, with its size: the dump, the archive, the index. */
export function objectsOfSet(set: AnySet): LegacyObject[] {
  if (isLegacy(set)) return Object.values(set.legacy);
  const { db, docs } = set.manifest;
  return [...db.objects, ...docs.objects, docs.index];
}

/** How many manifests are read at a time. */
const SIDE_BY_SIDE = 32;

/**
 * Every set of `environment` that has a manifest, newest first.
 * @throws DrillError `STORE_FORMAT` when one cannot be understood: it might be the newest.
 */
export async function listSets(store: Store, environment: string): Promise<BackupSet[]> {
  return await readSideBySide(await manifestKeys(store, environment), (key) => readSet(store, key));
}

/**
 * The same; one that is damaged is told to `onUnreadable` and left out.
 * @throws DrillError `STORE_NEWER`: what a newer version wrote nobody may judge with this one.
 */
export async function listReadableSets(
  store: Store,
  environment: string,
  onUnreadable: (error: DrillError) => void,
): Promise<BackupSet[]> {
  const read = async (key: string) => {
    try {
      return [await readSet(store, key)];
    } catch (error) {
      if (!(error instanceof DrillError) || error.code !== "STORE_FORMAT") throw error;
      onUnreadable(error);
      return [];
    }
  };
  return (await readSideBySide(await manifestKeys(store, environment), read)).flat();
}

/** Newest first. */
async function manifestKeys(store: Store, environment: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(`${environment}/manifests/`)) {
    const name = key.slice(key.lastIndexOf("/") + 1);
    // others' keys are not ours to judge
    if (name.endsWith(".json") && isTimestamp(name.slice(0, -5))) keys.push(key);
  }
  return keys.sort().reverse();
}

/** Reads each of `keys`, many at a time, in their order. */
export async function readSideBySide<T>(
  keys: readonly string[],
  read: (key: string) => Promise<T>,
): Promise<T[]> {
  const results: T[] = new Array(keys.length);
  let next = 0;
  const reader = async () => {
    for (let at = next++; at < keys.length; at = next++) results[at] = await read(keys[at]!);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, reader));
  return results;
}

async function readSet(store: Store, key: string): Promise<BackupSet> {
  const manifest = readManifest(new TextDecoder().decode(await readSmall(store.get(key))), key);
  return { name: manifest.set, environment: manifest.environment, manifest };
}

/** The set of that name, read from its manifest alone; undefined when it has none. */
export async function readOneSet(
  store: Store,
  environment: string,
  name: string,
): Promise<BackupSet | undefined> {
  const key = manifestKey(environment, name);
  return await store.head(key) ? await readSet(store, key) : undefined;
}

/**
 * The newest good set: never a suspect one (DESIGN, Words). A set of the shell script, which nobody looked at when it
 * was dumped, only where there is no other; the state before a restore, which somebody had reason to overwrite, last of all.
 * `sets` are newest first.
 */
export const latestOf = <T extends AnySet>(sets: readonly T[]): T | undefined => {
  const good = sets.filter((set) => suspectOf(set).length === 0 && missingHalves(set).length === 0);
  return ["scheduled", "legacy", "before-restore"].map((kind) => good.find((set) => kindOf(set) === kind))
    .find((set) => set !== undefined);
};

/** The halves that a legacy set lacks, as sentences. A set with a manifest has both. */
export function missingHalves(set: AnySet): string[] {
  if (!isLegacy(set)) return [];
  return [
    ...(set.legacy.db ? [] : ["no dump was taken until then"]),
    ...(set.legacy.docs ? [] : ["no documents were taken until then"]),
  ];
}

/**
 * The set among `sets` (newest first) that a person named: `latest`, `20260630T155313Z` or `prod/20260630T155313Z`.
 * @throws DrillError `NO_SET` when there is no good one, `SET_UNKNOWN` when there is none of that name.
 */
export function chooseSet<T extends AnySet>(
  sets: readonly T[],
  { environment, wanted, url }: { environment: string; wanted: string; url: string },
): T {
  if (wanted === "latest") {
    const latest = latestOf(sets);
    if (latest) return latest;
    throw new DrillError(
      "NO_SET",
      `Cannot find a good set of ${environment} in ${url}: ${
        sets.length === 0 ? "there is none" : `all ${sets.length} are suspect or lack a half`
      }`,
      `Take one: dolibarr-drill backup --env ${environment}`,
    );
  }
  const name = wanted.startsWith(`${environment}/`) ? wanted.slice(environment.length + 1) : wanted;
  const found = sets.find((set) => set.name === name);
  if (found) return found;
  const newest = sets.slice(0, 3).map((set) => set.name).join(", ") || "none";
  throw new DrillError(
    "SET_UNKNOWN",
    `Cannot find the set ${wanted} of ${environment} in ${url}`,
    `The newest there: ${newest}. See all: dolibarr-drill list --env ${environment}`,
  );
}

/**
 * The set with a manifest that a person named; the shell script's are not looked for (inventory.ts does).
 * @throws DrillError `NO_SET`, `SET_UNKNOWN`.
 */
export const findSet = async (store: Store, environment: string, wanted: string): Promise<BackupSet> =>
  chooseSet(await listSets(store, environment), { environment, wanted, url: store.url });
