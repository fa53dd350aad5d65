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
import { type FurtherPlaces, NO_FURTHER, type Place, placesOf, requireSpaceIn } from "../places.ts";
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
  /** For further folders of the source, by name, where they are copied to; the others are not. */
  further?: FurtherPlaces;
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
 * Copies what a backup of `source` would take into the empty folder `staged`, and of its further folders those that have an
 * empty folder in `further`. A file that changes while it is read is read again, a few times at most; then the copy is what
 * was read last.
 *
 * @throws DrillError `DOCUMENTS_UNREADABLE` where the folder is not there, has not one file (as a volume that is not
 *   mounted), or most of it vanishes meanwhile: such a copy must not take the place of anything; `DISK_FULL`, before anything
 *   is written where the sizes show it; `DOCUMENTS_DIFFER` where the copy reads back otherwise; `DOCUMENTS_NOT_WRITABLE`.
 */
export async function copyDocuments(
  source: DocumentFolders,
  staged: string,
  { signal, folder, owner, further = NO_FURTHER, onProgress }: CopyOptions,
): Promise<CopyProof> {
  const { documents, excludes = DEFAULT_EXCLUDES, kept } = source;
  const elsewhere = folder === undefined ? further : NO_FURTHER;
  const moreFolders = Object.fromEntries(
    Object.entries(source.moreFolders ?? {}).filter(([name]) => elsewhere.has(name)),
  );
  const copiedFolders = { ...source, moreFolders };
  const refuse = (path: string, why: string) => uncopied(shown(path), why);
  const under = folder === undefined ? "" : `${plainPath(folder, refuse)}/`;
  const top = join(documents, under);
  const walked = under === "" ? walkFolders(copiedFolders) : walkFolder(documents, under, excludes, kept);
  const links = linksOf(walked);
  const leaving = leavingLinks(links, Object.keys(moreFolders));
  const files = walked.filter(({ type }) => type === "file");
  if (files.length === 0) throw uncopied(top, "there is not one file in it");
  const main = { folder: staged, owner };
  const others = walked.filter(({ type }) => type !== "file");
  requireSpaceIn(main, elsewhere, { files, links: others });

  const from = diskPaths(copiedFolders);
  const placeOf = placesOf(main, elsewhere);
  const to = (path: string) => placeOf(path.slice(under.length));
  const folders = walked.filter(({ type }) => type === "directory");
  for (const { path } of folders) {
    if (!elsewhere.has(path)) making(path, () => Deno.mkdirSync(to(path).folder, { mode: 0o700 }));
  }
  const copied = await copyFiles(
    files.map(({ path, bytes }) => ({ path, bytes, from: from(path), to: to(path).folder })),
    { as: { owner }, signal, onProgress },
  );
  refuseVanished(top, copied);
  files.forEach(({ path }, at) => {
    const place = to(path);
    if (copied[at] !== "gone" && place.owner !== owner) giveTo(place, path);
  });

  const times = new Map(walked.map(({ path, mtimeMs }) => [path, new Date(mtimeMs)]));
  const index: DocumentsIndex = {
    excludes: [...excludes],
    ...(kept ? { keepsNamed: true } : {}),
    files: files.flatMap((file, at) => indexed(file, copied[at]!)),
    links: links.filter(({ path }) => !leaving.has(path)),
    ...(Object.keys(moreFolders).length > 0 ? { roots: moreFolders } : {}),
  };
  const leftOut = links.filter(({ path }) => leaving.has(path));
  if (leftOut.length > 0) index.leftOut = leftOut;
  for (const { path, target } of index.links) {
    const place = to(path);
    makeLink(place.folder, target, times.get(path), place.owner);
  }
  for (const { path } of folders.toReversed()) {
    const place = to(path);
    own(place.folder, rightsOf(from(path)), times.get(path), place.owner);
  }
  return {
    index,
    proof: { files: index.files.length, bytes: totalBytes(index) },
    warnings: files.flatMap(({ path }, at) => warningOf(path, copied[at]!)),
    leftOut: leftOut.map(({ path, target }) => ({ what: path, why: leadingOut(target) })),
  };
}

/** All were copied for the owner of the documents. */
function giveTo({ folder, owner }: Place, path: string): void {
  if (owner) making(path, () => Deno.chownSync(folder, owner.uid, owner.gid));
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
