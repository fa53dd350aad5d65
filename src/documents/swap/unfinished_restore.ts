/** Whether a restore was cut off in an environment: half of what it holds may then be new. Asked before it is believed. */

import { join } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { unfinishedRestore } from "./swap.ts";
import { realRoot, stateFolders } from "./hidden_places.ts";
import { exists } from "../../base/files.ts";

/** In the folder of a restore in stages, once the target is being changed. */
export const STAGED_NOTE_FILE = "begun.json";

/** What restores in stages have left for the documents folder `root`: it may have been another user's, who keeps it elsewhere. */
export async function leftoverStages(root: string): Promise<string[]> {
  const there: string[] = [];
  for (const folder of stateFolders(root, "staged")) if (await exists(folder)) there.push(folder);
  return there;
}

/**
 * Before an environment is read as what it is: half of what it holds may be new.
 * @throws DrillError `TARGET_UNFIT`
 */
export async function refuseUnfinishedRestore(
  { name, documents }: { name: string; documents: string },
  action: string,
): Promise<void> {
  const root = realRoot(documents);
  if (root === undefined || !await hasUnfinishedRestore(root)) return;
  throw new DrillError(
    "TARGET_UNFIT",
    `Cannot ${action} ${name}: a restore was cut off there, and half of what it holds may be new`,
    `Nothing was changed. Finish it first: dolibarr-drill rearm --env ${name}`,
  );
}

/** @param root the documents folder, by its real path */
export async function hasUnfinishedRestore(root: string): Promise<boolean> {
  for (const folder of await leftoverStages(root)) {
    if (await exists(join(folder, STAGED_NOTE_FILE))) return true;
  }
  return await unfinishedRestore(root) !== undefined;
}
