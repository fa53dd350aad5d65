/** A part of a tree copied as it is within that tree: for a folder that is put in the place of another. */

import { mkdirSync, symlinkSync } from "node:fs";
import { readEntry, type TreeEntry, walkEverything } from "../tree/walk.ts";
import { giveBack, making } from "../tree/write.ts";
import { copyProved } from "./file.ts";

/**
 * Copies a file, a link, or a folder with all that is in it, also what is no document, with owners, rights and times.
 * @param to where nothing may be yet
 * @throws DrillError `DOCUMENTS_UNREADABLE`, `DISK_FULL`, `DOCUMENTS_NOT_WRITABLE`, `DOCUMENTS_DIFFER`
 */
export function copyTree(from: string, to: string): void {
  const top = readEntry(from, "");
  if (!top) return;
  const entries = top.type === "directory" ? [top, ...walkEverything(from)] : [top];
  for (const entry of entries) copyEntry(at(from, entry), entry, at(to, entry));
  for (const entry of entries.toReversed()) {
    if (entry.type === "directory") giveBack(at(to, entry), entry, true);
  }
}

const at = (top: string, { path }: TreeEntry): string => path === "" ? top : `${top}/${path}`;

function copyEntry(from: string, entry: TreeEntry, to: string): void {
  if (entry.type === "directory") {
    making(to, () => mkdirSync(to, { mode: 0o700 }));
  } else if (entry.type === "link") {
    making(to, () => symlinkSync(entry.target ?? "", to));
    giveBack(to, entry, true);
  } else {
    const copied = copyProved(from, to, {});
    if (copied !== "gone") giveBack(to, { ...entry, ...copied.state }, true);
  }
}
