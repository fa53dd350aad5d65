/** Files and folders: written whole, removed, listed. */

import { DrillError, messageOf } from "./errors.ts";
import { type Bytes, type Digest, hashed } from "./streams.ts";

export interface NewFileOptions {
  signal: AbortSignal;
  onBytes?: (total: number) => void;
  /** What to do when there is no room: "Make room beside the documents." */
  hint: string;
}

/**
 * Writes `source` to `path`, where nothing may be yet, and makes sure that it is on the disk.
 * @throws DrillError `DISK_FULL`, `DOCUMENTS_NOT_WRITABLE`; whatever `source` throws. What was written is left there.
 */
export async function writeNewFile(
  path: string,
  source: AsyncIterable<Bytes>,
  { signal, onBytes, hint }: NewFileOptions,
): Promise<Digest> {
  const writing = async <T>(write: () => Promise<T>): Promise<T> => {
    try {
      return await write();
    } catch (error) {
      throw notWritten(path, error, hint);
    }
  };
  using file = await writing(() => Deno.open(path, { write: true, createNew: true, mode: 0o600 }));
  const passing = hashed(source, onBytes);
  for await (const chunk of passing.stream) {
    signal.throwIfAborted();
    await writing(async () => {
      for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
    });
  }
  await writing(() => file.sync());
  return passing.digest();
}

/** Whether these are the words of a disk without room: node's, and Deno's (28 is ENOSPC, 122 EDQUOT). */
export const isFull = (state: string): boolean => /ENOSPC|EDQUOT|os error (28|122)\b/.test(state);

/** What a file that could not be written is told as. */
export function notWritten(path: string, error: unknown, hint: string): DrillError {
  const full = isFull(messageOf(error));
  return new DrillError(
    full ? "DISK_FULL" : "DOCUMENTS_NOT_WRITABLE",
    `Cannot write ${path}: ${messageOf(error)}`,
    full ? hint : `May this user write there? ${hint}`,
    { cause: error },
  );
}

/** What was renamed in there is on the disk when this returns. */
export async function syncFolder(path: string): Promise<void> {
  using folder = await Deno.open(path);
  await folder.sync();
}

export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** Nothing happens where nothing is there. */
export async function removeTree(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

export const namesIn = (folder: string): string[] =>
  Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
