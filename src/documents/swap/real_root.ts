/** Where a documents folder really lies. */

import { basename, dirname, join, resolve } from "node:path";
import type { DocumentFolders } from "../folders.ts";

/**
 * The documents folder of an environment and its further folders, as `realRoot`, the documents first; one that is gone with the
 * folder above it is left out.
 */
export const realRoots = (
  { documents, moreFolders = {} }: Pick<DocumentFolders, "documents" | "moreFolders">,
): string[] => [documents, ...Object.values(moreFolders)].map(realRoot).filter((root) => root !== undefined);

/**
 * A documents folder without links in its path, also where a swap was interrupted between its two renames and nothing is
 * there under that name; undefined where the folder above it is gone too.
 */
export function realRoot(documents: string): string | undefined {
  const there = unlessGone(() => Deno.realPathSync(documents));
  if (there !== undefined) return there;
  const target = unlessGone(() => Deno.readLinkSync(documents));
  if (target !== undefined) return realRoot(resolve(dirname(documents), target));
  const above = unlessGone(() => Deno.realPathSync(dirname(documents)));
  return above === undefined ? undefined : join(above, basename(documents));
}

function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
