/** Where notes and state of an environment lie, so that the run after a crash finds them. */

import { basename, dirname, join, resolve } from "node:path";
import { OUR_FOLDER, STOPPED_NOTE } from "../tree/names.ts";
import { rootFacts } from "./place.ts";

/** The files that the note of a stopped workload may be, for the documents folder `root` (absolute, without links). */
export const notePlaces = (root: string): { beside: string; inside: string } => ({
  beside: join(dirname(root), `.${basename(root)}${STOPPED_NOTE}`),
  inside: join(root, STOPPED_NOTE),
});

/**
 * The one of them to write to: beside the documents, for inside it is in the way; inside where nothing can be written
 * beside, or what lies there does not stay with them (a volume's mount point: the folder above may be a container's, and
 * gone with it). No backup and no restore takes the one inside for a document.
 */
export async function notePlace(root: string): Promise<string> {
  const { beside, inside } = notePlaces(root);
  return await staysBeside(root) ? beside : inside;
}

/** The folder of the state `what` (`staged`, `checkpoint`) of the documents folder `root`, by the same rule. */
export async function stateFolder(root: string, what: string): Promise<string> {
  const [beside, inside] = stateFolders(root, what);
  return await staysBeside(root) ? beside : inside;
}

/** Both places where that folder may be: the one beside the documents and the one inside them. */
export const stateFolders = (root: string, what: string): [beside: string, inside: string] => [
  join(dirname(root), `.${basename(root)}.drill-${what}`),
  join(root, OUR_FOLDER, what),
];

async function staysBeside(root: string): Promise<boolean> {
  const { isMountPoint, sameDevice, aboveWritable } = await rootFacts(root);
  return !isMountPoint && sameDevice && aboveWritable;
}

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
