/** Many files copied on one thread, and read back from the copy on another, at the same time. */

import type { Located } from "../folders.ts";
import { startHashing } from "../hash/hasher.ts";
import type { Gone } from "../hash/file.ts";
import { inMessages, startThread } from "../thread.ts";
import type { Folder } from "../tree/folder.ts";
import type { Ownership } from "../tree/write.ts";
import { type CopiedFile, type CopyFileOptions, refuseOtherCopy } from "./file.ts";
import type { CopyRequest } from "./worker.ts";

export interface FileToCopy {
  /** For messages. */
  path: string;
  bytes: number;
  from: Located;
  to: Located;
}

interface CopyFilesOptions extends Omit<CopyFileOptions, "as"> {
  /** The open folders in which the files lie. */
  sources: readonly Folder[];
  /** And those into which they are copied. */
  targets: readonly { folder: Folder; owner?: Ownership | undefined }[];
  /** The copies get rights and times of the files, and the owner of their target; else they are for this user alone. */
  asSources?: boolean;
  signal: AbortSignal;
  /** Bytes of the files that were copied and read back. */
  onProgress?: (bytes: number, total: number) => void;
}

/** So many messages the copying thread may be ahead: what is read back still lies in memory. */
const AHEAD = 4;

/**
 * Copies `files` in their order, as `copyProved` does each.
 * @returns for each, what lies in the copy, or that it is gone from the source
 * @throws DrillError `DOCUMENTS_UNREADABLE`, `DISK_FULL`, `DOCUMENTS_NOT_WRITABLE`, `DOCUMENTS_DIFFER`; the signal's reason.
 */
export async function copyFiles(
  files: readonly FileToCopy[],
  { sources, targets, asSources = false, signal, onProgress, ...options }: CopyFilesOptions,
): Promise<(CopiedFile | Gone)[]> {
  signal.throwIfAborted();
  using copying = startThread<CopyRequest, (CopiedFile | Gone)[]>(
    new URL("./worker.ts", import.meta.url),
    "copies files",
    signal,
  );
  using readingBack = startHashing(targets.map(({ folder }) => folder), signal);
  await copying.ask({
    sources: sources.map((folder) => folder.lend()),
    targets: targets.map(({ folder, owner }) => ({ folder: folder.lend(), ...(owner ? { owner } : {}) })),
    options: { ...options, asSources },
  });
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const results: Promise<(CopiedFile | Gone)[]>[] = [];
  for (const part of inMessages(files)) {
    await results.at(-AHEAD);
    const copied = await copying.ask(part.map(({ from, to }) => ({ from, to })));
    const there = part.filter((_, at) => copied[at] !== "gone");
    const result = readingBack.hash(there.map(({ to }) => to)).then((back) => {
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
