/** The journal of documents that are being swapped. */

import { dirname } from "node:path";
import { z } from "zod";
import { removeFile, removeTree, syncFolder, unfinishedOf, writeWhole } from "../../base/files.ts";
import { damagedBy, readRecord, recordKind, writeRecord } from "../../base/versioned_record.ts";

/** A name in a folder, and nothing that leads elsewhere. */
const name = z.string().regex(/^[^/\0]+$/).refine((name) => name !== "." && name !== "..");

const fields = z.object({
  /** The restore's id; the database holds the same once that restore is committed. */
  id: z.string(),
  /** No database decides: a swap that has begun, even in part, is finished; one that has not is removed. */
  alone: z.literal(true).optional(),
  /** There was no folder before. */
  fresh: z.literal(true).optional(),
  /** Of the entries that are moved one by one: the names in the root that go out, and those that come in. */
  moves: z.object({ old: z.array(name), new: z.array(name) }).optional(),
});

export const journalRecord = recordKind({
  name: "the journal of a swap of documents",
  format: 1,
  minReader: 1,
  fields,
  damaged: {
    code: "DOCUMENTS_NOT_WRITABLE",
    hint:
      "An earlier restore left it. Look at the folders beside it, and remove the journal when the documents are right.",
  },
});

export type Journal = z.infer<typeof fields>;

/**
 * @returns undefined where there is none.
 * @throws DrillError `DOCUMENTS_NOT_WRITABLE` where it cannot be read or is none of ours, `STORE_NEWER` when a newer
 *   version wrote it.
 */
export async function readJournal(path: string): Promise<Journal | undefined> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw damagedBy(journalRecord, path, error);
  }
  return readRecord(journalRecord, text, path);
}

/** Writes it whole or not at all, on the disk when this returns. */
export const writeJournal = (path: string, journal: Journal): Promise<void> =>
  writeWhole(path, writeRecord(journalRecord, journal));

/** Removes what a process that was killed while it wrote the journal left. */
export const sweepPartial = (path: string): Promise<void> => removeFile(unfinishedOf(path));

/** The last thing that a swap removes. */
export async function removeJournal(path: string): Promise<void> {
  await sweepPartial(path);
  await removeTree(path);
  await syncFolder(dirname(path));
}
