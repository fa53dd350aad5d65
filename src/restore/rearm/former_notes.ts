/**
 * What the version before kept in and beside the documents is taken into the state of this one. Only what nobody but this user
 * can have written is believed; the rest is told, and taken where a person says so (`rearm --adopt-notes`).
 */

import * as fs from "node:fs";
import { basename, dirname, join } from "node:path";
import { messageOf } from "../../base/errors.ts";
import { exists } from "../../base/files.ts";
import type { OwnFolder } from "../../base/own_folder.ts";
import { readRecord } from "../../base/versioned_record.ts";
import { copyTree } from "../../documents/copy/tree.ts";
import { formerJournalRecord, JournalFile, journalsIn } from "../../documents/swap/journal.ts";
import { type Leftover, leftoversAt, whyDoubted } from "../../documents/swap/leftovers.ts";
import { STAGED_NOTE_FILE } from "../../documents/swap/refuse_unfinished.ts";
import { Folder } from "../../documents/tree/folder.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import { readStopped, stoppedNote, writeStopped } from "../../platform/local/stopped_note.ts";

export interface FormerNotes {
  /** Paths of what was taken over, or removed because it meant nothing any more. */
  taken: string[];
  /** What was left, and why. */
  left: LeftNote[];
}

export interface LeftNote extends Leftover {
  why: string;
}

/** What a restore into the documents must not go on over: the only copy of something may lie there. */
export const blocksRestore = ({ kind }: Leftover): boolean =>
  kind === "journal" || kind === "documents" || kind === "staged";

/**
 * Takes over what the version before left at the documents of `environment`, whose lease the caller holds.
 *
 * @param roots its documents folder and its further folders, by their real paths
 * @param adopts also what this user may not have written: a person says so
 * @throws DrillError `STATE_REFUSED`; a note that is believed and cannot be read: `DOCUMENTS_NOT_WRITABLE`, `STORE_NEWER`.
 */
export async function takeOverNotes(
  { state }: Pick<OpenEnvironment, "state">,
  roots: readonly string[],
  { adopts = false }: { adopts?: boolean } = {},
): Promise<FormerNotes> {
  const found = roots.flatMap(leftoversAt);
  const taken: string[] = [];
  const left: LeftNote[] = [];
  if (found.length === 0) return { taken, left };
  const known = new Set((await journalsIn(state)).map((journal) => journal.root));
  for (const one of found.toSorted(byKind)) {
    if (known.has(one.root) && one.kind === "documents") continue; // of the restore that is settled next
    const why = await takeOver(one, { state, known, adopts });
    if (why === undefined) taken.push(one.path);
    else left.push({ ...one, why });
  }
  return { taken, left };
}

/** Journals first: then the documents beside them are known. */
const byKind = (a: Leftover, b: Leftover): number =>
  Number(b.kind === "journal") - Number(a.kind === "journal");

interface TakeOptions {
  state: OwnFolder;
  /** The folders of which a journal is kept. */
  known: Set<string>;
  adopts: boolean;
}

/**
 * Looks at `one` again in its folder, which is open and can be exchanged no more, and takes it.
 * @returns why it was left; undefined where it was taken.
 */
async function takeOver(one: Leftover, options: TakeOptions): Promise<string | undefined> {
  let folder: Folder;
  try {
    folder = folderOf(one);
  } catch (error) {
    return messageOf(error);
  }
  using _open = folder;
  const name = basename(one.path);
  const entry = folder.find(name) as Deno.FileInfo | undefined;
  if (entry?.isSymlink) return one.doubt ?? "it is a link";
  if (!options.adopts) {
    const { uid, mode } = folder.info();
    const facts = { kind: one.kind, entry, folder: { isDirectory: true, uid, mode }, self: Deno.uid() };
    const doubt = whyDoubted({ ...facts, tree: ownerOf(one.root) });
    if (doubt !== undefined) return doubt;
  }
  return await take({ ...one, folder, name }, options);
}

/** By handles, so that no link is followed below a folder that lies in the documents. */
function folderOf({ path, root, method }: Leftover): Folder {
  if (method === "beside") return Folder.openReal(dirname(root));
  const tree = Folder.openReal(root);
  if (dirname(path) === root) return tree;
  using _tree = tree;
  return tree.folder(basename(dirname(path)));
}

function ownerOf(root: string): { uid: number | null } | undefined {
  try {
    return Deno.lstatSync(root);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined; // in the middle of a swap
    throw error;
  }
}

/** One that is believed, with its open folder. */
type Held = Leftover & { folder: Folder; name: string };

async function take(one: Held, { state, known, adopts }: TakeOptions): Promise<string | undefined> {
  const { path, kind, root, method, folder, name } = one;
  const { parts, old } = partsOf(one);
  switch (kind) {
    case "journal": {
      if (known.has(root)) return "another restore of the same folder is unfinished";
      const other = parts.find((part) => folder.find(part)?.isDirectory === false);
      if (other !== undefined) return `${join(dirname(path), other)} is no folder`;
      const journal = readRecord(formerJournalRecord, textOf(one), path);
      await new JournalFile({ root, state }).write({ ...journal, method });
      known.add(root);
      return removeNote(one);
    }
    case "partial":
      return removeNote(one);
    case "stopped":
      if (readStopped(state) === undefined) writeStopped(state, readRecord(stoppedNote, textOf(one), path));
      return removeNote(one);
    case "documents":
      if (!adopts) return "there is no journal of the restore that made it";
      if (old.some((part) => holdsSomething(folder, part))) {
        return "it is of a restore that had begun to move documents, and there is no journal of that";
      }
      return folder.removeTree(name), undefined; // new ones alone: nothing had been moved
    case "staged":
      if (!holdsNote(one)) return folder.removeTree(name), undefined; // the target had not been changed yet
      return await moveFolder(one, state, { copies: true }); // the only copy of what was there
    case "control":
    case "checkpoint":
      return await moveFolder(one, state, { copies: false });
  }
}

/** Where a restore into the folder of `one` has its new documents, its old ones, and those that are given up: names. */
function partsOf({ method, root }: Leftover): { parts: string[]; old: string[] } {
  const [staged, ...old] = ["new", "old", "gone"].map((part) =>
    method === "inside" ? part : `.${basename(root)}.drill-${part}`
  );
  return { parts: [staged!, ...old], old };
}

function holdsSomething(folder: Folder, name: string): boolean {
  const entry = folder.find(name);
  if (entry?.isDirectory !== true) return entry !== undefined;
  using inner = folder.folder(name);
  return inner.names().length > 0;
}

function holdsNote({ folder, name }: Held): boolean {
  using inner = folder.folder(name);
  return inner.has(STAGED_NOTE_FILE);
}

function textOf({ folder, name }: Held): string {
  const file = folder.openFile(name);
  try {
    return fs.readFileSync(file, "utf8");
  } finally {
    fs.closeSync(file);
  }
}

function removeNote({ folder, name }: Held): undefined {
  folder.removeFile(name);
  folder.sync();
}

/**
 * By a rename; to another disk, where that is asked for, by a copy, which is whole before its name is there.
 * @returns why it was left
 */
async function moveFolder(
  { folder, name, kind }: Held,
  state: OwnFolder,
  { copies }: { copies: boolean },
): Promise<string | undefined> {
  const to = join(state.make(), kind);
  if (await exists(to)) return `${to} is there already, and is the newer one`;
  using target = Folder.open(dirname(to));
  try {
    folder.rename(name, target, kind);
    return undefined;
  } catch (error) {
    if ((error as { code?: string }).code !== "EXDEV") return messageOf(error);
  }
  if (!copies) return `${to} is on another disk: move it there yourself, or remove it`;
  try {
    target.removeTree(`${kind}~`);
    copyTree(folder, target, name, `${kind}~`);
    target.rename(`${kind}~`, target, kind);
  } catch (error) {
    return `it cannot be copied to ${to}: ${messageOf(error)}`;
  }
  folder.removeTree(name);
  return undefined;
}

/** What was left, in words for a person. */
export const leftInWords = ({ path, why }: LeftNote): string => `${path}: ${why}`;
