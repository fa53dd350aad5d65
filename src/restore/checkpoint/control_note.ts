/** The note that a drill is breaking its own sandbox, beside the checkpoint that it is put back from: for whoever comes after a crash. */

import { join } from "node:path";
import { stateFolder } from "../../documents/swap/hidden_places.ts";
import { readSealed, writeSealed } from "../../base/sealed_file.ts";
import { exists } from "../../base/files.ts";

/** What is being done to the sandbox. */
export interface ControlNote {
  /** The check that must see it: its id. */
  check: string;
  by: string;
  /** The id of the restore that is being broken; null where it has none. After another restore the note is of the past. */
  restore: string | null;
}

const markFile = (base: string) => join(base, "breaking.json");

/** Where both lie, for the documents folder `root` (absolute, without links). */
export const controlFolder = (root: string): Promise<string> => stateFolder(root, "control");

/** Writes the note: from here on the sandbox may be broken. The checkpoint is there already. */
export const writeControlNote = async (root: string, mark: ControlNote): Promise<void> =>
  await writeSealed(markFile(await controlFolder(root)), mark);

/** Undefined where no control is under way. @throws DrillError `OBJECT_CORRUPT`, `STORE_NEWER` */
export const readControlNote = async (root: string): Promise<ControlNote | undefined> =>
  await readSealed<ControlNote>(markFile(await controlFolder(root)));

/** The sandbox is what it was: takes the note away, and leaves the checkpoint. */
export async function removeControlNote(root: string): Promise<void> {
  const file = markFile(await controlFolder(root));
  if (await exists(file)) await Deno.remove(file);
}

/** Removes the note, then the checkpoint: the sandbox is what it was, or another one. */
export async function removeControl(root: string): Promise<void> {
  await removeControlNote(root);
  const base = await controlFolder(root);
  if (await exists(base)) await Deno.remove(base, { recursive: true });
}
