/** Records as objects in the store: written, read, and told apart from those that cannot be understood. */

import type { z } from "zod";
import { DrillError } from "../../base/errors.ts";
import { damaged, damagedBy, readRecord, type RecordKind, writeRecord } from "../../base/versioned_record.ts";
import { bytesOf, readSmall } from "../../base/streams.ts";
import { listMoments, recordKey } from "../keys.ts";
import type { Store } from "../store.ts";

/** A record that is damaged (`STORE_FORMAT`), or that a newer version wrote (`STORE_NEWER`). */
export interface UnreadableRecord {
  key: string;
  error: DrillError;
}

export type OnUnreadable = (record: UnreadableRecord) => void;

/** @throws TypeError when `body` does not have the form of `kind`; what the store fails with. */
export const putRecord = async <Fields extends z.ZodObject>(
  store: Store,
  key: string,
  kind: RecordKind<Fields>,
  body: z.input<Fields>,
): Promise<void> => await store.put(key, bytesOf(writeRecord(kind, body)));

/**
 * Writes a record that is named after a moment (`at`), and removes the older ones of its folder but for the newest `left`.
 * @throws as `putRecord`
 */
export async function putAmongNewest<Fields extends z.ZodObject>(
  store: Store,
  { folder, kind, left }: { folder: "rosters" | "trees"; kind: RecordKind<Fields>; left: number },
  body: z.input<Fields> & { environment: string; at: string },
): Promise<void> {
  const { environment, at } = body;
  await putRecord(store, recordKey(environment, folder, at), kind, body);
  for (const older of (await listMoments(store, environment, folder)).slice(0, -left)) {
    await store.delete(recordKey(environment, folder, older));
  }
}

/** @throws DrillError `STORE_NEWER`, `STORE_FORMAT`, `OBJECT_MISSING`; what the store fails with. */
export const getRecord = async <Fields extends z.ZodObject>(
  store: Store,
  key: string,
  kind: RecordKind<Fields>,
): Promise<z.output<Fields>> => readRecord(kind, await getText(store, key, kind), key);

/**
 * As `getRecord`, of a record that was listed: where it is gone by now nothing is concluded, and it counts as damaged.
 * @throws DrillError `STORE_NEWER`, `STORE_FORMAT`; what the store fails with.
 */
export async function getListedRecord<Fields extends z.ZodObject>(
  store: Store,
  key: string,
  kind: RecordKind<Fields>,
): Promise<z.output<Fields>> {
  try {
    return await getRecord(store, key, kind);
  } catch (error) {
    throw isGone(error) ? damaged(kind, key, error.message, { cause: error }) : error;
  }
}

const isGone = (error: unknown): error is DrillError =>
  error instanceof DrillError && error.code === "OBJECT_MISSING";

/**
 * Passes where a record may be replaced or removed, because a person named it: it can be read, is damaged, or is not there.
 * @throws DrillError `STORE_NEWER`: what a newer version ordered is not known here; what the store fails with.
 */
export async function refuseNewerRecord(store: Store, key: string, kind: RecordKind): Promise<void> {
  try {
    await getRecord(store, key, kind);
  } catch (error) {
    if (!isGone(error) && !(error instanceof DrillError && error.code === "STORE_FORMAT")) throw error;
  }
}

/** The text of a record. @throws DrillError `STORE_FORMAT` when it is far too long for one, `OBJECT_MISSING`. */
export async function getText(store: Store, key: string, kind: RecordKind): Promise<string> {
  try {
    return new TextDecoder().decode(await readSmall(store.get(key)));
  } catch (error) {
    throw error instanceof RangeError ? damagedBy(kind, key, error) : error;
  }
}

/** What `read` gives; undefined where the record cannot be understood, which `onUnreadable` is then called with. */
export async function readOrReport<T>(
  key: string,
  read: (key: string) => Promise<T>,
  onUnreadable: OnUnreadable,
): Promise<T | undefined> {
  try {
    return await read(key);
  } catch (error) {
    if (!(error instanceof DrillError) || !UNREADABLE.includes(error.code)) throw error;
    onUnreadable({ key, error });
    return undefined;
  }
}

const UNREADABLE: readonly string[] = ["STORE_FORMAT", "STORE_NEWER"];

/** How many records are read at a time. */
const AT_A_TIME = 32;

/** Reads each of `keys`, many at a time. @returns what was read, in the order of `keys`. */
export async function readEach<Key, T>(keys: readonly Key[], read: (key: Key) => Promise<T>): Promise<T[]> {
  const results: T[] = new Array(keys.length);
  let next = 0;
  const reader = async () => {
    for (let at = next++; at < keys.length; at = next++) results[at] = await read(keys[at]!);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, reader));
  return results;
}
