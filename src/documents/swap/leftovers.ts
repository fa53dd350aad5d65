/**
 * What lies in or beside a documents folder and has a name of ours, though nothing that this user keeps knows it: notes of the
 * version before, which kept them there; what a restore of another user or machine left; or what somebody made up.
 */

import { basename, dirname, join } from "node:path";
import { besideWhat, isOurFolder, STOPPED_NOTE } from "../tree/names.ts";

export interface Leftover {
  path: string;
  /**
   * `journal`, `stopped`: a note of the version before. `staged`, `control`, `checkpoint`: a folder of its. `documents`: the
   * new or the old documents of a restore, which may be the only copy. `partial`: a note half written.
   */
  kind: "journal" | "stopped" | "staged" | "control" | "checkpoint" | "documents" | "partial";
  /** Of a journal and of documents: the folder that is swapped, and how. */
  root: string;
  method: "beside" | "inside";
  /** Why it is not believed, a clause; undefined where only this user can have written it. */
  doubt?: string;
}

/** Names in our folder of the version before, and behind `.NAME.drill-` beside a folder. */
const KINDS: Readonly<Record<string, Leftover["kind"]>> = {
  "journal.json": "journal",
  "journal.json~": "partial",
  new: "documents",
  old: "documents",
  gone: "documents",
  staged: "staged",
  control: "control",
  checkpoint: "checkpoint",
};

const ALL_KINDS: Readonly<Record<string, Leftover["kind"]>> = { ...KINDS, "stopped.json": "stopped" };

/**
 * Everything of that kind for the documents folder `root` (absolute, without links), and for the folders right in it. No note
 * is read, and no link is followed.
 */
export function leftoversAt(root: string): Leftover[] {
  const tree = look(root) ?? look(join(dirname(root), `.${basename(root)}.drill-old`));
  const found = [...besides(root, tree), ...within(root, tree)];
  const entries = listed(root);
  const note = entries.find((name) => name === STOPPED_NOTE);
  if (note !== undefined) found.push(judged(join(root, note), "stopped", root, "inside", tree));
  const below = new Set(entries.map(besideWhat).filter((name) => name !== undefined));
  const isFolder = (name: string) => !isOurFolder(name) && look(join(root, name))?.isDirectory === true;
  for (const name of entries) {
    if (isFolder(name) && listed(join(root, name)).some(isOurFolder)) below.add(name);
  }
  for (const name of below) {
    const folder = join(root, name);
    found.push(...besides(folder, tree), ...within(folder, tree));
  }
  return found;
}

function besides(root: string, tree: Deno.FileInfo | undefined): Leftover[] {
  const above = dirname(root);
  const prefix = `.${basename(root)}.drill-`;
  return Object.entries(ALL_KINDS).flatMap(([what, kind]) => {
    const path = join(above, prefix + what);
    return look(path) === undefined ? [] : [judged(path, kind, root, "beside", tree)];
  });
}

function within(root: string, tree: Deno.FileInfo | undefined): Leftover[] {
  return listed(root).filter(isOurFolder).flatMap((name) => {
    const ours = join(root, name);
    if (look(ours)?.isDirectory !== true) return []; // a link leads elsewhere, and is no folder of ours
    return Object.entries(KINDS).flatMap(([what, kind]) => {
      const path = join(ours, what);
      return look(path) === undefined ? [] : [judged(path, kind, root, "inside", tree)];
    });
  });
}

function judged(
  path: string,
  kind: Leftover["kind"],
  root: string,
  method: Leftover["method"],
  tree: Deno.FileInfo | undefined,
): Leftover {
  const [entry, folder] = [look(path), look(dirname(path))];
  const doubt = whyDoubted({ kind, entry, folder, tree, self: Deno.uid() });
  return { path, kind, root, method, ...(doubt === undefined ? {} : { doubt }) };
}

/** What a leftover is judged by. */
interface LeftoverFacts {
  kind: Leftover["kind"];
  entry: Pick<Deno.FileInfo, "isFile" | "isDirectory" | "uid" | "nlink" | "mode"> | undefined;
  /** The folder that it lies in. */
  folder: Pick<Deno.FileInfo, "isDirectory" | "uid" | "mode"> | undefined;
  /** The documents folder; undefined where it is not there. */
  tree: Pick<Deno.FileInfo, "uid"> | undefined;
  self: number | null;
}

/**
 * Why it is not certain that this user wrote it; undefined where it is. A user who owns the tree is who serves the ERP, as far
 * as anybody can tell from files. Pure.
 */
export function whyDoubted({ kind, entry, folder, tree, self }: LeftoverFacts): string | undefined {
  const isNote = kind === "journal" || kind === "stopped" || kind === "partial";
  if (isNote && entry?.isFile !== true) return "it is no regular file";
  if (!isNote && entry?.isDirectory !== true) return "it is no folder";
  if (isNote && entry?.nlink !== 1) return "it has a second name elsewhere";
  if (entry?.uid !== self) return `it belongs to the user with the id ${entry?.uid}`;
  if (folder?.isDirectory !== true) return "the folder above it is none";
  if (folder.uid !== self) return `the folder above it belongs to the user with the id ${folder.uid}`;
  if (((folder.mode ?? 0o777) & 0o022) !== 0) return "other users may write into the folder above it";
  if (!isNote && ((entry.mode ?? 0o777) & 0o022) !== 0) return "other users may write into it";
  if (tree !== undefined && tree.uid === self) return "the documents belong to the same user";
  return undefined;
}

function listed(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name);
  } catch (error) {
    if (isAbsence(error) || error instanceof Deno.errors.PermissionDenied) return []; // then nothing of ours is there
    throw error;
  }
}

/** Without following a link; undefined where nothing is, or where this user may not look: then nothing of ours is there. */
function look(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (isAbsence(error) || error instanceof Deno.errors.PermissionDenied) return undefined;
    throw error;
  }
}

const isAbsence = (error: unknown): boolean =>
  error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
  error instanceof Deno.errors.FilesystemLoop;
