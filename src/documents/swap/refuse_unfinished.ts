/** Whether a restore into an environment was interrupted: a part of its data may then be new. Asked before the data is read. */

import { join } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { PROGRAM } from "../../base/program_name.ts";
import { furtherRoots, unfinishedTogether } from "./together.ts";
import { realRoot, stateFolders } from "./hidden_places.ts";
import { exists } from "../../base/files.ts";
import type { DocumentFolders } from "../folders.ts";

/** In the folder of a restore in stages, once the target is being changed. */
export const STAGED_NOTE_FILE = "begun.json";

/** What restores in stages have left for the documents folder `root`: another user's may lie in the other place. */
export async function leftoverStages(root: string): Promise<string[]> {
  const there: string[] = [];
  for (const folder of stateFolders(root, "staged")) if (await exists(folder)) there.push(folder);
  return there;
}

/**
 * Refuses to read an environment whose data may be in part the old and in part the new.
 * @throws DrillError `TARGET_UNFIT`
 */
export async function refuseUnfinishedRestore(
  source: { name: string } & Pick<DocumentFolders, "documents" | "moreFolders">,
  action: string,
): Promise<void> {
  const { name, documents } = source;
  const root = realRoot(documents);
  if (root === undefined || !await hasUnfinishedRestore(root, furtherRoots(source).values())) return;
  throw new DrillError(
    "TARGET_UNFIT",
    `Cannot ${action} ${name}: a restore into it was interrupted, and a part of its data may be new`,
    `Nothing was changed. Finish it first: ${PROGRAM} rearm --env ${name}`,
  );
}

/**
 * @param root the documents folder, by its real path
 * @param further the further folders, likewise
 */
export async function hasUnfinishedRestore(root: string, further: Iterable<string>): Promise<boolean> {
  for (const folder of await leftoverStages(root)) {
    if (await exists(join(folder, STAGED_NOTE_FILE))) return true;
  }
  return await unfinishedTogether([root, ...further]) !== undefined;
}
