/**
 * A copy of the documents of an environment that is in use and is only read: each file hashed while it is read and written,
 * and then read back from the copy and hashed again, so that the proof is of what lies there.
 */

import { DrillError } from "../../base/errors.ts";
import { formatCount } from "../../base/numbers.ts";
import type { Gone } from "../hash/file.ts";
import type { CopiedFile } from "./file.ts";
import { copyFiles } from "./files.ts";
import { type DocumentsIndex, leadingOut, oddity, totalBytes } from "../index.ts";
import { leavingLinks, linksOf } from "../tree/links.ts";
import { type DocumentFolders, OpenFolders } from "../folders.ts";
import { type FurtherPlaces, NO_FURTHER, Places, requireSpaceIn } from "../places.ts";
import { plainPath, shown } from "../tree/paths.ts";
import { codeOf, type Folder } from "../tree/folder.ts";
import type { OddEntry } from "../tree/odd_entries.ts";
import { Reach } from "../tree/reach.ts";
import { DEFAULT_EXCLUDES, type Kept, type TreeEntry, walkTree } from "../tree/walk.ts";
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
  staged: Folder,
  { signal, folder, owner, further = NO_FURTHER, onProgress }: CopyOptions,
): Promise<CopyProof> {
  const { documents, excludes = DEFAULT_EXCLUDES, kept } = source;
  const elsewhere = folder === undefined ? further : NO_FURTHER;
  const moreFolders = Object.fromEntries(
    Object.entries(source.moreFolders ?? {}).filter(([name]) => elsewhere.has(name)),
  );
  const copiedFolders = { ...source, moreFolders };
  const refuse = (path: string, why: string) => uncopied(shown(path), why);
  const below = folder === undefined ? "" : plainPath(folder, refuse);
  const under = below === "" ? "" : `${below}/`;
  const top = below === "" ? documents : `${documents}/${below}`;
  using from = new OpenFolders(below === "" ? copiedFolders : { ...copiedFolders, follow: {} });
  const odd: OddEntry[] = [];
  const onOdd = (entry: OddEntry) => odd.push(entry);
  const walked = below === "" ? from.walk(onOdd) : walkBelow(from.documents, below, onOdd, excludes, kept);
  const links = linksOf(walked);
  const leaving = leavingLinks(links, Object.keys(moreFolders));
  const files = walked.filter(({ type }) => type === "file");
  if (files.length === 0) throw uncopied(top, "there is not one file in it");
  const main = { folder: staged, owner };
  const others = walked.filter(({ type }) => type !== "file");
  requireSpaceIn(main, elsewhere, { files, links: others });

  using places = new Places(main, elsewhere);
  const to = (path: string) => path.slice(under.length);
  const folders = walked.filter(({ type }) => type === "directory");
  for (const { path } of folders) {
    if (elsewhere.has(path)) continue;
    making(path, () => {
      const { folder, name } = places.parent(to(path));
      folder.makeFolder(name)[Symbol.dispose]();
    });
  }
  const copied = await copyFiles(
    files.map(({ path, bytes }) => {
      return { path, bytes, from: from.locate(path), to: places.locate(to(path)) };
    }),
    { sources: from.roots, targets: places.all, asSources: true, signal, onProgress },
  );
  refuseVanished(top, copied);

  const times = new Map(walked.map(({ path, mtimeMs }) => [path, mtimeMs]));
  const index: DocumentsIndex = {
    excludes: [...excludes],
    ...(kept ? { keepsNamed: true } : {}),
    files: files.flatMap((file, at) => indexed(file, copied[at]!)),
    links: links.filter(({ path }) => !leaving.has(path)),
    ...(Object.keys(moreFolders).length > 0 ? { roots: moreFolders } : {}),
  };
  const leftOut = links.filter(({ path }) => leaving.has(path));
  if (leftOut.length > 0) index.leftOut = leftOut;
  if (odd.length > 0) index.odd = odd.map(({ path, is }) => ({ path, is }));
  for (const { path, target } of index.links) {
    const { folder, name, owner } = places.parent(to(path));
    makeLink(folder, name, { path, target, mtimeMs: times.get(path) ?? 0 }, owner);
  }
  for (const entry of folders.toReversed()) {
    const { folder, owner } = places.folder(to(entry.path));
    own(folder.handle, entry.path, entry, owner);
  }
  return {
    index,
    proof: { files: index.files.length, bytes: totalBytes(index) },
    warnings: files.flatMap(({ path }, at) => warningOf(path, copied[at]!)),
    leftOut: [
      ...leftOut.map(({ path, target }) => ({ what: path, why: leadingOut(target) })),
      ...odd.map(({ path, is }) => ({ what: path, why: oddity({ is }) })),
    ],
  };
}

/** One folder of the documents alone, by the paths below the documents, so that the excludes mean the same. */
function walkBelow(
  documents: Folder,
  below: string,
  onOdd: (odd: OddEntry) => void,
  excludes: readonly string[],
  kept: Kept | undefined,
): TreeEntry[] {
  using reach = new Reach(documents);
  const isNone = (is: string) => uncopied(`${documents.path}/${below}`, is);
  try {
    const { folder, name } = reach.parent(below);
    const info = folder.find(name);
    if (info === undefined) throw isNone("it is not there");
    if (!info.isDirectory) throw isNone(`it is a ${info.isSymlink ? "link" : "file"}, not a folder`);
    return walkTree(reach.folder(below), excludes, `${below}/`, kept, onOdd);
  } catch (error) {
    throw codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR" ? isNone("it is not there") : error;
  }
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

const uncopied = (path: string, state: string) =>
  new DrillError(
    "DOCUMENTS_UNREADABLE",
    `Cannot copy ${path}: ${state}`,
    "Nothing was changed. Is the volume of the documents mounted there? A copy of nothing would empty the target.",
  );
