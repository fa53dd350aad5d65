/**
 * The hidden folder of a swap inside a documents folder. That belongs to the ERP's web user, who may rename our folder, and put
 * another one or a link in its place: so it has a name that nobody can guess, and before each use it is opened by the handle of
 * the documents and looked at.
 */

import { DrillError } from "../../base/errors.ts";
import { codeOf, type Folder } from "../tree/folder.ts";

/** What a journal knows of it. */
export interface OurFolder {
  name: string;
  /** Undefined while it is being made. */
  inode?: number | undefined;
  /** Of the version before: whether it is believed was decided when its journal was taken over (restore/rearm/former_notes.ts). */
  isFormer?: boolean;
}

/** Makes it, for this user alone. @throws `EEXIST`; DrillError as `openOurs` */
export function makeOurs(root: Folder, name: string): Folder {
  const made = root.makeFolder(name);
  return refuseOther(made, { name });
}

/**
 * @returns undefined where nothing is there
 * @throws DrillError `DOCUMENTS_NOT_WRITABLE` where it is not the folder that the swap made
 */
export function openOurs(root: Folder, ours: OurFolder): Folder | undefined {
  let folder: Folder;
  try {
    folder = root.folder(ours.name);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    if (codeOf(error) === "ENOTDIR" || codeOf(error) === "ELOOP") {
      throw exchanged(root.pathOf(ours.name), "it is no folder");
    }
    throw error;
  }
  return ours.isFormer ? folder : refuseOther(folder, ours);
}

/** For a folder that must be there: what is needed of the documents lies in it. */
export const goneFrom = (root: Folder, { name }: OurFolder) =>
  exchanged(root.pathOf(name), "it is not there");

function refuseOther(folder: Folder, { inode }: OurFolder): Folder {
  const { uid, mode, ino } = folder.info();
  const why = uid !== Deno.uid()
    ? `it belongs to the user with the id ${uid}`
    : (mode & 0o022) !== 0
    ? "other users may write into it"
    : inode !== undefined && ino !== inode
    ? "it is another folder than that one"
    : undefined;
  if (why === undefined) return folder;
  folder[Symbol.dispose]();
  throw exchanged(folder.path, why);
}

const exchanged = (path: string, why: string) =>
  new DrillError(
    "DOCUMENTS_NOT_WRITABLE",
    `Cannot go on with what a restore made in ${path}: ${why}`,
    "Somebody who may write to the documents has exchanged it: nothing was moved or removed there. Look for the folder of this user's that the restore made among the documents, put it back under that name, and run this again.",
  );
