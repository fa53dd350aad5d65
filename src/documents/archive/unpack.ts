/** A documents archive into a new folder, each byte checked against the index, and nothing outside that folder. */

import { createHash } from "node:crypto";
import { closeSync } from "node:fs";
import { dirname } from "node:path";
// @ts-types="npm:@types/tar-stream@3.1.5"
import type { Headers } from "tar-stream";
import { type DocumentsIndex, indexBelow, type IndexedFile } from "../index.ts";
import type { OpenArchive } from "./compressor.ts";
import { type Layout, layoutOf, refuseOurs } from "./layout.ts";
import { type FurtherPlaces, NO_FURTHER, Places, requireSpaceIn } from "../places.ts";
import { leavingLinks } from "../tree/links.ts";
import { differ, hostile, notADocument, readEntries } from "./entries.ts";
import type { Folder } from "../tree/folder.ts";
import { endFile, writePiece } from "../tree/holes.ts";
import { shown } from "../tree/paths.ts";
import { makeLink, making, own, type Ownership } from "../tree/write.ts";
import { formatCount, formatNumber } from "../../base/numbers.ts";
import type { Digest } from "../../base/streams.ts";

export type { Ownership };

/** What was unpacked and found equal to the index. */
export interface UnpackProof {
  files: number;
  bytes: number;
}

interface UnpackOptions {
  /** Only what lies in this folder of the documents, `mycompany`, right into `into`; the rest is read and passed over. */
  below?: string;
  /** Empty folders for what lies under some names of the archive, in the place of folders in `into`. */
  further?: FurtherPlaces;
  /** Of the files that were written. */
  onBytes?: (bytes: number) => void;
}

/**
 * Unpacks `archive` into the empty folder `into`, once there is room for it. Symbolic links are made last, so
 * that nothing is ever written through one; no setuid, setgid or sticky bit comes out of an archive. A link that leads out of
 * a further folder is not made: older archives hold some.
 *
 * @throws DrillError `DISK_FULL`, before anything is written where the sizes in the index show it; `DOCUMENTS_HOSTILE` for a path or a link
 *   that leaves the tree, a path below a file or a link, a device, more bytes or folders than the index needs;
 *   `DOCUMENTS_DIFFER` for a file that is missing, too many, twice, or has other bytes; `OBJECT_CORRUPT` for what is no whole tar.
 */
export async function unpackDocuments(
  archive: OpenArchive,
  into: Folder,
  index: DocumentsIndex,
  owner: Ownership | undefined,
  { below, further = NO_FURTHER, onBytes }: UnpackOptions = {},
): Promise<UnpackProof> {
  const { name } = archive;
  const wanted = below === undefined ? index : strippedBelow(index, below);
  const layout = layoutOf(name, wanted, below);
  const { most } = below === undefined ? layout : layoutOf(name, index);
  const main = { folder: into, owner };
  requireSpaceIn(main, further, wanted);
  const done = new Map<string, Headers>();
  using places = new Places(main, further);
  const folders = foldersBelow(name, places, further, layout);
  let bytes = 0;
  await readEntries(archive, async (entry, entryPath) => {
    const { header } = entry;
    refuseOurs(name, entryPath);
    const path = below === undefined ? entryPath : innerPath(entryPath, below);
    if (path === undefined) {
      entry.resume();
      return;
    }
    if (header.type === "directory") {
      if (path !== "") folders.declare(path, header);
      entry.resume();
      return;
    }
    if (done.has(path)) throw differ(name, `${shown(path)} is in the archive twice`);
    if (header.type === "symlink") {
      if (layout.links.get(path) !== header.linkname) {
        throw hostile(
          name,
          path,
          `it is a link to ${shown(header.linkname ?? "")}, which the index does not know`,
        );
      }
      entry.resume();
    } else if (header.type === "file") {
      const file = layout.files.get(path);
      if (!file) throw differ(name, `${shown(path)} is in the archive and not in the index`);
      folders.make(dirname(path));
      bytes += await writeFile(name, entry, header, places, file);
      onBytes?.(bytes);
    } else {
      throw hostile(name, path, notADocument(header.type));
    }
    done.set(path, header);
  }, most.bytes);
  refuseMissing(name, layout, done);
  const leaving = further.size === 0 ? NO_LINKS : leavingLinks(wanted.links, [...further.keys()]);
  for (const [path, target] of layout.links) {
    if (leaving.has(path)) continue;
    folders.make(dirname(path));
    const { folder, name, owner } = places.parent(path);
    makeLink(folder, name, { path, target, mtimeMs: timeOf(done.get(path)) }, owner);
  }
  folders.finish();
  return { files: wanted.files.length, bytes };
}

const NO_LINKS: ReadonlySet<string> = new Set();

/** `mycompany/logos/a.png` -> `logos/a.png`; undefined for what lies elsewhere, or is the folder itself. */
const innerPath = (path: string, below: string): string | undefined =>
  path.startsWith(`${below}/`) ? path.slice(below.length + 1) : undefined;

function strippedBelow(index: DocumentsIndex, below: string): DocumentsIndex {
  const { files, links, ...rest } = indexBelow(index, below);
  const stripped = <Entry extends { path: string }>(entry: Entry): Entry => ({
    ...entry,
    path: innerPath(entry.path, below) ?? entry.path,
  });
  return { ...rest, files: files.map(stripped), links: links.map(stripped) };
}

function refuseMissing(name: string, { files, links }: Layout, done: ReadonlyMap<string, Headers>): void {
  const missing = [...files.keys(), ...links.keys()].filter((path) => !done.has(path));
  if (missing.length === 0) return;
  throw differ(
    name,
    `${formatNumber(missing.length)} of ${
      formatNumber(files.size + links.size)
    } files and links are missing from the archive, first ${shown(missing[0]!)}`,
  );
}

/**
 * The folders that are written into: each is made once, when something is written into it, and the empty ones at the end, when the
 * archive is proved; their owner and times are given when nothing is written into them any more.
 */
function foldersBelow(name: string, places: Places, further: FurtherPlaces, layout: Layout) {
  const declared = new Map<string, Headers>();
  const made = new Set(further.keys());
  const make = (path: string): void => {
    if (path === "." || made.has(path)) return;
    make(dirname(path));
    making(path, () => {
      const { folder, name } = places.parent(path);
      folder.makeFolder(name)[Symbol.dispose]();
    });
    made.add(path);
  };
  return {
    make,
    declare(path: string, header: Headers): void {
      for (let above = path; above !== "."; above = dirname(above)) {
        if (!layout.files.has(above) && !layout.links.has(above)) continue;
        throw hostile(name, path, "it is a folder, and the index has a file or a link there");
      }
      declared.set(path, header);
      if (declared.size <= layout.most.folders) return;
      throw hostile(
        name,
        path,
        `there are ${layout.most.folders} folders before it, more than its files can need`,
      );
    },
    finish(): void {
      for (const path of declared.keys()) make(path);
      for (const path of [...made].toReversed()) {
        const header = declared.get(path);
        const { folder, owner } = places.folder(path);
        own(folder.handle, path, { mode: header?.mode ?? IMPLIED_MODE, mtimeMs: timeOf(header) }, owner);
      }
    },
  };
}

/** Of a folder that the archive only names in the paths of what lies in it. */
const IMPLIED_MODE = 0o755;

/** In ms: of a time that has no room in tar's own field, such as one before 1970, the extended header tells. */
function timeOf(header: (Headers & { pax?: Record<string, string> | null }) | undefined): number {
  const extended = header?.pax?.mtime;
  return extended === undefined ? header?.mtime?.getTime() ?? 0 : Number(extended) * 1000;
}

async function writeFile(
  name: string,
  entry: AsyncIterable<Uint8Array>,
  header: Headers,
  places: Places,
  expected: IndexedFile,
): Promise<number> {
  const tooLarge = () =>
    hostile(name, expected.path, `it has more than the ${formatCount(expected.bytes, "byte")} of the index`);
  if ((header.size ?? 0) > expected.bytes) throw tooLarge();
  const { path } = expected;
  const hash = createHash("sha256");
  let bytes = 0;
  const { owner } = places.parent(path);
  const file = making(path, () => {
    const { folder, name } = places.parent(path);
    return folder.createFile(name);
  });
  try {
    for await (const chunk of entry) {
      if (bytes + chunk.length > expected.bytes) throw tooLarge();
      hash.update(chunk);
      making(path, () => writePiece(file, chunk, bytes));
      bytes += chunk.length;
    }
    making(path, () => endFile(file, bytes));
    refuseOther(name, expected, { bytes, sha256: hash.digest("hex") });
    own(file, path, { mode: header.mode ?? 0o640, mtimeMs: timeOf(header) }, owner);
  } finally {
    closeSync(file);
  }
  return bytes;
}

function refuseOther(name: string, expected: IndexedFile, { bytes, sha256 }: Digest): void {
  if (bytes !== expected.bytes) {
    const recorded = formatNumber(expected.bytes);
    throw differ(
      name,
      `${shown(expected.path)} has ${formatCount(bytes, "byte")}, the index says ${recorded}`,
    );
  }
  if (sha256 !== expected.sha256) {
    throw differ(name, `${shown(expected.path)} has other bytes than when it was backed up`);
  }
}
