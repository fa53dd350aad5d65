/** Whether a restore into an environment was interrupted: a part of its data may then be new. Asked before the data is read. */

import { join } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { PROGRAM } from "../../base/program_name.ts";
import { exists } from "../../base/files.ts";
import type { OwnFolder } from "../../base/own_folder.ts";
import { type Leftover, leftoversAt } from "./leftovers.ts";
import type { DocumentFolders } from "../folders.ts";
import { realRoots } from "./real_root.ts";
import { unfinishedRestore } from "./swap.ts";

/** The folder of a restore in stages, among what is kept of an environment. */
export const STAGED_FOLDER = "staged";
/** In there, once the target is being changed. */
export const STAGED_NOTE_FILE = "begun.json";

/**
 * Refuses to read an environment whose data may be in part the old and in part the new. What lies in the documents themselves
 * is not read, and stops nothing: whoever writes documents can make anything there.
 *
 * @returns what in or beside the documents looks like half a restore that this user knows nothing of, as sentences to be told
 * @throws DrillError `TARGET_UNFIT`
 */
export async function refuseUnfinishedRestore(
  source: { name: string; state: OwnFolder } & Pick<DocumentFolders, "documents" | "moreFolders">,
  action: string,
): Promise<string[]> {
  const { name, state } = source;
  const left = await halfRestores(realRoots(source));
  const believed = left.find(({ kind, doubt }) => kind !== "documents" && doubt === undefined);
  if (believed || await knowsUnfinished(state)) {
    throw new DrillError(
      "TARGET_UNFIT",
      `Cannot ${action} ${name}: a restore into it was interrupted, and a part of its data may be new`,
      `Nothing was changed. Finish it first: ${PROGRAM} rearm --env ${name}`,
      { details: believed ? [`an earlier version left ${believed.path}`] : [] },
    );
  }
  return left.map(({ path }) =>
    `${path} looks like half a restore into ${name}, which this user did not begin on this machine: it was not read. If another one did, finish it there: ${PROGRAM} rearm --env ${name}. Else remove it`
  );
}

/** What shows that documents or rows may be in part the old and in part the new. */
async function halfRestores(roots: readonly string[]): Promise<Leftover[]> {
  const found: Leftover[] = [];
  for (const one of roots.flatMap(leftoversAt)) {
    const { kind, path } = one;
    const isHalf = kind === "journal" || kind === "documents" ||
      kind === "staged" && await exists(join(path, STAGED_NOTE_FILE));
    if (isHalf) found.push(one);
  }
  return found;
}

/** A state that cannot be believed is as none: what is only read needs none. */
async function knowsUnfinished(state: OwnFolder): Promise<boolean> {
  try {
    return await hasUnfinishedRestore(state);
  } catch (error) {
    if (error instanceof DrillError && error.code === "STATE_REFUSED") return false;
    throw error;
  }
}

/** Whether a restore of this user's is unfinished, as what is kept of the environment says. @throws DrillError `STATE_REFUSED` */
export async function hasUnfinishedRestore(state: OwnFolder): Promise<boolean> {
  const folder = state.existing();
  if (folder === undefined) return false;
  return await exists(join(folder, STAGED_FOLDER, STAGED_NOTE_FILE)) ||
    await unfinishedRestore(state) !== undefined;
}
