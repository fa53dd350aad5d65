/** A documents folder as a tar stream, hashed file by file while it is packed. */

import { Buffer } from "node:buffer";
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
// @ts-types="npm:@types/tar-stream@3.1.5"
import { type Pack, pack as newPack } from "tar-stream";
import { DrillError, messageOf } from "../base/errors.ts";
import { type Bytes, drainedOrClosed } from "../base/streams.ts";
import { type DocumentsIndex, INDEX_FORMAT, type IndexedFile } from "./documents_index.ts";
import { DEFAULT_EXCLUDES, type TreeEntry, walkTree } from "./documents_tree.ts";
import { type FileHasher, type FileHashes, startFileHasher } from "./file_hashes.ts";

export interface DocumentsArchive {
  /** The tar, not compressed. */
  stream: AsyncIterable<Bytes>;
  /** What went into it; right once the stream was read to its end. */
  index(): DocumentsIndex;
}

/** A file as it was packed; its hashes come later, from another thread. */
type PackedFile = Omit<IndexedFile, keyof FileHashes>;

const CHUNK = 1024 * 1024;

/**
 * Packs every entry below `root`. Links stay links; a file that shrinks while it is read is filled up with zeros
 * and marked, one that grows is cut where it was, so that the archive is always whole.
 */
export function packDocuments(
  root: string,
  onProgress?: (bytes: number, total: number) => void,
  excludes = DEFAULT_EXCLUDES,
): DocumentsArchive {
  const entries = walkTree(root, excludes);
  const total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  const index: DocumentsIndex = { format: INDEX_FORMAT, excludes: [...excludes], files: [], links: [] };
  return { stream: packed(root, entries, index, (done) => onProgress?.(done, total)), index: () => index };
}

async function* packed(
  root: string,
  entries: TreeEntry[],
  index: DocumentsIndex,
  onProgress: (bytes: number) => void,
): AsyncGenerator<Bytes, void, void> {
  const pack = newPack();
  using hasher = startFileHasher();
  const packing = (async () => {
    const files: PackedFile[] = [];
    let done = 0;
    for (const entry of entries) {
      if (entry.type === "file") files.push(await packFile(pack, root, entry, hasher));
      else await packEntry(pack, entry, index);
      onProgress(done += entry.bytes);
    }
    pack.finalize();
    const hashes = await hasher.finish();
    index.files = files.map((file, at) => ({ ...file, ...hashes[at]! }));
  })();
  packing.catch((error) => pack.destroy(error instanceof Error ? error : new Error(String(error))));
  try {
    yield* pack as unknown as AsyncIterable<Bytes>;
    await packing;
  } finally {
    pack.destroy(); // who stops reading stops the packing too, and no file is left open
    await packing.catch(() => undefined); // told above, or no longer of interest
  }
}

function packEntry(pack: Pack, entry: TreeEntry, index: DocumentsIndex): Promise<void> {
  const header = { name: entry.path, mode: entry.mode, mtime: new Date(entry.mtimeMs) };
  if (entry.type === "directory") return adding((done) => pack.entry({ ...header, type: "directory" }, done));
  index.links.push({ path: entry.path, target: entry.target ?? "" });
  return adding((done) => pack.entry({ ...header, type: "symlink", linkname: entry.target }, done));
}

const adding = (add: (done: (error?: Error | null) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => add((error) => error ? reject(error) : resolve()));

async function packFile(pack: Pack, root: string, entry: TreeEntry, hasher: FileHasher): Promise<PackedFile> {
  let changed = false;
  await new Promise<void>((resolve, reject) => {
    const sink = pack.entry({
      name: entry.path,
      size: entry.bytes,
      mode: entry.mode,
      mtime: new Date(entry.mtimeMs),
    }, (error) => error ? reject(error) : resolve());
    (async () => {
      const file = opened(join(root, entry.path));
      try {
        for (let at = 0; at < entry.bytes;) {
          const chunk = Buffer.allocUnsafe(Math.min(CHUNK, entry.bytes - at));
          const read = readSync(file, chunk, 0, chunk.length, at);
          if (read < chunk.length) {
            changed = true;
            chunk.fill(0, read);
          }
          await hasher.add(chunk);
          at += chunk.length;
          if (!sink.write(chunk)) await drainedOrClosed(sink);
          if (pack.destroyed) throw new Error("nobody reads this archive any more");
        }
        if (readSync(file, Buffer.alloc(1), 0, 1, entry.bytes) > 0) changed = true;
        sink.end();
      } finally {
        closeSync(file);
      }
    })().catch(reject);
  });
  hasher.endFile();
  const { path, bytes, mtimeMs, ctimeMs } = entry;
  return { path, bytes, mtimeMs, ctimeMs, ...(changed ? { changed } : {}) };
}

function opened(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw new DrillError(
      "DOCUMENTS_UNREADABLE",
      `Cannot read the documents: ${messageOf(error)}`,
      "May this user read every file of the documents? Run as the user that the ERP runs as.",
      { cause: error },
    );
  }
}
