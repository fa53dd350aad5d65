/**
 * What the version before kept in and beside the documents is taken into the state of this one. Only what nobody but this user
 * can have written is believed; the rest is told, and taken where a person says so (`rearm --adopt-notes`).
 */

import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DrillError, messageOf } from "../../base/errors.ts";
import { exists, namesIn } from "../../base/files.ts";
import type { OwnFolder } from "../../base/own_folder.ts";
import { damagedBy, readRecord } from "../../base/versioned_record.ts";
import { copyTree } from "../../documents/copy/tree.ts";
import {
  type FormerJournal,
  formerJournalRecord,
  JournalFile,
  journalsIn,
} from "../../documents/swap/journal.ts";
import { type Leftover, leftoversAt } from "../../documents/swap/leftovers.ts";
import { codeOf, Folder } from "../../documents/tree/folder.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import { readStopped, readStoppedFile, writeStopped } from "../../platform/local/stopped_note.ts";
import { stagedNoteFile } from "../load/staged_rollback.ts";

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
  const believed = (one: Leftover) => one.doubt === undefined || adopts && !isLink(one.path);
  for (const one of found.toSorted(byKind)) {
    if (known.has(one.root) && one.kind === "documents") continue; // of the restore that is settled next
    const why = believed(one) ? await take(one, state, known, adopts) : one.doubt!;
    if (why === undefined) taken.push(one.path);
    else left.push({ ...one, why });
  }
  return { taken, left };
}

/** Journals first: then the documents beside them are known. */
const byKind = (a: Leftover, b: Leftover): number =>
  Number(b.kind === "journal") - Number(a.kind === "journal");

const isLink = (path: string): boolean => Deno.lstatSync(path).isSymlink;

/** Where a restore into the folder of `one` has its parts: the new documents, the old ones, and those that are given up. */
const partsOf = ({ path, method, root }: Leftover): string[] =>
  ["new", "old", "gone"].map((part) =>
    join(dirname(path), method === "inside" ? part : `.${basename(root)}.drill-${part}`)
  );

const holdsOldDocuments = (one: Leftover): boolean =>
  partsOf(one).slice(1).some((part) => existsSync(part) && namesIn(part).length > 0);

/** Whether something stands there that is no folder: what leads elsewhere is not moved. */
function isOther(path: string): boolean {
  try {
    return !Deno.lstatSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** @returns why it was left; undefined where it was taken. */
async function take(
  one: Leftover,
  state: OwnFolder,
  known: Set<string>,
  adopts: boolean,
): Promise<string | undefined> {
  const { path, kind, root, method } = one;
  switch (kind) {
    case "journal": {
      if (known.has(root)) return "another restore of the same folder is unfinished";
      const link = partsOf(one).find((part) => isOther(part));
      if (link !== undefined) return `${link} is no folder`;
      await new JournalFile({ root, state }).write({ ...await readFormer(path), method });
      known.add(root);
      remove(one);
      return undefined;
    }
    case "partial":
      remove(one);
      return undefined;
    case "stopped": {
      const note = readStoppedFile(path);
      if (note && readStopped(state) === undefined) writeStopped(state, note);
      remove(one);
      return undefined;
    }
    case "documents":
      if (!adopts) return "there is no journal of the restore that made it";
      if (holdsOldDocuments(one)) {
        return "it is of a restore that had begun to move documents, and there is no journal of that";
      }
      return remove(one); // new ones alone: nothing had been moved
    case "staged":
      if (!await exists(stagedNoteFile(path))) return remove(one); // nothing had been changed
      return await moveFolder(one, state.make());
    case "control":
    case "checkpoint":
      return await moveFolder(one, state.make());
  }
}

async function readFormer(path: string): Promise<FormerJournal> {
  try {
    return readRecord(formerJournalRecord, await Deno.readTextFile(path), path);
  } catch (error) {
    throw error instanceof DrillError ? error : damagedBy(formerJournalRecord, path, error);
  }
}

/** The folder that it lies in, opened from the documents or the folder above them on: a name there may be exchanged by now. */
function folderOf({ path, root, method }: Leftover): Folder {
  if (method === "beside") return Folder.openReal(dirname(root));
  const documents = Folder.openReal(root);
  if (dirname(path) === root) return documents;
  using _documents = documents;
  return documents.folder(basename(dirname(path)));
}

/** With everything in it, and no link followed. */
function remove(one: Leftover): undefined {
  using folder = folderOf(one);
  folder.removeTree(basename(one.path));
  folder.sync();
}

/** By a rename; to another disk by a copy, which is whole before its name is there. */
async function moveFolder(one: Leftover, state: string): Promise<string | undefined> {
  const [name, to] = [basename(one.path), one.kind];
  if (await exists(join(state, to))) return `${join(state, to)} is there already, and is the newer one`;
  using from = folderOf(one);
  using into = Folder.open(state);
  try {
    from.rename(name, into, to);
    return undefined;
  } catch (error) {
    if (codeOf(error) !== "EXDEV") return messageOf(error);
  }
  const copy = `${to}~`;
  into.removeTree(copy);
  copyTree(from, into, name, copy);
  into.rename(copy, into, to);
  from.removeTree(name);
  return undefined;
}

/** What was left, in words for a person. */
export const leftInWords = ({ path, why }: LeftNote): string => `${path}: ${why}`;
