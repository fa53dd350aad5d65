/** The control note: a drill is breaking its own sandbox. Beside it lies the checkpoint, to which `rearm` resets after a crash. */

import { join } from "node:path";
import { z } from "zod";
import { exists } from "../../base/files.ts";
import { PROGRAM } from "../../base/program_name.ts";
import { recordKind } from "../../base/versioned_record.ts";
import { readSealed, writeSealed } from "../../base/sealed_file.ts";
import { stateFolder } from "../../documents/swap/hidden_places.ts";

/** How the sandbox is being broken. */
const fields = z.object({
  /** The check that must see it: its id. */
  check: z.string(),
  by: z.string(),
  /** The id of the restore that is being broken; null where it has none. After another restore the note is outdated. */
  restore: z.string().nullable(),
});

export const controlNote = recordKind({
  name: "the note of a negative control",
  format: 1,
  minReader: 1,
  fields,
  damaged: {
    code: "OBJECT_CORRUPT",
    hint: `The sandbox may be broken on purpose. Restore a set: ${PROGRAM} restore`,
  },
});

type ControlNote = z.infer<typeof fields>;

const noteFile = (base: string) => join(base, "breaking.json");

/** Where both lie, for the documents folder `root` (absolute, without links). */
export const controlFolder = (root: string): Promise<string> => stateFolder(root, "control");

/** Writes the note: from here on the sandbox may be broken. The checkpoint exists already. */
export const writeControlNote = async (root: string, note: ControlNote): Promise<void> =>
  await writeSealed(noteFile(await controlFolder(root)), controlNote, note);

/** Undefined where no control is running. @throws DrillError `OBJECT_CORRUPT`, `STORE_NEWER` */
export const readControlNote = async (root: string): Promise<ControlNote | undefined> =>
  await readSealed(noteFile(await controlFolder(root)), controlNote);

/** The sandbox is what it was: removes the note, and leaves the checkpoint. */
export async function removeControlNote(root: string): Promise<void> {
  const file = noteFile(await controlFolder(root));
  if (await exists(file)) await Deno.remove(file);
}

/** Removes the note, then the checkpoint: the sandbox is what it was, or another one. */
export async function removeControl(root: string): Promise<void> {
  await removeControlNote(root);
  const base = await controlFolder(root);
  if (await exists(base)) await Deno.remove(base, { recursive: true });
}
