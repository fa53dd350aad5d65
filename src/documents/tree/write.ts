/** Writing entries of documents into a new folder: their owners, rights and times, and what it means when that fails. */

import { closeSync, fchmodSync, fchownSync, futimesSync } from "node:fs";
import { writeError, type WriteHints } from "../../base/files.ts";
import type { Attributes } from "./file_state.ts";
import { type Folder, systemTime } from "./folder.ts";
import { shown } from "./paths.ts";
import type { TreeEntry } from "./walk.ts";

/** Who shall own what is written; undefined where we are not root and own it anyway. */
export interface Ownership {
  uid: number;
  gid: number;
}

/** No setuid, setgid or sticky bit comes from elsewhere. */
const RIGHTS = 0o777;

const HINTS: WriteHints = {
  room: "Make room on the target's documents volume: the new tree is made before the old one goes.",
  hint: "Look at the rights of the target's documents folder and of the folder above it.",
};

/** @throws DrillError `DISK_FULL`, `DOCUMENTS_NOT_WRITABLE` */
export function making<T>(path: string, make: () => T, hints = HINTS): T {
  try {
    return make();
  } catch (error) {
    throw writeError(`write ${shown(path)}`, error, hints);
  }
}

/**
 * Gives an open file or folder that comes from elsewhere its owner, rights and time.
 * @param handle open for reading or writing
 * @param path for messages
 */
export function own(
  handle: number,
  path: string,
  { mode, mtimeMs }: Pick<TreeEntry, "mode" | "mtimeMs">,
  owner: Ownership | undefined,
): void {
  dress(handle, path, { mode: mode & RIGHTS, mtimeMs, ...(owner ? { owner } : {}) });
}

/**
 * Gives an entry that was in the same tree before what it had: rights with setuid, setgid and sticky, and its time.
 * @param owns whether also its owner
 * @throws DrillError `DISK_FULL`, `DOCUMENTS_NOT_WRITABLE`
 */
export function giveBack(folder: Folder, name: string, entry: GivenBack, owns: boolean): void {
  const { type, mode, uid, gid, mtimeMs } = entry;
  const path = folder.pathOf(name);
  if (type === "link") {
    making(path, () => {
      if (owns) folder.chown(name, uid, gid);
      folder.setTime(name, mtimeMs);
    });
    return;
  }
  const given = { mode, mtimeMs, ...(owns ? { owner: { uid, gid } } : {}) };
  if (type === "directory") {
    using inner = making(path, () => folder.folder(name));
    dress(inner.handle, path, given);
    return;
  }
  const file = making(path, () => folder.openFile(name));
  try {
    dress(file, path, given);
  } finally {
    closeSync(file);
  }
}

type GivenBack = Attributes & Pick<TreeEntry, "type" | "mtimeMs">;

function dress(
  handle: number,
  path: string,
  { mode, mtimeMs, owner }: { mode: number; mtimeMs: number; owner?: Ownership },
): void {
  const time = systemTime(mtimeMs);
  making(path, () => {
    if (owner) fchownSync(handle, owner.uid, owner.gid);
    fchmodSync(handle, mode); // after the owner, whose change takes setuid and setgid away
    futimesSync(handle, time, time);
  });
}

/** @param path for messages */
export function makeLink(
  folder: Folder,
  name: string,
  { path, target, mtimeMs }: { path: string; target: string; mtimeMs: number },
  owner: Ownership | undefined,
): void {
  making(path, () => {
    folder.makeLink(name, target);
    if (owner) folder.chown(name, owner.uid, owner.gid);
    folder.setTime(name, mtimeMs);
  });
}
