/** Objects read from the store to their last byte: their hashes, and what is wrong with them, whatever was recorded. */

import { DrillError } from "../base/errors.ts";
import { type Bytes, digestOf, hashed } from "../base/streams.ts";
import { verdictOfCode } from "../base/verdict.ts";
import { openArchive } from "../documents/archive/compressor.ts";
import { readArchive } from "../documents/archive/read.ts";
import type { DocumentsIndex } from "../documents/index.ts";
import { readThrough } from "../postgres/programs/archive.ts";
import type { Programs } from "../postgres/programs/programs.ts";
import type { Store } from "../store/store.ts";

export interface ObjectReading {
  key: string;
  /** As many as were read. */
  bytes: number;
  /** Of the bytes that were read; null where the object is not there. */
  sha256: string | null;
  /** Why it cannot be used, whatever was recorded of it. */
  problem?: string;
  /** Why it could not be read here, though it may be sound: a program is too old. */
  unread?: DrillError;
}

export interface DumpReading extends ObjectReading {
  /** By table; undefined where pg_restore could not read it to its end. */
  rows?: ReadonlyMap<string, number>;
}

export interface ArchiveReading extends ObjectReading {
  /** What is in it, with new hashes; undefined where it cannot be read to its end. */
  found?: DocumentsIndex;
}

interface ObjectReadOptions {
  signal: AbortSignal;
  onBytes?: (bytes: number) => void;
}

/** Reads a dump once: its hash, and every block of it by pg_restore. @throws what the store itself failed with. */
export async function readDump(
  store: Store,
  key: string,
  programs: Programs,
  { signal, onBytes }: ObjectReadOptions,
): Promise<DumpReading> {
  const { result, ...reading } = await readWhole(
    store,
    key,
    (bytes) => readThrough({ name: key, bytes }, programs, signal),
    { signal, onBytes },
  );
  return { ...reading, rows: result };
}

/** Reads a documents archive once: its hash, and every file in it. @throws what the store itself failed with. */
export async function readDocuments(
  store: Store,
  key: string,
  { signal, onBytes }: ObjectReadOptions,
): Promise<ArchiveReading> {
  const { result, ...reading } = await readWhole(
    store,
    key,
    (stream) => readArchive(openArchive(key, stream, signal)),
    { signal, onBytes },
  );
  return { ...reading, found: result };
}

/**
 * Both in one pass. A reader that gives up has not read every byte: the object is then read again for its hash alone,
 * which shows whether the object was damaged in the store or the backup was bad from the start.
 */
async function readWhole<T>(
  store: Store,
  key: string,
  read: (stream: AsyncIterable<Bytes>) => Promise<T>,
  { signal, onBytes }: ObjectReadOptions,
): Promise<ObjectReading & { result?: T }> {
  const passing = hashed(store.get(key), (bytes) => {
    signal.throwIfAborted();
    onBytes?.(bytes);
  });
  try {
    const result = await read(passing.stream);
    return { key, ...passing.digest(), result };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof DrillError)) throw error;
    const isOursToUpdate = error.code === "DUMP_NEWER"; // or a flipped bit says so: the hash shows that
    if (verdictOfCode(error.code) !== "fail" && !isOursToUpdate) throw error;
    if (error.code === "OBJECT_MISSING") return { key, bytes: 0, sha256: null, problem: `${key} is missing` };
    const digest = await digestOf(store.get(key), () => signal.throwIfAborted());
    if (isOursToUpdate) return { key, ...digest, unread: error };
    const [detail] = error.details;
    const message = `${error.message}${detail ? ` (${detail})` : ""}`;
    return { key, ...digest, problem: message.includes(key) ? message : `${key}: ${message}` };
  }
}
