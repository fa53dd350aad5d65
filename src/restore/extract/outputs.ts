/**
 * Files for a person, at places of their own: none is there before all are whole, and where that fails nothing is left of
 * them, no folder either.
 */

import { dirname, join } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { exists, removeFile, removeTree, writeError } from "../../base/files.ts";

/** Disposing removes what was not placed. */
export interface Outputs extends AsyncDisposable {
  /** Where a file is written to, before it takes its place. */
  staged(): string;
  /**
   * Moves every file to its place, or none. What is there is never replaced, also where another process made it meanwhile.
   * @throws DrillError `DOCUMENTS_NOT_WRITABLE`, `DISK_FULL`.
   */
  place(files: readonly { staged: string; file: string }[]): Promise<void>;
}

/** What to do where the disk is full. */
export const ROOM = "Make room there, or name another place with --to.";

/** @param folder where the files are going to be, or the folders that they are in; made where it is missing */
export async function openOutputs(folder: string): Promise<Outputs> {
  const made: string[] = [];
  const stage = join(folder, `.dolibarr-drill-${crypto.randomUUID().slice(0, 8)}`);
  let count = 0;
  const outputs: Outputs = {
    staged: () => join(stage, String(count++)),
    async place(files) {
      const placed: string[] = [];
      try {
        for (const { staged, file } of files) {
          await writing(`make the folder ${dirname(file)}`, () => makeFolder(dirname(file), made));
          await writing(`write ${file}`, () => Deno.link(staged, file));
          placed.push(file);
        }
      } catch (error) {
        for (const file of placed) await removeFile(file);
        throw error;
      }
      made.length = 0;
    },
    async [Symbol.asyncDispose]() {
      if (await exists(stage)) await removeTree(stage);
      for (const folder of made.reverse()) await Deno.remove(folder).catch(() => undefined); // another one uses it by now
    },
  };
  try {
    await writing(`make the folder ${folder}`, async () => {
      await makeFolder(folder, made);
      await Deno.mkdir(stage, { mode: 0o700 });
    });
  } catch (error) {
    await outputs[Symbol.asyncDispose]();
    throw error;
  }
  return outputs;
}

/** @throws DrillError `DOCUMENTS_NOT_WRITABLE` where something is there. */
export async function refuseExisting(file: string): Promise<void> {
  if (!await exists(file)) return;
  throw new DrillError(
    "DOCUMENTS_NOT_WRITABLE",
    `Cannot write ${file}: it is there already`,
    "Name another file or folder with --to. Nothing was changed.",
  );
}

/** Makes a folder and those above it. @param made takes in those that were not there */
async function makeFolder(folder: string, made: string[]): Promise<void> {
  const missing: string[] = [];
  for (let one = folder; !await exists(one); one = dirname(one)) missing.push(one);
  for (const one of missing.reverse()) {
    try {
      await Deno.mkdir(one);
      made.push(one);
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error; // another process made it meanwhile
    }
  }
  if (missing.length === 0) await Deno.mkdir(folder, { recursive: true }); // says so where it is a file
}

async function writing<T>(action: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw writeError(action, error, { room: ROOM, hint: "Name another place with --to." });
  }
}
