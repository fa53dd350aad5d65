/** One file copied by handles, and the copy read back: the proof is of what lies there. */

import { closeSync, copyFileSync, fchmodSync, fstatSync } from "node:fs";
import { DrillError } from "../../base/errors.ts";
import type { WriteHints } from "../../base/files.ts";
import type { Digest } from "../../base/streams.ts";
import { type Gone, hashFile, hashOpen, openFile } from "../hash/file.ts";
import { type Attributes, type FileState, isSameState, MOST_READINGS, stateOf } from "../tree/file_state.ts";
import { handlePath } from "../tree/folder.ts";
import { endFile, writePiece } from "../tree/holes.ts";
import { shown } from "../tree/paths.ts";
import type { Reach } from "../tree/reach.ts";
import { making, own, type Ownership } from "../tree/write.ts";

/** Where a file lies or shall lie, below an open folder. */
export interface FilePlace {
  reach: Reach;
  path: string;
}

/** What was read of a file, and lies in the copy. */
export interface CopiedFile extends Digest {
  /** What the file was when the reading that counts began. */
  state: FileState & Attributes;
  /** When that was, in ms. */
  at: number;
  /** How often it was read: again, when it changed meanwhile. */
  readings: number;
  /** It changed also while it was read the last time. */
  changed: boolean;
}

export interface CopyFileOptions {
  /** The copy gets the rights and the time of the file, and this owner. Without it, it is for this user alone. */
  as?: { owner?: Ownership };
  /** The file system may share the blocks of the two, where it can (XFS, Btrfs), instead of copying a byte. */
  shares?: boolean;
  hints?: WriteHints;
}

/**
 * Copies the file at `from` to `to`, where nothing may be yet, as often as it changes meanwhile (tree/file_state.ts).
 * @throws DrillError `DOCUMENTS_UNREADABLE`, `DISK_FULL`, `DOCUMENTS_NOT_WRITABLE`
 */
export function copyFile(
  from: FilePlace,
  to: FilePlace,
  { as, shares, hints }: CopyFileOptions,
): CopiedFile | Gone {
  const [fromPath, toPath] = [from, to].map(({ reach, path }) => reach.root.pathOf(path)) as [string, string];
  const source = openFile(from.reach, from.path);
  if (source === "gone") return source;
  try {
    const target = making(toPath, () => {
      const { folder, name } = to.reach.parent(to.path);
      return folder.createFile(name);
    }, hints);
    try {
      const write = shares ? sharing : writing;
      const copied = readUntilSame(source, () => write(fromPath, source, toPath, target, hints));
      // blocks are shared before the file is read: when it changed in between, what lies there is what counts
      if (shares && copied.changed) Object.assign(copied, hashOpen(toPath, target));
      if (as) own(target, toPath, copied.state, as.owner);
      return copied;
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

/** `copyFile`, and the copy read back. @throws DrillError `DOCUMENTS_DIFFER` where it reads back otherwise, and as `copyFile` */
export function copyProved(from: FilePlace, to: FilePlace, options: CopyFileOptions): CopiedFile | Gone {
  const copied = copyFile(from, to, options);
  if (copied !== "gone") refuseOtherCopy(to.path, copied, hashFile(to.reach, to.path));
  return copied;
}

/** @throws DrillError `DOCUMENTS_DIFFER` */
export function refuseOtherCopy(path: string, copied: Digest, back: Digest | Gone | undefined): void {
  if (back === undefined || back === "gone") throw copyDiffers(`${shown(path)} is gone from it`);
  if (back.bytes === copied.bytes && back.sha256 === copied.sha256) return;
  throw copyDiffers(`${shown(path)} reads back otherwise than it was written`);
}

function readUntilSame(source: number, read: () => Digest): CopiedFile {
  for (let readings = 1;; readings++) {
    const at = Date.now();
    const state = stateOf(fstatSync(source));
    const digest = read();
    const changed = !isSameState(stateOf(fstatSync(source)), state) || digest.bytes !== state.bytes;
    if (!changed || readings === MOST_READINGS) return { ...digest, state, at, readings, changed };
  }
}

type WriteCopy = (from: string, source: number, to: string, target: number, hints?: WriteHints) => Digest;

const writing: WriteCopy = (from, source, to, target, hints) => {
  making(to, () => endFile(target, 0), hints); // an earlier reading left other bytes
  const digest = hashOpen(
    from,
    source,
    (piece, at) => making(to, () => writePiece(target, piece, at), hints),
  );
  making(to, () => endFile(target, digest.bytes), hints);
  return digest;
};

/** The runtime has this one call that leaves it to the file system, and it takes paths: these are the open files' own. */
const sharing: WriteCopy = (from, source, to, target, hints) => {
  making(to, () => {
    copyFileSync(handlePath(source), handlePath(target));
    fchmodSync(target, 0o600); // it has given the copy the rights of the file
  }, hints);
  return hashOpen(from, source);
};

const copyDiffers = (state: string) =>
  new DrillError(
    "DOCUMENTS_DIFFER",
    `Cannot trust the copy of the documents: ${state}`,
    "Nothing was put in the place of the documents. Does another program write there, or is the disk failing? Look at dmesg.",
  );
