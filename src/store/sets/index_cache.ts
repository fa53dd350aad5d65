/** Indexes of documents on this machine, so that a second search reads none of them from the store. */

import { join } from "node:path";
import { namesIn, removeTree, writeWhole } from "../../base/files.ts";
import { limits } from "../../base/limits.ts";
import { type Bytes, readSmall, sha256Of } from "../../base/streams.ts";
import type { StoredObject } from "../records/manifest.ts";
import type { Store } from "../store.ts";
import { refuseOtherBytes } from "./recorded_bytes.ts";

/** Where indexes lie, each as it is in the store, under its SHA-256. What lies there is compared with it, never believed. */
export interface IndexCache {
  /** Absolute; made when it is needed. */
  folder: string;
}

/**
 * The bytes of an index: from the cache where they are there and right, else from the store.
 * @throws DrillError `OBJECT_CORRUPT` when the store holds other bytes than the manifest says, `OBJECT_MISSING`.
 */
export async function readIndexBytes(
  store: Store,
  { key, bytes, sha256 }: StoredObject,
  cache?: IndexCache,
): Promise<Bytes> {
  const file = cache && join(cache.folder, sha256);
  const there = file && await readIfThere(file);
  if (there && sha256Of(there) === sha256) return there;
  const read = await readSmall(store.get(key));
  refuseOtherBytes({ key, bytes, sha256 }, { bytes: read.length, sha256: sha256Of(read) });
  if (cache && file) await remember(cache, file, read);
  return read;
}

/** A cache that cannot be read is none. */
async function readIfThere(file: string): Promise<Bytes | undefined> {
  try {
    return await Deno.readFile(file);
  } catch {
    return undefined; // not there, or not ours to read: the store has it
  }
}

/** A cache that cannot be written to only costs time. */
async function remember({ folder }: IndexCache, file: string, bytes: Bytes): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    await writeWhole(file, bytes, { sync: false });
  } catch {
    return; // a full disk or a read-only home: the next search reads the store again
  }
}

/** Removes what was not written lately; sets come and go, and their indexes with them. */
export async function sweepIndexCache({ folder }: IndexCache, now = Date.now()): Promise<void> {
  let names: string[];
  try {
    names = namesIn(folder);
  } catch {
    return; // there is none yet
  }
  for (const name of names) {
    try {
      const { mtime } = await Deno.stat(join(folder, name));
      if (mtime && now - mtime.getTime() > limits.cachedIndexIsForgotten) {
        await removeTree(join(folder, name));
      }
    } catch {
      continue; // another search has moved or removed it meanwhile
    }
  }
}
