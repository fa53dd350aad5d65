/**
 * SHA-256 and MD5 of many files, read and computed on a thread of its own: they cost more than all the rest of packing.
 * The files come from the system's memory where something else reads them at the same time.
 */

import { LANES } from "./md5_lanes.ts";

export interface FileHashes {
  /** Lower-case hex. */
  sha256: string;
  md5: string;
}

/** What was read: the size that the file had when it was opened, or less where it shrank. */
export type HashedFile = FileHashes & { bytes: number };
/** A file that is none any more: removed, or replaced by a folder, a link or a pipe. */
export type Gone = "gone";

/** What the thread is sent: absolute paths. */
export type HashRequest = string[];
/** And what it sends back, in the same order; `unreadable` is a sentence with the path. */
export type HashAnswer = { files: (HashedFile | Gone)[] } | { unreadable: string };

export interface FileToHash {
  /** Absolute. */
  path: string;
  /** As far as is known. */
  bytes: number;
}

/** Disposing stops the thread, whatever it has not hashed yet. */
export interface FileHasher extends Disposable {
  /**
   * Lets it go on until it is so far ahead of `bytes`, summed over the files in their order: whoever reads the same files
   * finds them in memory, even where the whole tree has no room there.
   */
  follow(bytes: number): void;
  /** @throws Error with a path, as soon as a file could not be read. */
  throwIfFailed(): void;
  /** @returns for each file, in their order, its hashes. @throws Error with a path, when a file cannot be read. */
  finish(): Promise<(HashedFile | Gone)[]>;
}

const AHEAD_BYTES = 128 * 1024 * 1024;
/** So much, or so many small files, are one message: small ones must not cost one each, and no lane be without a file. */
const MESSAGE_BYTES = 32 * 1024 * 1024;
const MESSAGE_FILES = 256;

export function startFileHasher(files: readonly FileToHash[]): FileHasher {
  const thread = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const found: (HashedFile | Gone)[] = [];
  let [sent, sentBytes] = [0, 0];
  let failure: Error | undefined;
  let wake = () => {};
  thread.onmessage = ({ data }: MessageEvent<HashAnswer>) => {
    if ("unreadable" in data) failure = new Error(data.unreadable);
    else for (const file of data.files) found.push(file);
    wake();
  };
  thread.onerror = (event) => {
    event.preventDefault();
    failure = new Error(`the thread that hashes files failed: ${event.message}`);
    wake();
  };
  function sendOne(): void {
    const [from, before] = [sent, sentBytes];
    const isFull = () =>
      sent - from >= MESSAGE_FILES || sent - from >= LANES && sentBytes - before >= MESSAGE_BYTES;
    while (sent < files.length && !isFull()) sentBytes += files[sent++]!.bytes;
    thread.postMessage(files.slice(from, sent).map(({ path }) => path) satisfies HashRequest);
  }
  function follow(bytes: number): void {
    while (sent < files.length && sentBytes < bytes + AHEAD_BYTES) sendOne();
  }
  follow(0);
  function throwIfFailed(): void {
    if (failure) throw failure;
  }
  return {
    follow,
    throwIfFailed,
    async finish() {
      follow(Infinity);
      while (found.length < files.length) {
        throwIfFailed();
        await new Promise<void>((resolve) => wake = resolve);
      }
      return found;
    },
    [Symbol.dispose]: () => thread.terminate(),
  };
}
