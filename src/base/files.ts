/** Files and folders: written, removed, listed, and what it means when that fails. */

import { dirname } from "node:path";
import { DrillError, type ErrorCode, messageOf } from "./errors.ts";
import { type Bytes, type Digest, hashed } from "./streams.ts";

interface NewFileOptions {
  signal: AbortSignal;
  onBytes?: (total: number) => void;
  /** What to do when the disk is full: "Make room beside the documents." */
  hint: string;
}

/**
 * Writes `source` to `path`, where no file may be, and returns when it is on the disk.
 * @throws DrillError `DISK_FULL`, `DOCUMENTS_NOT_WRITABLE`; whatever `source` throws. The part that was written stays.
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
      throw writeError(`write ${path}`, error, { room: hint, hint: `May this user write there? ${hint}` });
    }
  };
  using file = await writing(() => Deno.open(path, { write: true, createNew: true, mode: 0o600 }));
  const passing = hashed(source, onBytes);
  for await (const chunk of passing.stream) {
    signal.throwIfAborted();
    await writing(() => writeFully(file, chunk));
  }
  await writing(() => file.sync());
  return passing.digest();
}

/**
 * A full disk (28, ENOSPC) or a used-up quota (122, EDQUOT), in the words of node, Deno, the C library and PostgreSQL
 * (53100). Deno gives ENOSPC as a `code`, also from `node:fs`, and EDQUOT in the message alone.
 */
const FULL: readonly (readonly [state: string, words: RegExp])[] = [
  ["the disk quota is exceeded", /\bEDQUOT\b|\bos error 122\b|\bdisk quota exceeded\b/i],
  [
    "the disk is full",
    /\bENOSPC\b|\bos error 28\b|\bno space left on device\b|\bcould not extend file .*: wrote only\b|^53100\b/i,
  ],
];

/** Whether `failure`, an error or the output of a program, says that a disk or a quota is full. */
export const isFull = (failure: unknown): boolean => fullState(failure) !== undefined;

function fullState(failure: unknown): string | undefined {
  const { code = "" } = (failure ?? {}) as { code?: unknown };
  return FULL.find(([, words]) => words.test(`${code} ${messageOf(failure)}`))?.[0];
}

export interface WriteHints {
  /** The error's code where the disk is not full. */
  code?: ErrorCode;
  /** What to do in that case: "The folder above the documents must be writable." */
  hint: string;
  /** What to do where the disk or the quota is full: "Make room there." */
  room: string;
}

/**
 * The error for a write that failed: `DISK_FULL` where the disk or the quota is full.
 * @param action the end of "Cannot ...": `write /var/backups/erp.dump`
 */
export function writeError(
  action: string,
  failure: unknown,
  { code = "DOCUMENTS_NOT_WRITABLE", hint, room }: WriteHints,
): DrillError {
  const words = messageOf(failure);
  const full = fullState(failure);
  if (full === undefined) return new DrillError(code, `Cannot ${action}: ${words}`, hint, { cause: failure });
  return new DrillError("DISK_FULL", `Cannot ${action}: ${full}`, room, { cause: failure, details: [words] });
}

interface WholeFileOptions {
  /** Less what the umask takes; 0600 where it is not given. */
  mode?: number;
  /** Whether the content and the name are on the disk when this returns; true where it is not given. */
  sync?: boolean;
  /** The suffix that an earlier version of this tool used meanwhile: what a killed one left is removed too. */
  formerSuffix?: string;
}

export interface WholeFile extends Pick<WholeFileOptions, "mode"> {
  path: string;
  content: string | Uint8Array;
}

/** The path of a file while it is written. A killed writer leaves it; the next writer of the same file removes it. */
export const unfinishedOf = (path: string): string => `${path}~`;

/** Writes a file whole or not at all: beside its place first, then renamed into it. */
export const writeWhole = (
  path: string,
  content: string | Uint8Array,
  { mode, ...options }: WholeFileOptions = {},
): Promise<void> => writeAllWhole([{ path, content, mode }], options);

/**
 * Writes files whole: none takes its place before all are written, so that none does where one cannot be written.
 * @throws the error of the file system
 */
export async function writeAllWhole(
  files: readonly WholeFile[],
  { sync = true, formerSuffix }: Omit<WholeFileOptions, "mode"> = {},
): Promise<void> {
  try {
    for (const { path, content, mode } of files) {
      await removeFile(unfinishedOf(path));
      if (formerSuffix) await removeFile(path + formerSuffix);
      using file = await Deno.open(unfinishedOf(path), { write: true, createNew: true, mode: mode ?? 0o600 });
      await writeFully(file, bytesIn(content));
      if (sync) await file.sync();
    }
    for (const { path } of files) await Deno.rename(unfinishedOf(path), path);
  } catch (error) {
    // where the rest cannot be removed either, the error that is thrown says why
    for (const { path } of files) await removeFile(unfinishedOf(path)).catch(() => undefined);
    throw error;
  }
  if (sync) {
    for (const folder of new Set(files.map(({ path }) => dirname(path)))) {
      await syncFolder(folder);
    }
  }
}

/** As `writeWhole`, without waiting. */
export function writeWholeSync(
  path: string,
  content: string | Uint8Array,
  { mode = 0o600, sync = true, formerSuffix }: WholeFileOptions = {},
): void {
  const unfinished = unfinishedOf(path);
  removeFileSync(unfinished);
  if (formerSuffix) removeFileSync(path + formerSuffix);
  try {
    using file = Deno.openSync(unfinished, { write: true, createNew: true, mode });
    const bytes = bytesIn(content);
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    if (sync) file.syncSync();
    Deno.renameSync(unfinished, path);
  } catch (error) {
    removeFileSync(unfinished);
    throw error;
  }
  if (!sync) return;
  using folder = Deno.openSync(dirname(path));
  folder.syncSync();
}

const bytesIn = (content: string | Uint8Array): Uint8Array =>
  typeof content === "string" ? new TextEncoder().encode(content) : content;

async function writeFully(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}

/** Removes a file; does nothing where there is none. */
export async function removeFile(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** As `removeFile`. */
export function removeFileSync(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Renames a file, and returns when the new name is on the disk. */
export async function renameOnDisk(from: string, to: string): Promise<void> {
  await Deno.rename(from, to);
  await syncFolder(dirname(to));
}

/** Waits until the names in a folder are on the disk. */
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

/** Removes a folder with everything in it, or a file; does nothing where there is none. */
export async function removeTree(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

export const namesIn = (folder: string): string[] =>
  Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
