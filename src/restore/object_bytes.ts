/** Whether an object still is what was backed up: only the recorded SHA-256 proves it (FACTS, PostgreSQL). */

import { DrillError } from "../base/errors.ts";
import { digestOf } from "../base/streams.ts";
import type { Store } from "../store/store.ts";
import type { RestoreObject } from "./source.ts";

/** @throws DrillError `OBJECT_CORRUPT` when what was read is not what was recorded: its size, and the hash where there is one. */
export function refuseOtherBytes(recorded: RestoreObject, read: { bytes: number; sha256: string }): void {
  const { sha256 = read.sha256 } = recorded; // of a legacy set nobody recorded one
  if (recorded.bytes === read.bytes && sha256 === read.sha256) return;
  const what = recorded.bytes === read.bytes
    ? `its SHA-256 is ${read.sha256.slice(0, 16)}…, recorded at the backup was ${sha256.slice(0, 16)}…`
    : `it has ${read.bytes} bytes, recorded at the backup were ${recorded.bytes}`;
  throw new DrillError(
    "OBJECT_CORRUPT",
    `Cannot trust ${recorded.key}: ${what}`,
    "The object was damaged or replaced in the store. Take another set: dolibarr-drill list",
  );
}

/** Does something with an object. When it fails, bytes that are not those of the backup are the cause, whatever a tool made of them. */
export async function blamingBytes<T>(
  store: Store,
  recorded: RestoreObject,
  signal: AbortSignal,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    signal.throwIfAborted();
    refuseOtherBytes(recorded, await digestOf(store.get(recorded.key)));
    throw error;
  }
}
