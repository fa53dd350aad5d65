/** Files copied on one thread, and read back from the copy on another, at the same time. */

import { DrillError } from "../../base/errors.ts";
import { shown } from "../archive/entries.ts";
import { notMade, type Ownership, RIGHTS, ROUNDING_S } from "../tree/write.ts";
import type { HashAnswer, HashedFile, HashRequest } from "../hash/hasher.ts";
import { unreadableDocuments } from "../archive/tar_process.ts";

/** What the copying thread is sent: absolute paths. */
export interface CopyRequest {
  files: { from: string; to: string }[];
  owner?: Ownership;
  /** Of these bits of the source's. */
  rights: number;
  /** Seconds to add to a time, which is cut to what the disk holds. */
  rounding: number;
}

/** What it read of a file, and wrote. */
export interface ReadFile {
  bytes: number;
  sha256: string;
  /** How often it was read: again, when it changed meanwhile. */
  readings: number;
  /** It changed also while it was read the last time. */
  changed: boolean;
}

/** And what it sends back, in the same order. */
export type CopyAnswer =
  | { read: (ReadFile | "gone")[] }
  | { failed: "unreadable" | "not written"; what: string; state: string };

/** As it lies in the copy. */
export type CopiedFile = HashedFile & Pick<ReadFile, "readings" | "changed">;

/** So much, or so many small files, are one message. */
const MESSAGE_BYTES = 32 * 1024 * 1024;
const MESSAGE_FILES = 256;
/** So many messages the copying thread may be ahead: what is read back still lies in memory. */
const AHEAD = 4;

/**
 * Copies `files` in their order.
 * @returns for each, what lies in the copy, or that it is gone from the source
 * @throws DrillError `DOCUMENTS_UNREADABLE`, `DISK_FULL`, `DOCUMENTS_NOT_WRITABLE`; `DOCUMENTS_DIFFER` where the copy reads
 *   back otherwise than it was written; the signal's reason.
 */
export async function copyFiles(
  files: readonly { path: string; bytes: number; from: string; to: string }[],
  { owner, signal, onProgress }: {
    owner?: Ownership;
    signal: AbortSignal;
    onProgress?: (bytes: number, total: number) => void;
  },
): Promise<(CopiedFile | "gone")[]> {
  signal.throwIfAborted();
  using copying = startThread<CopyRequest, CopyAnswer>(
    new URL("./worker.ts", import.meta.url),
    signal,
  );
  using readingBack = startThread<HashRequest, HashAnswer>(
    new URL("../hash/worker.ts", import.meta.url),
    signal,
  );
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const results: Promise<(CopiedFile | "gone")[]>[] = [];
  for (const batch of batches(files)) {
    await results.at(-AHEAD);
    const answer = await copying.ask({
      files: batch.map(({ from, to }) => ({ from, to })),
      owner,
      rights: RIGHTS,
      rounding: ROUNDING_S,
    });
    if ("failed" in answer) throw failure(answer);
    const result = readingBack.ask(batch.filter((_, at) => answer.read[at] !== "gone").map(({ to }) => to))
      .then((back) => {
        for (const { bytes } of batch) done += bytes;
        onProgress?.(done, total);
        return compare(batch, answer.read, back);
      });
    result.catch(() => {}); // whoever awaits the results is told
    results.push(result);
  }
  return (await Promise.all(results)).flat();
}

function* batches<File extends { bytes: number }>(files: readonly File[]): Generator<File[]> {
  let [batch, bytes]: [File[], number] = [[], 0];
  for (const file of files) {
    batch.push(file);
    bytes += file.bytes;
    if (batch.length < MESSAGE_FILES && bytes < MESSAGE_BYTES) continue;
    yield batch;
    [batch, bytes] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

/** What was read against what lies there now. @throws DrillError `DOCUMENTS_DIFFER` */
function compare(
  files: readonly { path: string }[],
  read: readonly (ReadFile | "gone")[],
  back: HashAnswer,
): (CopiedFile | "gone")[] {
  if ("unreadable" in back) throw differs(back.unreadable);
  const found = back.files.values();
  return read.map((one, at) => {
    if (one === "gone") return one;
    const there = found.next().value;
    if (there === undefined || there === "gone") throw differs(`${shown(files[at]!.path)} is gone from it`);
    if (there.bytes !== one.bytes || there.sha256 !== one.sha256) {
      throw differs(`${shown(files[at]!.path)} reads back otherwise than it was written`);
    }
    return { ...there, readings: one.readings, changed: one.changed };
  });
}

const differs = (state: string) =>
  new DrillError(
    "DOCUMENTS_DIFFER",
    `Cannot trust the copy of the documents: ${state}`,
    "Nothing was put in the place of the documents. Does somebody else write there, or is the disk failing? Look at dmesg.",
  );

const failure = ({ failed, what, state }: Extract<CopyAnswer, { failed: string }>): DrillError =>
  failed === "unreadable"
    ? unreadableDocuments(state.includes(what) ? state : `${what}: ${state}`)
    : notMade(what, state);

/** A thread that answers one message after the other. Disposing ends it, whatever it has not answered yet. */
function startThread<Request, Answer>(
  url: URL,
  signal: AbortSignal,
): { ask(request: Request): Promise<Answer> } & Disposable {
  const thread = new Worker(url, { type: "module" });
  const waiting: PromiseWithResolvers<Answer>[] = [];
  const fail = (reason: unknown) => {
    for (const one of waiting.splice(0)) one.reject(reason);
  };
  const onAbort = () => {
    thread.terminate();
    fail(signal.reason);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  thread.onmessage = ({ data }: MessageEvent<Answer>) => waiting.shift()?.resolve(data);
  thread.onerror = (event) => {
    event.preventDefault();
    fail(new Error(`a thread that copies files failed: ${event.message}`));
  };
  return {
    ask(request) {
      signal.throwIfAborted();
      const asked = Promise.withResolvers<Answer>();
      waiting.push(asked);
      thread.postMessage(request);
      return asked.promise;
    },
    [Symbol.dispose]() {
      signal.removeEventListener("abort", onAbort);
      thread.terminate();
      fail(new Error("the copy was given up"));
    },
  };
}
