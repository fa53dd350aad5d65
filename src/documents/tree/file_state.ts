/**
 * What a file was when it was looked at, and whether it may have other bytes since. A backup, a copy, a checkpoint and a
 * reset decide it alike. Of a file that changes while it is read:
 *
 * - Its state is taken before its bytes. Where it has another one afterwards, the file changed.
 * - A copy reads it again, MOST_READINGS times in all: a file that is written all the time must not hold up all others.
 *   What tar read is in the archive and cannot be read again: there the archive says which bytes it holds (changed_files.ts).
 * - Then what was read last counts, and is marked `changed`: it may be half of one state and half of another, and the next
 *   backup reads it again whatever its times are. A backup and a copy into a sandbox go on with a warning, for one such file
 *   is worth less than all others. A checkpoint is refused: a reset promises what was there, and that never was.
 */

import type { Stats } from "node:fs";

/** As long as a file has the same state, and not one too young, it has the same bytes. */
export interface FileState {
  bytes: number;
  mtimeMs: number;
  /** In whole seconds: the runtime gives no more of it. */
  ctimeMs: number;
  inode: number;
}

/** What a file, folder or link has beside its content. */
export interface Attributes {
  /** Permission bits, with setuid, setgid and sticky. */
  mode: number;
  uid: number;
  gid: number;
}

/** How often a file that changes meanwhile is read. */
export const MOST_READINGS = 5;

/** Clocks and file systems count in steps: what was written so shortly after another write may have the same times. */
const TICK_MS = 2000;

/** An index records no inode: then the rest decides. */
type KnownState = Omit<FileState, "inode"> & Partial<FileState>;

/** Whether the state is still the known one. */
export const isSameState = (now: FileState, known: KnownState): boolean =>
  now.bytes === known.bytes && now.mtimeMs === known.mtimeMs && now.ctimeMs === known.ctimeMs &&
  (known.inode === undefined || now.inode === known.inode);

/** Whether it changed so shortly before `momentMs`, or after it, that one more change need not show in its times. */
export const isYoung = (
  { mtimeMs, ctimeMs }: Pick<FileState, "mtimeMs" | "ctimeMs">,
  momentMs: number,
): boolean => Math.max(mtimeMs, ctimeMs) > momentMs - TICK_MS;

/** Whether a file has to be read to know that it has the bytes that it had when its state was `known`, at `momentMs`. */
export const mayDiffer = (now: FileState, known: KnownState, momentMs: number): boolean =>
  !isSameState(now, known) || isYoung(now, momentMs);

/** Of an open file. Times are whole ms, as those of a walk. */
export const stateOf = ({ size, mtimeMs, ctimeMs, ino, mode, uid, gid }: Stats): FileState & Attributes => ({
  bytes: size,
  mtimeMs: Math.floor(mtimeMs),
  ctimeMs: Math.floor(ctimeMs),
  inode: ino,
  mode: mode & 0o7777,
  uid,
  gid,
});
