/** The journal of documents that are being swapped. */

import { dirname } from "node:path";
import { removeFile, removeTree, syncFolder, unfinishedOf, writeWhole } from "../../base/files.ts";
import { DrillError, messageOf } from "../../base/errors.ts";

export interface Journal {
  format: 1;
  /** The restore's id; the database holds the same once that restore is committed. */
  id: string;
  /** No database decides: what was swapped, even in part, is finished; what was not goes. */
  alone?: true;
  /** There was no folder before. */
  fresh?: true;
  /** Of the entries that are moved one by one: the names in the root that go out, and those that come in. */
  moves?: { old: string[]; new: string[] };
}

/** Called after each step of a swap with its name. Only tests give one: a process can be killed there. */
export type OnStep = (step: string) => void;

/**
 * @returns undefined where there is none.
 * @throws DrillError `DOCUMENTS_NOT_WRITABLE` where it cannot be read or is none of ours.
 */
export async function readJournal(path: string): Promise<Journal | undefined> {
  try {
    const value: unknown = JSON.parse(await Deno.readTextFile(path));
    if (!isJournal(value)) throw new TypeError("it is no journal that this version knows");
    return value;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw new DrillError(
      "DOCUMENTS_NOT_WRITABLE",
      `Cannot read ${path}: ${messageOf(error)}`,
      "An earlier restore left it. Look at the folders beside it, and remove the journal when the documents are right.",
      { cause: error },
    );
  }
}

function isJournal(value: unknown): value is Journal {
  const { format, id, moves } = (value ?? {}) as Partial<Journal>;
  const areNames = (names: unknown) =>
    Array.isArray(names) &&
    names.every((name) => typeof name === "string" && /^[^/\0]+$/.test(name) && !/^\.\.?$/.test(name));
  return format === 1 && typeof id === "string" &&
    (moves === undefined || areNames(moves.old) && areNames(moves.new));
}

/** Writes it whole or not at all, on the disk when this returns. */
export const writeJournal = (path: string, journal: Journal): Promise<void> =>
  writeWhole(path, JSON.stringify(journal) + "\n");

/** Removes what a process that was killed while it wrote the journal left. */
export const sweepPartial = (path: string): Promise<void> => removeFile(unfinishedOf(path));

/** The last thing that a swap removes. */
export async function removeJournal(path: string): Promise<void> {
  await sweepPartial(path);
  await removeTree(path);
  await syncFolder(dirname(path));
}

/** One way to swap the documents of one root. Each of its steps may be the last one; then `finish` or `goBack` takes over. */
export interface Swap {
  /** The folder to unpack into. */
  staged: string;
  journal(): Promise<Journal | undefined>;
  stage(journal: Journal): Promise<void>;
  swapIn(): Promise<void>;
  /** Whether anything of the old documents was moved, or is about to be. */
  hasBegun(): Promise<boolean>;
  /** The new documents, whole, and nothing else. */
  finish(): Promise<void>;
  /** The old documents, whole, and nothing else; the new ones where the old are being removed already. */
  goBack(): Promise<void>;
  /** What lies there and has no journal. */
  sweep(): Promise<void>;
}
