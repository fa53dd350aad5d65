/** What an archive may hold, decided by its index before a byte is unpacked. Pure. */

import type { DocumentsIndex, IndexedFile } from "../index.ts";
import { leavingLinks } from "../tree/links.ts";
import { isOurs } from "../tree/names.ts";
import { plainPath, shown } from "../tree/paths.ts";
import { differ, hostile } from "./entries.ts";

export interface Layout {
  files: ReadonlyMap<string, IndexedFile>;
  /** Where each link leads, as it is written. */
  links: ReadonlyMap<string, string>;
  /** The folders that the files and links lie in. Others may be in the archive, for an index names no empty ones. */
  folders: ReadonlySet<string>;
  /** No more folders than this are unpacked, and no more bytes of tar are read. */
  most: { folders: number; bytes: number };
}

/** Empty folders are there in every tree; so many in none, however little else there is. */
const MOST_FOLDERS = 100_000;
const FOLDERS_PER_ENTRY = 16;
/** A path of 4 KiB and the target of a link of as many, each in a header of its own, and the headers themselves. */
const HEADERS_BYTES = 16 * 1024;
const PADDING_BYTES = 1024 * 1024;

/**
 * @param archive its name, for messages
 * @param within the folder of the documents that the paths lie in, where the index is of that folder alone: a link may lead
 *   out of it, to other documents
 * @throws DrillError `DOCUMENTS_HOSTILE` for an index of a tree that cannot be, or that would write elsewhere: a path that
 *   leaves it or is one of our own, one below a file or below a link, a link that leads out; `DOCUMENTS_DIFFER` for one
 *   that names a path twice.
 */
export function layoutOf(archive: string, index: DocumentsIndex, within?: string): Layout {
  const refuse = (path: string, why: string) => hostile(archive, path, why);
  const files = new Map(index.files.map((file) => [file.path, file]));
  const links = new Map(index.links.map(({ path, target }) => [path, target]));
  const paths = [...files.keys(), ...links.keys()];
  if (new Set(paths).size < index.files.length + index.links.length) {
    throw differ(archive, "its index names a path twice");
  }
  const folders = new Set<string>();
  for (const path of paths) {
    if (plainPath(path, refuse) !== path || path === "") throw refuse(path, "it is no plain path");
    refuseOurs(archive, path);
    addFolders(folders, path);
  }
  const [blocked] = paths.filter((path) => folders.has(path));
  if (blocked !== undefined) throw refuse(blocked, "the archive has files below it, and it is no folder");
  const under = within === undefined ? "" : `${within}/`;
  const [leaving] = leavingLinks(index.links.map(({ path, target }) => ({ path: under + path, target })));
  if (leaving !== undefined) {
    const target = links.get(leaving.slice(under.length)) ?? "";
    throw refuse(leaving, `it is a link out of the tree, to ${shown(target)}`);
  }
  const most = MOST_FOLDERS + FOLDERS_PER_ENTRY * paths.length;
  const data = index.files.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    files,
    links,
    folders,
    most: { folders: most, bytes: data + HEADERS_BYTES * paths.length + 4096 * most + PADDING_BYTES },
  };
}

/** An archive must not bring what would be taken for an interrupted restore. */
export function refuseOurs(archive: string, path: string): void {
  if (isOurs(path)) {
    throw hostile(
      archive,
      path,
      "it has a name that only a restore in progress has, and no backup holds one",
    );
  }
}

function addFolders(folders: Set<string>, path: string): void {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const folder = path.slice(0, end);
    if (folders.has(folder)) return;
    folders.add(folder);
  }
}
