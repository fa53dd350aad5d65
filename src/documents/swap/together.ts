/**
 * Folders whose documents belong to one restore: the documents of an environment and its further folders. Each has a swap
 * with a journal of its own, all with the restore's id, and they are finished together or not at all.
 *
 * Everything is prepared before the first of them is swapped in, and all are swapped in before the first is committed. So
 * where no database decides (`alone`), one that has begun means that the others are whole too. `settleDocuments` settles all.
 */

import type { DocumentFolders } from "../folders.ts";
import type { SwapPlace } from "./journal.ts";
import { realRoot } from "./real_root.ts";
import { commitSwap, revertSwap, swapIn, type SwapOptions, unfinishedSwap } from "./swap.ts";

/** The further folders of an environment by name, by their real paths, also in the middle of a swap; one that is gone is left out. */
export function furtherRoots(
  { moreFolders = {} }: Pick<DocumentFolders, "moreFolders">,
): Map<string, string> {
  const found = Object.entries(moreFolders).map(([name, folder]) => [name, realRoot(folder)] as const);
  return new Map(found.flatMap(([name, real]) => real === undefined ? [] : [[name, real]]));
}

/**
 * As `swapIn`, for each of `places`.
 * @throws DrillError as that; where they were `alone`, with all as it was.
 */
export async function swapInTogether(
  places: readonly SwapPlace[],
  id: string,
  { alone, ...options }: SwapOptions & { alone: boolean },
): Promise<void> {
  const done: SwapPlace[] = [];
  try {
    for (const place of places) {
      await swapIn(place, id, options);
      done.unshift(place);
    }
  } catch (error) {
    if (alone) { for (const place of done) await revertSwap(place, options); } // no database decides it
    throw error;
  }
}

/** As `commitSwap`, for each of `places`. */
export async function commitTogether(
  places: readonly SwapPlace[],
  options: SwapOptions = {},
): Promise<void> {
  for (const place of places) await commitSwap(place, options);
}

/** Undoes what the restore `id` prepared in any of `places`: another's is not ours to undo. */
export async function revertPrepared(places: readonly SwapPlace[], id: string): Promise<void> {
  for (const place of places) if (await unfinishedSwap(place) === id) await revertSwap(place);
}
