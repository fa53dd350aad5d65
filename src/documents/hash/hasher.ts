/**
 * SHA-256 of many files, read and computed on a thread of its own beside whatever else reads them: they come from the
 * system's memory then, and a second core does the work.
 */

import type { Digest } from "../../base/streams.ts";
import type { Located } from "../folders.ts";
import { startThread } from "../thread.ts";
import type { Folder } from "../tree/folder.ts";
import type { Gone } from "./file.ts";
import type { HashRequest } from "./worker.ts";

/** Disposing stops the thread, whatever it has not hashed yet. */
interface FileHasher extends Disposable {
  /** For each file, in their order. @throws DrillError `DOCUMENTS_UNREADABLE`; the signal's reason. */
  hash(files: Located[]): Promise<(Digest | Gone)[]>;
}

/** @param roots the open folders in which the files lie */
export function startHashing(roots: readonly Folder[], signal?: AbortSignal): FileHasher {
  const thread = startThread<HashRequest, (Digest | Gone)[]>(
    new URL("./worker.ts", import.meta.url),
    "hashes files",
    signal,
  );
  thread.ask({ roots: roots.map((root) => root.lend()) }).catch(() => undefined); // whoever asks for a hash learns of it
  return {
    hash: (files) => thread.ask(files),
    [Symbol.dispose]: () => thread[Symbol.dispose](),
  };
}
