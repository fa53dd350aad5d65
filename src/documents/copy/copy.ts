/**
 * A copy of the documents of an environment that is in use and is only read: each file hashed while it is read and written,
 * and then read back from the copy and hashed again, so that the proof is of what lies there.
 */

import { join } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { formatCount } from "../../base/numbers.ts";
import type { Gone } from "../hash/file.ts";
import type { CopiedFile } from "./file.ts";
import { copyFiles } from "./files.ts";
import { type DocumentsIndex, leadingOut, totalBytes } from "../index.ts";
import { leavingLinks, linksOf } from "../tree/links.ts";
import { diskPaths, type DocumentFolders, walkFolders } from "../folders.ts";
import { requireSpace } from "../tree/space.ts";
import { plainPath, shown } from "../tree/paths.ts";
import { DEFAULT_EXCLUDES, type Kept, readEntry, type TreeEntry, walkTree } from "../tree/walk.ts";
import type { UnpackProof } from "../archive/unpack.ts";
import { makeLink, making, own, type Ownership } from "../tree/write.ts";

export interface CopyOptions {
  signal: AbortSignal;
  /** One folder of the documents alone, `mycompany`: its entries go right into the staged folder. */
  folder?: string;
  /** Who shall own the copy; undefined where we are not root and own it anyway. */
  owner?: Ownership;
  /** Bytes of the files that were copied and read back. */
  onProgress?: (bytes: number, total: number) => void;
}

export interface CopyProof {
  /** Of what lies in the copy; the paths are those below the source's documents, also where one folder was copied. */
  index: DocumentsIndex;
  proof: UnpackProof;
  /** A sentence about each file that changed or vanished meanwhile. */
  warnings: string[];
  /** What a backup would not take either, and why. */
  leftOut: { what: string; why: string }[];
}

/**
 * Copies what a backup of `source` would take, less its further folders, into the empty folder `staged`. A file that
 * changes while it is read is read again, a few times at most; then the copy is what was read last.
 *
 * @throws DrillError `DOCUMENTS_UNREADABLE` where the folder is not there, has not one file (as a volume that is not
 *   mounted), or most of it vanishes meanwhile: such a copy must not take the place of anything; `DISK_FULL`, before anything
 *   is written where the sizes show it; `DOCUMENTS_DIFFER` where the copy reads back otherwise; `DOCUMENTS_NOT_WRITABLE`.
 */
export async function copyDocuments(
  { documents, follow = {}, excludes = DEFAULT_EXCLUDES, kept }: DocumentFolders,
  staged: string,
  { signal, folder, owner, onProgress }: CopyOptions,
): Promise<CopyProof> {
  const refuse = (path: string, why: string) => uncopied(shown(path), why);
  const under = folder === undefined ? "" : `${plainPath(folder, refuse)}/`;
  const top = join(documents, under);
  const walked = under === ""
    ? walkFolders({ documents, follow, excludes, ...(kept ? { kept } : {}) })
    : walkFolder(documents, under, excludes, kept);
  const links = linksOf(walked);
  const leaving = leavingLinks(links);
  const files = walked.filter(({ type }) => type === "file");
  if (files.length === 0) throw uncopied(top, "there is not one file in it");
  requireSpace(staged, { files, links: walked.filter(({ type }) => type !== "file") });

  const from = diskPaths({ documents, follow });
  const to = (path: string) => join(staged, path.slice(under.length));
  const folders = walked.filter(({ type }) => type === "directory");
  for (const { path } of folders) making(path, () => Deno.mkdirSync(to(path), { mode: 0o700 }));
  const copied = await copyFiles(
    files.map(({ path, bytes }) => ({ path, bytes, from: from(path), to: to(path) })),
    { as: { owner }, signal, onProgress },
  );
  refuseVanished(top, copied);

  const times = new Map(walked.map(({ path, mtimeMs }) => [path, new Date(mtimeMs)]));
  const index: DocumentsIndex = {
    excludes: [...excludes],
    ...(kept ? { keepsNamed: true } : {}),
    files: files.flatMap((file, at) => indexed(file, copied[at]!)),
    links: links.filter(({ path }) => !leaving.has(path)),
  };
  const leftOut = links.filter(({ path }) => leaving.has(path));
  if (leftOut.length > 0) index.leftOut = leftOut;
  for (const { path, target } of index.links) makeLink(to(path), target, times.get(path), owner);
  for (const { path } of folders.toReversed()) own(to(path), rightsOf(from(path)), times.get(path), owner);
  return {
    index,
    proof: { files: index.files.length, bytes: totalBytes(index) },
    warnings: files.flatMap(({ path }, at) => warningOf(path, copied[at]!)),
    leftOut: leftOut.map(({ path, target }) => ({ what: path, why: leadingOut(target) })),
  };
}

/** The entries by their paths below the documents, so that the excludes mean the same. */
function walkFolder(
  documents: string,
  under: string,
  excludes: readonly string[],
  kept: Kept | undefined,
): TreeEntry[] {
  const name = under.slice(0, -1);
  const top = name === "" ? undefined : readEntry(join(documents, name), name);
  if (name !== "" && top?.type !== "directory") {
    throw uncopied(join(documents, name), top ? `it is a ${top.type}, not a folder` : "it is not there");
  }
  return walkTree(join(documents, under), excludes, under, kept);
}

/** Its times are those from before any reading, so that what was changed later is seen the next time. */
function indexed({ path, mtimeMs, ctimeMs }: TreeEntry, copied: CopiedFile | Gone) {
  if (copied === "gone") return [];
  const { bytes, sha256, changed, readings } = copied;
  return [{
    path,
    bytes,
    mtimeMs,
    ctimeMs,
    sha256,
    ...(changed || readings > 1 ? { changed: true } : {}),
  }];
}

function warningOf(path: string, copied: CopiedFile | Gone): string[] {
  if (copied === "gone") {
    return [`${shown(path)} vanished while the documents were copied: it is not in the copy`];
  }
  if (copied.changed) {
    return [
      `${
        shown(path)
      } kept changing while it was copied: the copy has what was read the last of ${copied.readings} times`,
    ];
  }
  return copied.readings > 1 ? [`${shown(path)} changed while it was copied, and was copied again`] : [];
}

/** A volume that is taken away meanwhile leaves no file behind, and every one of them is just gone. */
function refuseVanished(top: string, copied: readonly (CopiedFile | Gone)[]): void {
  const gone = copied.filter((one) => one === "gone").length;
  if (gone * 2 < copied.length) return;
  throw uncopied(top, `${gone} of ${formatCount(copied.length, "file")} vanished while it was copied`);
}

function rightsOf(folder: string): number {
  try {
    return Deno.lstatSync(folder).mode ?? 0o755;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return 0o755; // it vanished
    throw error;
  }
}

const uncopied = (path: string, state: string) =>
  new DrillError(
    "DOCUMENTS_UNREADABLE",
    `Cannot copy ${path}: ${state}`,
    "Nothing was changed. Is the volume of the documents mounted there? A copy of nothing would empty the target.",
  );
