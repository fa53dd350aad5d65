/** A part of a tree copied as it is within that tree: for a folder that is put in the place of another. */

import type { Folder } from "../tree/folder.ts";
import { Reach } from "../tree/reach.ts";
import { readEntry, type TreeEntry, walkEverything } from "../tree/walk.ts";
import { giveBack, making } from "../tree/write.ts";
import { copyProved } from "./file.ts";

/**
 * Copies the entry `name` of `from` into `to`, under the name `as`, where nothing may be yet: a file, a link, or a folder with
 * all that is in it, also what is no document, with owners, rights and times.
 * @throws DrillError `DOCUMENTS_UNREADABLE`, `DISK_FULL`, `DOCUMENTS_NOT_WRITABLE`, `DOCUMENTS_DIFFER`
 */
export function copyTree(from: Folder, to: Folder, name: string, as = name): void {
  const top = readEntry(from, name, name);
  if (!top) return;
  const entries = [top];
  if (top.type === "directory") {
    using folder = from.folder(name);
    for (const entry of walkEverything(folder)) entries.push({ ...entry, path: `${name}/${entry.path}` });
  }
  using source = new Reach(from);
  using target = new Reach(to);
  const there = (path: string) => as + path.slice(name.length);
  for (const entry of entries) copyEntry(source, target, entry, there(entry.path));
  for (const entry of entries.toReversed()) {
    if (entry.type === "directory") giveTo(target, there(entry.path), entry);
  }
}

function copyEntry(source: Reach, target: Reach, entry: TreeEntry, to: string): void {
  const { path, type } = entry;
  if (type === "file") {
    const copied = copyProved({ reach: source, path }, { reach: target, path: to }, {});
    if (copied !== "gone") giveTo(target, to, { ...entry, ...copied.state });
    return;
  }
  const { folder, name } = target.parent(to);
  if (type === "directory") making(to, () => folder.makeFolder(name)[Symbol.dispose]());
  else {
    making(to, () => folder.makeLink(name, entry.target ?? ""));
    giveTo(target, to, entry);
  }
}

function giveTo(target: Reach, path: string, entry: TreeEntry): void {
  const { folder, name } = target.parent(path);
  giveBack(folder, name, entry, true);
}
