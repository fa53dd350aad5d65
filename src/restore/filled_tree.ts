/** What a restore or a reset takes away from a documents tree, and the record by which the tree is known the next time. */

import { messageOf } from "../base/errors.ts";
import { formatCount } from "../base/numbers.ts";
import { timestampOf } from "../base/time.ts";
import { sampleFolders } from "../documents/tree/listing.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import { putTree, readTrees, type TreeRecord } from "../store/records/trees.ts";
import type { Store } from "../store/store.ts";
import type { TargetFolder, TargetTree } from "./gate/target_tree.ts";

/**
 * Records which files lie in the documents of `target`, which was just filled.
 * @param about `restore`: the id that its database carries; `replacedForeign`: how many files of a stranger's tree went, where
 *   a person said that they may
 * @throws DrillError `DOCUMENTS_UNREADABLE`, and what the store fails with
 */
export async function recordFilledTree(
  { name, documents, moreFolders = {} }: OpenEnvironment,
  store: Store,
  about: Pick<TreeRecord, "by" | "restore" | "replacedForeign">,
): Promise<void> {
  const folders = await sampleFolders([documents, ...Object.values(moreFolders)]);
  await putTree(store, { environment: name, at: timestampOf(new Date()), folders, ...about });
}

/**
 * The same for a restore of the database alone, whose id it carries from now on: the documents are those of the record before.
 * Where there is none it is not known whose they are.
 */
export async function recordKeptTree(
  { name }: OpenEnvironment,
  store: Store,
  restore: string,
): Promise<void> {
  const [newest] = await readTrees(store, name, () => {});
  if (newest) await putTree(store, { ...newest, at: timestampOf(new Date()), restore });
}

/** What a person should know of the files that are going to be replaced; undefined where an earlier restore put all of them there. */
export function replacedFiles(
  { folders, filledAt }: TargetTree,
  replaced: readonly string[],
  { name }: OpenEnvironment,
): string | undefined {
  const concerned = folders.filter(({ folder }) => replaced.includes(folder));
  const foreign = concerned.filter((one) => one.foreign !== undefined);
  if (foreign.length > 0) {
    return `--replace-foreign: what lies in ${
      foreign.map(({ folder }) => folder).join(" and in ")
    } is replaced, though no restore put it there: ${formatCount(filesOf(foreign), "file")}`;
  }
  const newer = concerned.reduce((sum, one) => sum + one.newer, 0);
  if (filledAt === undefined || newer === 0) return undefined;
  return `What came or changed in the documents of ${name} since the restore of ${filledAt} is replaced too: ${
    formatCount(newer, "file")
  }`;
}

/** How many files there are in these folders. */
export const filesOf = (folders: readonly Pick<TargetFolder, "files">[]): number =>
  folders.reduce((sum, { files }) => sum + files, 0);

/** For documents that are in their place, though the next restore will not know them. */
export const notRecorded = ({ name }: OpenEnvironment, error: unknown): string =>
  `The documents of ${name} are restored, but which files they are could not be recorded (${
    messageOf(error)
  }): the next restore may ask for --replace-foreign`;
