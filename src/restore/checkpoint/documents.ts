/** The documents as they are now, copied beside: each content once, under its SHA-256, and a list of what lay where. */

import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, lstatSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { writeError } from "../../base/files.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { sleep } from "../../base/time.ts";
import { DEFAULT_EXCLUDES, readEntry, type TreeEntry, walkTree } from "../../documents/tree/walk.ts";

/** What lay at a path. */
export interface SavedEntry {
  path: string;
  type: TreeEntry["type"];
  /** Permission bits. */
  mode: number;
  uid: number;
  gid: number;
  mtimeMs: number;
  /** Of a file. */
  bytes?: number;
  sha256?: string;
  /** Of a link: where to, as it is written. */
  target?: string;
}

/** An entry as it is now, with what tells whether somebody touched it. */
export interface CurrentEntry extends TreeEntry, Pick<SavedEntry, "mode" | "uid" | "gid"> {
  inode: number;
}

/** A file that had the saved bytes when it looked like this: as long as it looks so, it has them. */
export type ObservedFile = Pick<CurrentEntry, "bytes" | "mtimeMs" | "ctimeMs" | "inode"> & {
  /** When it was looked at, in ms. */
  at: number;
};

export interface SavedDocuments {
  excludes: readonly string[];
  entries: SavedEntry[];
}

/** How often a file that changes while it is copied is copied again. */
const TRIES = 5;
const BREATHES_MS = 50;

/** Every entry below `root` that is not excluded, without following a link. */
export function walkCurrent(root: string, excludes: readonly string[] = DEFAULT_EXCLUDES): CurrentEntry[] {
  return walkTree(root, excludes).flatMap((entry) => liveEntry(root, entry) ?? []);
}

function liveEntry(root: string, entry: TreeEntry): CurrentEntry | undefined {
  const info = lstatSync(join(root, entry.path), { throwIfNoEntry: false });
  return info && { ...entry, mode: info.mode & 0o7777, uid: info.uid, gid: info.gid, inode: info.ino };
}

/**
 * Copies the documents in `root` into the folder `into`, which must exist; with a file system that can, without copying a byte.
 * @returns what lay where, and how each file looked.
 * @throws DrillError `DOCUMENTS_UNREADABLE`, `DISK_FULL`
 */
export async function saveDocuments(
  root: string,
  into: string,
  { excludes = DEFAULT_EXCLUDES, reporter, signal }: {
    excludes?: readonly string[];
    reporter: Reporter;
    signal: AbortSignal;
  },
): Promise<{ saved: SavedDocuments; seen: Map<string, ObservedFile> }> {
  const live = walkCurrent(root, excludes);
  const total = live.reduce((sum, { bytes }) => sum + bytes, 0);
  using step = reporter.step(`Copying the documents in ${root}`, "bytes");
  const [entries, seen] = [[] as SavedEntry[], new Map<string, ObservedFile>()];
  const breathe = breathing(signal);
  let done = 0;
  for (const found of live) {
    await breathe();
    if (found.type !== "file") {
      entries.push(savedEntry(found));
      continue;
    }
    const copied = saveFile(root, found, into);
    if (!copied) continue; // it vanished
    entries.push(copied.entry);
    seen.set(found.path, copied.seen);
    step.progress(done += found.bytes, total);
  }
  step.end(`${seen.size} files`);
  return { saved: { excludes: [...excludes], entries }, seen };
}

/** Files are read and written without waiting; now and then all else that the process does must have its turn. */
export function breathing(signal: AbortSignal): () => Promise<void> {
  let since = performance.now();
  return async () => {
    signal.throwIfAborted();
    if (performance.now() - since < BREATHES_MS) return;
    await sleep(0);
    signal.throwIfAborted();
    since = performance.now();
  };
}

const savedEntry = ({ path, type, mode, uid, gid, mtimeMs, target }: CurrentEntry): SavedEntry => ({
  path,
  type,
  mode,
  uid,
  gid,
  mtimeMs,
  ...(target === undefined ? {} : { target }),
});

function saveFile(
  root: string,
  found: CurrentEntry,
  into: string,
): { entry: SavedEntry; seen: ObservedFile } | undefined {
  const [file, copy] = [join(root, found.path), join(into, "copying")];
  let before: CurrentEntry | undefined = found;
  for (let tried = 1; tried <= TRIES; tried++) {
    const at = Date.now();
    making(file, () => unlessGone(() => copyFileSync(file, copy)));
    const entry = readEntry(file, found.path);
    const after: CurrentEntry | undefined = entry && liveEntry(root, entry);
    if (!after || after.type !== "file") return undefined;
    if (before && isUnchanged(before, after)) {
      const [bytes, sha256] = [statSync(copy).size, hashFile(copy)];
      making(file, () => placeContent(copy, into, sha256));
      return { entry: { ...savedEntry(after), bytes, sha256 }, seen: observed(after, at) };
    }
    before = after;
  }
  throw new DrillError(
    "DOCUMENTS_UNREADABLE",
    `Cannot keep ${file}: it changed each of the ${TRIES} times that it was copied`,
    "Something writes it all the time. Name it in the excludes, or run it again when that has ended.",
  );
}

export const contentFile = (folder: string, sha256: string): string =>
  join(folder, sha256.slice(0, 2), sha256);

function placeContent(copy: string, into: string, sha256: string): void {
  chmodSync(copy, 0o600);
  const file = contentFile(into, sha256);
  mkdirSync(join(into, sha256.slice(0, 2)), { recursive: true, mode: 0o700 });
  renameSync(copy, file);
}

/** Whether nobody wrote it in between, as far as its times tell. */
export const isUnchanged = (
  one: Pick<CurrentEntry, "bytes" | "mtimeMs" | "ctimeMs" | "inode">,
  other: Pick<CurrentEntry, "bytes" | "mtimeMs" | "ctimeMs" | "inode">,
): boolean =>
  one.bytes === other.bytes && one.mtimeMs === other.mtimeMs && one.ctimeMs === other.ctimeMs &&
  one.inode === other.inode;

export const observed = ({ bytes, mtimeMs, ctimeMs, inode }: CurrentEntry, at: number): ObservedFile => ({
  bytes,
  mtimeMs,
  ctimeMs,
  inode,
  at,
});

/** SHA-256 of a file, lower-case hex. */
export function hashFile(path: string): string {
  using file = Deno.openSync(path);
  const [hash, buffer] = [createHash("sha256"), new Uint8Array(1024 * 1024)];
  for (let read = file.readSync(buffer); read !== null; read = file.readSync(buffer)) {
    hash.update(buffer.subarray(0, read));
  }
  return hash.digest("hex");
}

/** What vanished, as files in use do, is seen by whoever looks next. */
function unlessGone(make: () => void): void {
  try {
    make();
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
  }
}

function making(file: string, make: () => void): void {
  try {
    make();
  } catch (error) {
    throw writeError(`save ${file}`, error, {
      code: "DOCUMENTS_UNREADABLE",
      room: "Make room on the disk of the documents: the checkpoint lies beside them.",
      hint: "May this user read every file of the documents, and write into the folder above them?",
    });
  }
}
