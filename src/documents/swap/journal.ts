/**
 * The journal of documents that are being swapped. It lies among what this user keeps of the environment, and never in the
 * tree: whoever can write documents could else tell the next run what to move where.
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { namesIn, removeFile, syncFolder, unfinishedOf, writeError, writeWhole } from "../../base/files.ts";
import { DrillError } from "../../base/errors.ts";
import type { OwnFolder } from "../../base/own_folder.ts";
import { isOurFolder } from "../tree/names.ts";
import { damagedBy, readRecord, recordKind, writeRecord } from "../../base/versioned_record.ts";

/** A name in a folder, and nothing that leads elsewhere. */
const name = z.string().regex(/^[^/\0]+$/).refine((name) => name !== "." && name !== "..");

/** What an earlier version wrote beside or into the documents: the place said of which folder it was, and by which method. */
const former = z.object({
  /** The restore's id; the database holds the same once that restore is committed. */
  id: z.string(),
  /** No database decides: a swap that has begun, even in part, is finished; one that has not is removed. */
  alone: z.literal(true).optional(),
  /** There was no folder before. */
  fresh: z.literal(true).optional(),
  /** Of the entries that are moved one by one: the names in the root that go out, and those that come in. */
  moves: z.object({ old: z.array(name), new: z.array(name) }).optional(),
});

const fields = former.extend({
  /** The folder whose documents are exchanged: absolute, without links in its path. */
  root: z.string().regex(/^\//),
  method: z.enum(["beside", "inside"]),
  /** Our folder inside the documents; undefined of a swap beside them, and of one that the version before began. */
  ours: z.object({ name: name.refine(isOurFolder), inode: z.number().int().optional() }).optional(),
  /** Nothing that is needed lies in our folder any more. */
  emptied: z.literal(true).optional(),
  /** The staged folder is being made: nothing of the documents was touched. */
  making: z.literal(true).optional(),
});

const hint =
  "An earlier restore left it. Look at the folders beside it, and remove the journal when the documents are right.";

export const journalRecord = recordKind({
  name: "the journal of a swap of documents",
  format: 2,
  minReader: 2,
  fields,
  damaged: { code: "STATE_REFUSED", hint },
});

export const formerJournalRecord = recordKind({
  name: "the journal of a swap of documents, as an earlier version wrote it",
  format: 1,
  minReader: 1,
  fields: former,
  damaged: { code: "DOCUMENTS_NOT_WRITABLE", hint },
});

export type Journal = z.infer<typeof fields>;
export type FormerJournal = z.infer<typeof former>;

/** What is swapped, and where its journal is kept. */
export interface SwapPlace {
  /** Absolute, without links in its path. */
  root: string;
  /** What is kept of the environment. */
  state: OwnFolder;
}

const PREFIX = "swap-";
const SUFFIX = ".json";

/** The file of one journal. */
export class JournalFile {
  readonly #state: OwnFolder;
  readonly #root: string;
  readonly #name: string;

  constructor({ root, state }: SwapPlace) {
    this.#state = state;
    this.#root = root;
    this.#name = `${PREFIX}${createHash("sha256").update(root).digest("hex").slice(0, 16)}${SUFFIX}`;
  }

  /**
   * @returns undefined where there is none.
   * @throws DrillError `STATE_REFUSED` where it cannot be read or believed, `STORE_NEWER` when a newer version wrote it.
   */
  async read(): Promise<Journal | undefined> {
    const folder = this.#state.existing();
    return folder === undefined ? undefined : await readJournal(join(folder, this.#name));
  }

  /** Writes it whole or not at all, on the disk when this returns. @throws DrillError `STATE_REFUSED`, `DISK_FULL` */
  async write(journal: Omit<Journal, "root">): Promise<void> {
    const folder = this.#state.make();
    try {
      await writeWhole(
        join(folder, this.#name),
        writeRecord(journalRecord, { ...journal, root: this.#root }),
      );
    } catch (error) {
      const what = "Nothing of the documents was moved.";
      throw error instanceof DrillError ? error : writeError(`write a journal into ${folder}`, error, {
        code: "STATE_REFUSED",
        room: `Make room there. ${what}`,
        hint: `This user must be able to write there. ${what}`,
      });
    }
  }

  /** The last thing that a swap does. */
  async remove(): Promise<void> {
    const folder = this.#state.existing();
    if (folder === undefined) return;
    const path = join(folder, this.#name);
    await removeFile(unfinishedOf(path));
    await removeFile(path);
    await syncFolder(folder);
  }
}

/** Every journal that is kept of an environment: that of its documents, and of folders that were swapped alone. */
export async function journalsIn(state: OwnFolder): Promise<Journal[]> {
  const folder = state.existing();
  if (folder === undefined) return [];
  const names = namesIn(folder).filter((name) => name.startsWith(PREFIX) && name.endsWith(SUFFIX));
  const journals = await Promise.all(names.map((name) => readJournal(join(folder, name))));
  return journals.filter((journal) => journal !== undefined);
}

/** Removes what a process left that was killed while it wrote a journal. */
export async function sweepJournals(state: OwnFolder): Promise<void> {
  const folder = state.existing();
  if (folder === undefined) return;
  const partial = unfinishedOf(SUFFIX);
  for (const name of namesIn(folder)) {
    if (name.startsWith(PREFIX) && name.endsWith(partial)) await removeFile(join(folder, name));
  }
}

async function readJournal(path: string): Promise<Journal | undefined> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw damagedBy(journalRecord, path, error);
  }
  return readRecord(journalRecord, text, path);
}
