/** Writing entries of documents into a new folder: their owners, rights and times, and what it means when that fails. */

import { chmodSync, chownSync, lchownSync, lutimesSync, symlinkSync } from "node:fs";
import { writeError, type WriteHints } from "../../base/files.ts";
import type { Attributes } from "./file_state.ts";
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

/** Gives a file or folder that comes from elsewhere its owner, rights and time. */
export function own(path: string, mode: number, mtime: Date | undefined, owner: Ownership | undefined): void {
  const time = possible(mtime);
  making(path, () => {
    if (owner) chownSync(path, owner.uid, owner.gid);
    chmodSync(path, mode & RIGHTS);
    lutimesSync(path, time, time);
  });
}

/**
 * Gives an entry that was in the same tree before what it had: rights with setuid, setgid and sticky, and its time.
 * @param owns whether also its owner
 * @throws DrillError `DISK_FULL`, `DOCUMENTS_NOT_WRITABLE`
 */
export function giveBack(path: string, { type, mode, uid, gid, mtimeMs }: GivenBack, owns: boolean): void {
  const time = possible(new Date(mtimeMs));
  making(path, () => {
    if (owns) lchownSync(path, uid, gid);
    if (type !== "link") chmodSync(path, mode);
    lutimesSync(path, time, time);
  });
}

type GivenBack = Attributes & Pick<TreeEntry, "type" | "mtimeMs">;

export function makeLink(
  path: string,
  target: string,
  mtime: Date | undefined,
  owner: Ownership | undefined,
): void {
  const time = possible(mtime);
  making(path, () => {
    symlinkSync(target, path);
    if (owner) lchownSync(path, owner.uid, owner.gid);
    lutimesSync(path, time, time);
  });
}

/** Seconds as a number have steps of a quarter of a microsecond, and are cut, not rounded: half a step more is the same time. */
const ROUNDING_S = 3e-7;

/** In seconds. ext4 holds 34 bits of seconds; any other time is none that a document has. */
function possible(mtime: Date | undefined): number {
  const seconds = (mtime?.getTime() ?? NaN) / 1000;
  return Math.abs(seconds) < 2 ** 33 ? seconds + ROUNDING_S : 0;
}
