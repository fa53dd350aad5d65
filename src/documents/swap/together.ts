/**
 * Folders whose documents belong to one restore: the documents of an environment and its further folders. Each has a swap
 * with a journal of its own, all with the restore's id, and they are finished together or not at all.
 *
 * Everything is prepared before the first of them is swapped in, and all are swapped in before the first is committed. So
 * where no database decides (`alone`), one that has begun means that the others are whole too.
 */

import type { DocumentFolders } from "../folders.ts";
import { realRoot } from "./hidden_places.ts";
import {
  begunAlone,
  commitSwap,
  revertSwap,
  settleDocuments,
  swapIn,
  type SwapOptions,
  unfinishedRestore,
} from "./swap.ts";

/** The further folders of an environment by name, by their real paths, also in the middle of a swap; one that is gone is left out. */
export function furtherRoots(
  { moreFolders = {} }: Pick<DocumentFolders, "moreFolders">,
): Map<string, string> {
  const found = Object.entries(moreFolders).map(([name, folder]) => [name, realRoot(folder)] as const);
  return new Map(found.flatMap(([name, real]) => real === undefined ? [] : [[name, real]]));
}

/**
 * As `swapIn`, for each of `roots`.
 * @throws DrillError as that; where they were `alone`, with all as it was.
 */
export async function swapInTogether(
  roots: readonly string[],
  id: string,
  { alone, ...options }: SwapOptions & { alone: boolean },
): Promise<void> {
  const done: string[] = [];
  try {
    for (const root of roots) {
      await swapIn(root, id, options);
      done.unshift(root);
    }
  } catch (error) {
    if (alone) { for (const root of done) await revertSwap(root, options); } // no database decides it
    throw error;
  }
}

/** As `commitSwap`, for each of `roots`. */
export async function commitTogether(roots: readonly string[], options: SwapOptions = {}): Promise<void> {
  for (const root of roots) await commitSwap(root, options);
}

/** Undoes what the restore `id` prepared in any of `roots`: another's is not ours to undo. */
export async function revertPrepared(roots: readonly string[], id: string): Promise<void> {
  for (const root of roots) if (await unfinishedRestore(root) === id) await revertSwap(root);
}

/** The id of an unfinished restore of one of `roots`; undefined where there is none. */
export async function unfinishedTogether(roots: readonly string[]): Promise<string | undefined> {
  for (const root of roots) {
    const id = await unfinishedRestore(root);
    if (id !== undefined) return id;
  }
  return undefined;
}

/** As `settleDocuments`, for all of `roots`: what was `alone` is finished in each where it has begun in one. */
export async function settleTogether(
  roots: readonly string[],
  committedId: string | undefined,
  options: SwapOptions = {},
): Promise<"nothing" | "finished" | "put back"> {
  const begun = new Set<string>();
  for (const root of roots) {
    const id = await begunAlone(root);
    if (id !== undefined) begun.add(id);
  }
  let settled: "nothing" | "finished" | "put back" = "nothing";
  for (const root of roots) {
    const id = await unfinishedRestore(root);
    const decided = id !== undefined && begun.has(id) ? id : committedId;
    const one = await settleDocuments(root, decided, options);
    if (settled === "nothing") settled = one;
  }
  return settled;
}
