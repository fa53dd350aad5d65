/** A folder as the store. An object appears under its name only when it is whole and on the disk. */

import { dirname, join } from "node:path";
import { DrillError, messageOf } from "../../base/errors.ts";
import { removeFile, removeTree, renameOnDisk, writeError } from "../../base/files.ts";
import { type Holder, isGone, thisProcess } from "../../base/process/holder.ts";
import { PROGRAM } from "../../base/program_name.ts";
import { type Bytes, gathered, readFile } from "../../base/streams.ts";
import { limits } from "../../base/limits.ts";
import type { ObjectInfo, Store } from "../store.ts";
import { checkedKey, type InputFailure, remembering, UNFINISHED_SUFFIX } from "./shared.ts";

/**
 * Opens the folder at `url` (`file:///var/backups/erp`), making it where only its last level is missing.
 * @throws DrillError `STORE_UNREACHABLE` when it cannot be made or read.
 */
export async function openFileStore(url: string): Promise<Store> {
  const root = decodeURIComponent(new URL(url).pathname).replace(/\/+$/, "");
  try {
    // one level and no more: where the folder above is not there either, a volume is not mounted
    await makeFolder(root);
    await readyForParts(join(root, UNFINISHED_SUFFIX));
  } catch (error) {
    throw new DrillError(
      "STORE_UNREACHABLE",
      `Cannot open the store ${url}: ${messageOf(error)}`,
      "Check store.url in the configuration; the folder must exist, be mounted, and be writable for this user.",
      { cause: error },
    );
  }
  const pathOf = (key: string) => join(root, checkedKey(key));
  return {
    url,
    put: async (key, body) => await put(root, key, pathOf(key), body),
    get: (key, range) => get(key, pathOf(key), range),
    fileOf: pathOf,
    head: async (key) => await head(key, pathOf(key)),
    list: (prefix) => list(root, prefix),
    async delete(key) {
      await failing(key, "delete", () => Deno.remove(pathOf(key)), undefined);
    },
    async *unfinishedUploads() {}, // its parts are swept when it is opened
    abortUpload: () => Promise.resolve(),
  };
}

async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path);
  } catch (error) {
    // it is there; also where this run may not write, which reading does not need
    if (!await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false)) throw error;
  }
}

/** A store that may only be read is opened all the same: what is put there fails, and says why. */
async function readyForParts(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await sweepParts(folder);
  } catch (error) {
    if (!isRefused(error)) throw error;
  }
}

/** Of Deno's own permissions, of the system's, of a file system that is mounted for reading. */
const isRefused = (error: unknown): boolean =>
  error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.PermissionDenied ||
  /read-only file system/i.test(messageOf(error));

async function put(root: string, key: string, path: string, body: AsyncIterable<Bytes>): Promise<void> {
  const part = join(root, UNFINISHED_SUFFIX, partName());
  const source: InputFailure = {};
  try {
    {
      using file = await Deno.open(part, { write: true, createNew: true, mode: 0o600 });
      {
        await using flushing = await flushEarly(part);
        for await (const chunk of gathered(remembering(body, source))) {
          writeAll(file, chunk);
          flushing.wrote(chunk.length);
        }
      }
      await file.sync();
    }
    await Deno.mkdir(dirname(path), { recursive: true });
    await renameOnDisk(part, path); // the name itself must survive a power cut
  } catch (error) {
    await removeTree(part);
    throw source.failed ? source.failed.error : storeError(error, key, "write"); // what the stream failed with is not the store's failure
  }
}

const FLUSHED_BYTES = 32 * 1024 * 1024;

/**
 * Syncs what was written so far while more is coming, so that the sync at the end has little left to do: else the disk
 * would be idle first, and everything would wait for it at the end.
 */
async function flushEarly(path: string): Promise<{ wrote(bytes: number): void } & AsyncDisposable> {
  const file = await Deno.open(path); // the same file by another handle: the writer's own would be busy meanwhile
  let written = 0;
  let flushing: Promise<void> | undefined;
  const flush = async () => {
    try {
      await file.syncData();
    } catch {
      // a disk that fails says so again to the sync at the end, which counts
    }
    flushing = undefined;
  };
  return {
    wrote(bytes) {
      written += bytes;
      if (written < FLUSHED_BYTES || flushing) return;
      written = 0;
      flushing = flush();
    },
    async [Symbol.asyncDispose]() {
      await flushing;
      file.close();
    },
  };
}

function writeAll(file: Deno.FsFile, chunk: Bytes): void {
  for (let at = 0; at < chunk.length;) at += file.writeSync(chunk.subarray(at));
}

async function* get(
  key: string,
  path: string,
  range?: { offset: number; length?: number },
): AsyncGenerator<Bytes> {
  try {
    yield* readFile(path, range?.offset, range?.length);
  } catch (error) {
    throw storeError(error, key, "read");
  }
}

async function head(key: string, path: string): Promise<ObjectInfo | undefined> {
  const info = await failing(key, "read the size of", () => Deno.stat(path), undefined);
  return info?.isFile ? { key, bytes: info.size, modified: info.mtime ?? new Date(0) } : undefined;
}

async function* list(root: string, prefix: string): AsyncGenerator<ObjectInfo> {
  const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  yield* walk(root, folder, prefix);
}

async function* walk(root: string, folder: string, prefix: string): AsyncGenerator<ObjectInfo> {
  const entries = await failing(folder, "list", () => [...Deno.readDirSync(join(root, folder))], []);
  const keys = entries.map((entry) => folder + entry.name + (entry.isDirectory ? "/" : "")).sort();
  for (const key of keys) {
    if (key === `${UNFINISHED_SUFFIX}/`) continue;
    if (key.endsWith("/")) {
      if (key.startsWith(prefix) || prefix.startsWith(key)) yield* walk(root, key, prefix);
    } else if (key.startsWith(prefix)) {
      const info = await head(key, join(root, key));
      if (info) yield info;
    }
  }
}

/** Runs `action`; what is not there gives `absent`, any other failure a DrillError. */
async function failing<T, A>(
  key: string,
  verb: string,
  action: () => T | Promise<T>,
  absent: A,
): Promise<T | A> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return absent;
    throw storeError(error, key, verb);
  }
}

function storeError(error: unknown, key: string, verb: string): DrillError {
  if (error instanceof Deno.errors.NotFound) {
    return new DrillError(
      "OBJECT_MISSING",
      `Cannot read ${key}: there is no such object in the store`,
      `List what is there: ${PROGRAM} list`,
      { cause: error },
    );
  }
  return writeError(`${verb} ${key}`, error, {
    code: "STORE_FAILED",
    room: "Make room on the store's disk and run it again; nothing was left under that name.",
    hint: "Check the store's folder: its disk, its rights, its mount.",
  });
}

/** Whose part it is: host, boot, process; a name that no other part has; and which machine and PID namespace. */
function partName(): string {
  const { host, boot, pid, start, machine, namespace } = thisProcess();
  return [host, boot, pid, start, crypto.randomUUID(), machine, namespace].join("~");
}

/** The holder in a part's name; an earlier version wrote neither machine nor namespace. */
function holderOf(part: string): Holder {
  const [host = "", boot = "", pid, start = "", _, machine, namespace] = part.split("~");
  return { host, boot, pid: Number(pid), start, machine, namespace };
}

/** Removes the parts of processes of this machine that are gone; another machine's only after a day of silence. */
async function sweepParts(folder: string): Promise<void> {
  for await (const part of Deno.readDir(folder)) {
    const path = join(folder, part.name);
    const info = await failing(part.name, "look at", () => Deno.stat(path), undefined);
    if (!info) continue; // its run has put it in its place meanwhile, or another one has swept it
    const silent = Date.now() - (info.mtime?.getTime() ?? 0) > limits.leftoverIsForgotten;
    if (silent || isGone(holderOf(part.name))) await removeFile(path);
  }
}
