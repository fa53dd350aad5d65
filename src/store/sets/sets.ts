/** A backup set: ours has a manifest, one of the shell script that this replaces has none. */

import { sha256Of } from "../../base/streams.ts";
import { oneLine } from "../../base/text.ts";
import { momentOf } from "../../base/time.ts";
import { listKeys, madeAt, manifestKey } from "../keys.ts";
import type { AcceptedSet } from "../records/accepted_sets.ts";
import { type Manifest, manifestRecord, readManifest } from "../records/manifest.ts";
import { getText, type OnUnreadable, readEach, readOrReport } from "../records/stored_record.ts";
import type { ObjectInfo, Store } from "../store.ts";

export interface BackupSet {
  /** `20260630T155313Z` */
  name: string;
  environment: string;
  manifest: Manifest;
  /** The SHA-256 of the manifest as it lies in the store; undefined of a set that is only being made. */
  manifestHash?: string;
  /** Of a set whose state looked lost: a person says that it is right as it is. */
  accepted?: AcceptedSet;
}

/** An object of the shell script: its hash was not recorded. */
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

export const isLegacy = (set: { name: string }): set is LegacySet => "legacy" in set;

/** `scheduled`, `before-restore` or `legacy`. */
export const kindOf = (set: AnySet): Manifest["kind"] | "legacy" =>
  isLegacy(set) ? "legacy" : set.manifest.kind;

/** The moment that the set is named after. */
export const takenAt = (set: AnySet): Date => momentOf(set.name) ?? new Date(NaN);

/**
 * When each half was last read from the ERP, the older of the two. A half that was taken over unread (`backup --half`) has
 * no fingerprint in the manifest: only the name of its object says when that was.
 */
export function seenAt(set: AnySet): Date {
  if (isLegacy(set)) return oldest(Object.values(set.legacy).map(({ key }) => madeAt(key)));
  const { db, docs, startedAt } = set.manifest;
  return oldest(
    [db, docs].map(({ fingerprint, objects }) => fingerprint ? new Date(startedAt) : madeAt(objects[0]!.key)),
  );
}

const oldest = (moments: readonly Date[]): Date =>
  new Date(Math.min(...moments.map((moment) => moment.getTime())));

/** Why the state that was backed up looked lost, unless a person accepted it as it is. Not known of a legacy set. */
export const suspectOf = (set: AnySet): readonly string[] =>
  isLegacy(set) || set.accepted ? [] : set.manifest.suspect;

/** What every report that names an accepted set says of it; undefined of any other. */
export const acceptedInWords = (set: AnySet): string | undefined =>
  isLegacy(set) || !set.accepted
    ? undefined
    : `accepted as it is: ${oneLine(set.accepted.reason)} by ${oneLine(set.accepted.by)}`;

/** The sets, each with the acceptance that is recorded of it. */
export const withAccepted = (
  sets: readonly BackupSet[],
  accepted: ReadonlyMap<string, AcceptedSet>,
): BackupSet[] =>
  sets.map((set) => {
    const known = accepted.get(set.name);
    return known && set.manifest.suspect.length > 0 ? { ...set, accepted: known } : set;
  });

/** Every object that the set needs, with its size: the dump, the archive, the index. */
export function objectsOfSet(set: AnySet): LegacyObject[] {
  if (isLegacy(set)) return Object.values(set.legacy);
  const { db, docs } = set.manifest;
  return [...db.objects, ...docs.objects, docs.index];
}

/** The halves that a legacy set lacks, as sentences. A set with a manifest has both. */
export function missingHalves(set: AnySet): string[] {
  if (!isLegacy(set)) return [];
  return [
    ...(set.legacy.db ? [] : ["no dump was taken until then"]),
    ...(set.legacy.docs ? [] : ["no documents were taken until then"]),
  ];
}

/**
 * Every set of `environment` that has a manifest, newest first. One whose manifest is damaged is reported to
 * `onUnreadable` and left out.
 * @throws DrillError `STORE_NEWER`: a set that a newer version took may not be passed over, and may not be deleted.
 */
export const readSets = (
  store: Store,
  environment: string,
  onUnreadable: OnUnreadable,
): Promise<BackupSet[]> =>
  readEachSet(store, environment, onUnreadable, ({ key }) => readManifestAt(store, key));

/**
 * As `readSets`, with what `read` makes of each manifest.
 * @param read is given the manifest as it is listed; one that is read already need not be read again, for it never changes
 */
export async function readEachSet<T>(
  store: Store,
  environment: string,
  onUnreadable: OnUnreadable,
  read: (listed: ObjectInfo) => Promise<T>,
): Promise<T[]> {
  const listed = await Array.fromAsync(listKeys(store, environment, "manifests"));
  const refuseNewer: OnUnreadable = (unreadable) => {
    if (unreadable.error.code === "STORE_NEWER") throw unreadable.error;
    onUnreadable(unreadable);
  };
  const sets = await readEach(
    listed.reverse(),
    (info) => readOrReport(info.key, () => read(info), refuseNewer),
  );
  return sets.filter((set) => set !== undefined);
}

/** The set of that name, read from its manifest alone; undefined when it has none. */
export async function readSet(
  store: Store,
  environment: string,
  name: string,
): Promise<BackupSet | undefined> {
  const key = manifestKey(environment, name);
  return await store.head(key) ? await readManifestAt(store, key) : undefined;
}

/** @throws DrillError `STORE_FORMAT`, `STORE_NEWER`, `OBJECT_MISSING`. */
export async function readManifestAt(store: Store, key: string): Promise<BackupSet> {
  const text = await getText(store, key, manifestRecord);
  const manifest = readManifest(text, key);
  return { name: manifest.set, environment: manifest.environment, manifest, manifestHash: sha256Of(text) };
}
