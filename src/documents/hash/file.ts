/** A document read by a handle: never through a link, never waiting for a pipe, and no further than its size when it was opened. */

import { createHash } from "node:crypto";
import { closeSync, fstatSync, readSync } from "node:fs";
import { DrillError, messageOf } from "../../base/errors.ts";
import type { Digest } from "../../base/streams.ts";
import { codeOf } from "../tree/folder.ts";
import type { Reach } from "../tree/reach.ts";

/** A file that is none any more: removed, or replaced by a folder, a link or a pipe. */
export type Gone = "gone";

/** Not there, or another thing than a file stands in its place, or in the place of a folder above it. */
const GONE = ["ENOENT", "ENOTDIR", "ELOOP", "ENXIO", "EISDIR", "EINVAL"];
const buffer = new Uint8Array(1024 * 1024);

/**
 * Reads the file at `path` to its end for its hash: as much as it had when it was opened, or less where it shrank.
 * @throws DrillError `DOCUMENTS_UNREADABLE`
 */
export function hashFile(reach: Reach, path: string): Digest | Gone {
  const opened = openFile(reach, path);
  if (opened === "gone") return opened;
  try {
    return hashOpen(path, opened);
  } finally {
    closeSync(opened);
  }
}

/** @returns a handle for reading; `gone` where there is no file. @throws DrillError `DOCUMENTS_UNREADABLE` */
export function openFile(reach: Reach, path: string): number | Gone {
  const opened = readingFile(path, () => {
    const { folder, name } = reach.parent(path);
    return folder.openFile(name);
  });
  if (opened === "gone" || fstatSync(opened).isFile()) return opened;
  closeSync(opened);
  return "gone";
}

/**
 * Reads an open file from its first byte to the size that it has: one that grows as fast as it is read has no end.
 * @param onPiece takes each piece, and the place of its first byte
 */
export function hashOpen(
  path: string,
  file: number,
  onPiece?: (piece: Uint8Array, at: number) => void,
): Digest {
  const { size } = fstatSync(file);
  const sha256 = createHash("sha256");
  let bytes = 0;
  while (bytes < size) {
    const wanted = Math.min(buffer.length, size - bytes);
    const read = readingFile(path, () => readSync(file, buffer, 0, wanted, bytes));
    if (read === "gone" || read === 0) break; // it shrank
    const piece = buffer.subarray(0, read);
    sha256.update(piece);
    onPiece?.(piece, bytes);
    bytes += read;
  }
  return { bytes, sha256: sha256.digest("hex") };
}

/** @throws DrillError `DOCUMENTS_UNREADABLE` */
export function readingFile<T>(path: string, read: () => T): T | Gone {
  try {
    return read();
  } catch (error) {
    if (GONE.includes(codeOf(error) ?? "")) return "gone";
    const state = messageOf(error);
    throw unreadableDocuments(state.includes(path) ? state : `${path}: ${state}`, [], error);
  }
}

/** @param what a path and why it cannot be read */
export const unreadableDocuments = (what: string, details: readonly string[] = [], cause?: unknown) =>
  new DrillError(
    "DOCUMENTS_UNREADABLE",
    `Cannot read the documents: ${what}`,
    "May this user read every file of the documents? Run as the user that the ERP runs as.",
    { details: details.length > 1 ? details : [], cause },
  );
