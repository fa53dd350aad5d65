/** The control note: a drill is breaking its own sandbox. Beside it lies the checkpoint, to which `rearm` resets after a crash. */

import { join } from "node:path";
import { z } from "zod";
import { removeFile, removeTree } from "../../base/files.ts";
import { PROGRAM } from "../../base/program_name.ts";
import { recordKind } from "../../base/versioned_record.ts";
import { readSealed, writeSealed } from "../../base/sealed_file.ts";
import type { OwnFolder } from "../../base/own_folder.ts";

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

/** Where both lie, among what is kept of an environment; undefined where nothing is kept yet. */
const controlFolder = (state: OwnFolder): string | undefined => {
  const kept = state.existing();
  return kept && join(kept, "control");
};

/** Writes the note: from here on the sandbox may be broken. The checkpoint exists already. */
export async function writeControlNote(state: OwnFolder, note: ControlNote): Promise<void> {
  const folder = join(state.make(), "control");
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  await writeSealed(noteFile(folder), controlNote, note);
}

/** Undefined where no control is running. @throws DrillError `OBJECT_CORRUPT`, `STORE_NEWER`, `STATE_REFUSED` */
export async function readControlNote(state: OwnFolder): Promise<ControlNote | undefined> {
  const folder = controlFolder(state);
  return folder === undefined ? undefined : await readSealed(noteFile(folder), controlNote);
}

/** The sandbox is what it was: removes the note, and leaves the checkpoint. */
export async function removeControlNote(state: OwnFolder): Promise<void> {
  const folder = controlFolder(state);
  if (folder !== undefined) await removeFile(noteFile(folder));
}

/** Removes the note, then the checkpoint: the sandbox is what it was, or another one. */
export async function removeControl(state: OwnFolder): Promise<void> {
  await removeControlNote(state);
  const folder = controlFolder(state);
  if (folder !== undefined) await removeTree(folder);
}
