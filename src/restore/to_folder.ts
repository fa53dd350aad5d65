/** A set, written as files into a folder that a person named: no environment is touched. */

import { join } from "node:path";
import { DrillError, messageOf } from "../base/errors.ts";
import { writeError } from "../base/files.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { readFile } from "../base/streams.ts";
import type { LeftOut } from "./dump/filter.ts";
import { linksLeftOut } from "./further_folders.ts";
import { furtherDocuments } from "../documents/index.ts";
import { readThrough } from "../postgres/programs/archive.ts";
import { findPrograms } from "../postgres/programs/programs.ts";
import type { StoredObject } from "../store/records/manifest.ts";
import type { Store } from "../store/store.ts";
import { unpackInto } from "./unpack_set.ts";
import type { Half } from "./incoming.ts";
import { type Readable, readable, writeReadable } from "./dump/bytes.ts";
import type { RestorableSet } from "../store/sets/restorable_set.ts";

interface ToFolderOptions {
  half?: Half;
  reporter: Reporter;
  signal: AbortSignal;
}

/** What lies in the folder, each byte of it compared with what was recorded. */
interface WrittenOut {
  dump?: { path: string } & StoredObject;
  documents?: { path: string; files: number; bytes: number };
  /** The further folders of the documents, whose files are counted with them, each with where it lay. */
  further: { name: string; path: string; files: number; lay: string }[];
  /** Links that the archive has not, or that lead out of a further folder. */
  leftOut: LeftOut[];
}

/**
 * Writes the dump of `source` to `folder/database.dump`, its documents below `folder/documents`, and each further folder of
 * theirs below `folder/more/NAME`. The folder is there whole or not at all.
 *
 * @param folder an absolute path where nothing is yet, or an empty folder
 * @throws DrillError `DOCUMENTS_NOT_WRITABLE`, `DISK_FULL`, `OBJECT_CORRUPT`, `DUMP_UNREADABLE`, `DOCUMENTS_DIFFER`, `DOCUMENTS_HOSTILE`
 */
export async function writeOut(
  source: RestorableSet,
  folder: string,
  store: Store,
  { half, reporter, signal }: ToFolderOptions,
): Promise<WrittenOut> {
  await refuseOccupied(folder);
  const partial = `${folder}.partial-${crypto.randomUUID().slice(0, 8)}`;
  await writing(folder, () => Deno.mkdir(partial, { recursive: true, mode: 0o700 }));
  try {
    const written: WrittenOut = { further: [], leftOut: [] };
    if (half !== "docs") {
      const read = await writeDump(readable(store, source.dump), join(partial, "database.dump"), {
        reporter,
        signal,
      });
      written.dump = { path: join(folder, "database.dump"), ...read };
    }
    if (half !== "db") {
      const makeFolders = (names: readonly string[]) => writing(folder, () => foldersIn(partial, names));
      const { index, proof } = await unpackInto(source, makeFolders, store, { reporter, signal });
      written.documents = { path: join(folder, "documents"), ...proof };
      written.further = Object.entries(index.roots ?? {}).map(([name, lay]) => {
        const { files } = furtherDocuments(index, name);
        return { name, path: join(folder, "more", name), files: files.length, lay };
      });
      written.leftOut = linksLeftOut(index);
    }
    await writing(folder, () => Deno.rename(partial, folder));
    return written;
  } catch (error) {
    await Deno.remove(partial, { recursive: true });
    throw error;
  }
}

async function foldersIn(folder: string, names: readonly string[]) {
  const make = async (name: string) => {
    const path = join(folder, name);
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  };
  const further = new Map<string, string>();
  for (const name of names) further.set(name, await make(join("more", name)));
  return { main: await make("documents"), further };
}

/** A dump without a recorded hash is read to its end: no more can be proved of it. */
async function writeDump(
  dump: Readable,
  path: string,
  { reporter, signal }: ToFolderOptions,
): Promise<StoredObject> {
  const title = `Writing ${dump.key}`;
  const read = await writeReadable(dump, path, { title, hint: ROOM, reporter, signal });
  if (dump.sha256 === undefined) {
    await readThrough({ name: dump.key, bytes: readFile(path) }, await findPrograms(0), signal);
  }
  return read;
}

const ROOM = "Make room there, or name a folder on another disk.";

export async function refuseOccupied(folder: string): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(folder)) throw occupied(folder, `it holds ${name}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error instanceof DrillError ? error : occupied(folder, messageOf(error));
  }
}

const occupied = (folder: string, state: string) =>
  new DrillError(
    "DOCUMENTS_NOT_WRITABLE",
    `Cannot write the set to ${folder}: ${state}`,
    "Nothing was changed. Name a folder that does not exist yet, or an empty one.",
  );

async function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw writeError(`write ${path}`, error, { room: ROOM, hint: `May this user write there? ${ROOM}` });
  }
}
