/** The further folders that an archive holds beside the documents, and what of them comes over into a target. */

import { type DocumentsIndex, furtherDocuments, leadingOut } from "../documents/index.ts";
import { leavingLinks } from "../documents/tree/links.ts";
import type { LeftOut } from "./dump/filter.ts";

/** A further folder that an archive holds. */
export interface FurtherFolder {
  /** Its top folder in the archive, and its key in `documents.more`. */
  name: string;
  /** Of what lies in it, by the paths there. */
  index: DocumentsIndex;
  /** The target's folder whose content it takes the place of, by its real path; undefined where the target names none. */
  folder?: string;
}

/**
 * What of the further folders of a set does not come over, and those of the target that stay as they are.
 * @param names of those that the set has
 */
export function furtherLeftOut(
  set: string,
  names: readonly string[],
  target: ReadonlyMap<string, string>,
): LeftOut[] {
  const unplaced = names.filter((name) => !target.has(name)).map((name) => ({
    what: name,
    why:
      `the target names no folder for it: add it to documents.more there, or write it out with restore --to`,
  }));
  const staying = [...target].filter(([name]) => !names.includes(name)).map(([name, folder]) => ({
    what: name,
    why: `${set} holds no further folder of that name: ${folder} stays as it is`,
  }));
  return [...unplaced, ...staying];
}

/** The links of an index that a restore does not make: those that no archive holds, and those out of a further folder. */
export function linksLeftOut({ links, leftOut = [], roots = {} }: DocumentsIndex): LeftOut[] {
  const further = Object.keys(roots);
  const leaving = further.length === 0 ? new Set() : leavingLinks(links, further);
  const leftNow = links.filter(({ path }) => leaving.has(path));
  return [...leftOut, ...leftNow].map(({ path, target }) => ({ what: path, why: leadingOut(target) }));
}

/** @param names of those that the source has */
export const furtherFolders = (
  index: DocumentsIndex,
  names: readonly string[],
  target: ReadonlyMap<string, string>,
): FurtherFolder[] =>
  names.map((name) => {
    const folder = target.get(name);
    return { name, index: furtherDocuments(index, name), ...(folder === undefined ? {} : { folder }) };
  });
