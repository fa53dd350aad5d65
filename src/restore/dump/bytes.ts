/**
 * What a restore reads, and whether it is what was backed up: only the recorded SHA-256 proves it (docs/facts.md, "Dumps and
 * their programs").
 */

import { type Bytes, digestOf } from "../../base/streams.ts";
import type { DumpStream } from "../../postgres/programs/archive.ts";
import { writeNewFile } from "../../base/files.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import type { StoredObject } from "../../store/records/manifest.ts";
import type { Store } from "../../store/store.ts";
import { refuseOtherBytes } from "../../store/sets/recorded_bytes.ts";
import type { RestorableObject } from "../../store/sets/restorable_set.ts";

/** Something that can be read from its first byte, more than once. What was not recorded of it is undefined. */
export interface Readable {
  /** For messages: `prod/db/20260630T155313Z.dump`, `the dump of prod as it is now`. */
  key: string;
  bytes?: number;
  sha256?: string;
  open(): AsyncIterable<Bytes>;
}

/** For the readers of dumps, from the first byte. */
export const streamOf = ({ key, open }: Readable): DumpStream => ({ name: key, bytes: open() });

/** An object of the store, to be read. */
export const readable = (store: Store, object: RestorableObject): Readable => ({
  ...object,
  open: () => store.get(object.key),
});

/**
 * Writes what is read to `path`, where nothing may be yet, and compares it with what was recorded.
 * @param options `title` of the step; `hint` for a disk that is full
 * @throws DrillError `OBJECT_CORRUPT`, and as `writeNewFile`
 */
export async function writeReadable(
  readable: Readable,
  path: string,
  { title, hint, reporter, signal }: { title: string; hint: string; reporter: Reporter; signal: AbortSignal },
): Promise<StoredObject> {
  using step = reporter.step(title, "bytes");
  const onBytes = (bytes: number) => step.progress(bytes, readable.bytes);
  const written = await writeNewFile(path, readable.open(), { signal, onBytes, hint });
  refuseOtherBytes(readable, written);
  step.end();
  return { key: readable.key, ...written };
}

/** Does something with what is read. Where that fails and the bytes are not those of the backup, they are the cause. */
export async function checkingBytes<T>(
  recorded: Readable,
  signal: AbortSignal,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    signal.throwIfAborted();
    if (recorded.bytes !== undefined) refuseOtherBytes(recorded, await digestOf(recorded.open()));
    throw error;
  }
}
