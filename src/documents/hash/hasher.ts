/**
 * SHA-256 of many files, read and computed on a thread of its own beside whatever else reads them: they come from the
 * system's memory then, and a second core does the work.
 */

import type { Digest } from "../../base/streams.ts";
import type { Gone } from "./file.ts";
import { inMessages, startThread, type Thread } from "../thread.ts";

/** For each file, in their order. */
type Hashes = (Digest | Gone)[];

export const startHashing = (signal?: AbortSignal): Thread<string[], Hashes> =>
  startThread(new URL("./worker.ts", import.meta.url), "hashes files", signal);

/** Disposing stops the thread, whatever it has not hashed yet. */
interface FileHasher extends Disposable {
  /**
   * Lets it go on until it is AHEAD_BYTES ahead of `bytes`, summed over the files in their order: a program that reads the
   * same files after it finds them in memory, also where the whole tree has no room there.
   */
  follow(bytes: number): void;
  /** @throws DrillError `DOCUMENTS_UNREADABLE` as soon as a file could not be read. */
  throwIfFailed(): void;
  /** @throws DrillError `DOCUMENTS_UNREADABLE` when a file cannot be read. */
  finish(): Promise<Hashes>;
}

const AHEAD_BYTES = 128 * 1024 * 1024;

/** @param files by their absolute paths, and their bytes as far as is known */
export function startFileHasher(files: readonly { path: string; bytes: number }[]): FileHasher {
  const thread = startHashing();
  const messages = inMessages(files);
  const answers: Promise<Hashes>[] = [];
  let sentBytes = 0;
  let failure: unknown;
  function follow(bytes: number): void {
    while (sentBytes < bytes + AHEAD_BYTES) {
      const { value: part, done } = messages.next();
      if (done) return;
      const answer = thread.ask(part.map(({ path }) => path));
      answer.catch((error) => failure ??= error);
      answers.push(answer);
      for (const file of part) sentBytes += file.bytes;
    }
  }
  follow(0);
  return {
    follow,
    throwIfFailed() {
      if (failure !== undefined) throw failure;
    },
    async finish() {
      follow(Infinity);
      return (await Promise.all(answers)).flat();
    },
    [Symbol.dispose]: () => thread[Symbol.dispose](),
  };
}
