/** Many files copied on one thread, and read back from the copy on another, at the same time. */

import { startHashing } from "../hash/hasher.ts";
import type { Gone } from "../hash/file.ts";
import { inMessages, startThread } from "../thread.ts";
import { type CopiedFile, type CopyFileOptions, refuseOtherCopy } from "./file.ts";
import type { CopyRequest } from "./worker.ts";

interface CopyFilesOptions extends CopyFileOptions {
  signal: AbortSignal;
  /** Bytes of the files that were copied and read back. */
  onProgress?: (bytes: number, total: number) => void;
}

/** So many messages the copying thread may be ahead: what is read back still lies in memory. */
const AHEAD = 4;

/**
 * Copies `files` in their order, as `copyProved` does each.
 * @param files `path` is for messages, `from` and `to` are absolute
 * @returns for each, what lies in the copy, or that it is gone from the source
 * @throws DrillError `DOCUMENTS_UNREADABLE`, `DISK_FULL`, `DOCUMENTS_NOT_WRITABLE`, `DOCUMENTS_DIFFER`; the signal's reason.
 */
export async function copyFiles(
  files: readonly { path: string; bytes: number; from: string; to: string }[],
  { signal, onProgress, ...options }: CopyFilesOptions,
): Promise<(CopiedFile | Gone)[]> {
  signal.throwIfAborted();
  using copying = startThread<CopyRequest, (CopiedFile | Gone)[]>(
    new URL("./worker.ts", import.meta.url),
    "copies files",
    signal,
  );
  using readingBack = startHashing(signal);
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const results: Promise<(CopiedFile | Gone)[]>[] = [];
  for (const part of inMessages(files)) {
    await results.at(-AHEAD);
    const copied = await copying.ask({ files: part.map(({ from, to }) => ({ from, to })), options });
    const there = part.filter((_, at) => copied[at] !== "gone");
    const result = readingBack.ask(there.map(({ to }) => to)).then((back) => {
      const found = back.values();
      for (const [at, one] of copied.entries()) {
        if (one !== "gone") refuseOtherCopy(part[at]!.path, one, found.next().value);
      }
      for (const { bytes } of part) done += bytes;
      onProgress?.(done, total);
      return copied;
    });
    result.catch(() => {}); // awaiting the results throws it
    results.push(result);
  }
  return (await Promise.all(results)).flat();
}
