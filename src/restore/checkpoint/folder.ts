/**
 * Where a checkpoint is: in a folder among what is kept of the environment. Each checkpoint has a folder of its own in there,
 * and one small file names the valid one: it is renamed into place last, so that an interrupted checkpoint is never half
 * visible and the former one is valid until then.
 */

import { join } from "node:path";
import { DrillError, messageOf } from "../../base/errors.ts";
import { PROGRAM } from "../../base/program_name.ts";
import { leftoversAt } from "../../documents/swap/leftovers.ts";
import { realRoots } from "../../documents/swap/real_root.ts";
import { hasUnfinishedRestore } from "../../documents/swap/refuse_unfinished.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import type { SavedDocuments } from "./documents.ts";
import { currentRecord, type Found, foundRecord, resetNote, savedDocumentsRecord } from "./records.ts";
import { readSavedDatabase, type SavedDatabase } from "./saved_database.ts";
import { readSealed, writeSealed } from "../../base/sealed_file.ts";
import { exists, writeError } from "../../base/files.ts";

/** A checkpoint as it is read. */
interface Checkpoint {
  /** Its own folder. */
  folder: string;
  database: SavedDatabase;
  documents: SavedDocuments;
  found: Found;
}

/** The documents folder itself, and the folder of its checkpoints. */
interface CheckpointPlace {
  root: string;
  base: string;
}

export const contentsFolder = (folder: string): string => join(folder, "documents");
const resetNoteFile = ({ base }: CheckpointPlace) => join(base, "reset-began");
const currentFile = ({ base }: CheckpointPlace) => join(base, "current.json");
const documentsFile = (folder: string) => join(folder, "documents.json");
const foundFile = (folder: string) => join(folder, "found.json");

/** A person's checkpoint, or that of a drill which is going to break its sandbox. Neither replaces the other. */
export type CheckpointKind = "checkpoint" | "control";

/**
 * Where the checkpoint of `environment` is, or would be.
 * @throws DrillError `DOCUMENTS_UNREADABLE`, `STATE_REFUSED`; `TARGET_UNFIT` where a restore was interrupted there.
 */
export async function checkpointPlace(
  environment: OpenEnvironment,
  kind: CheckpointKind = "checkpoint",
): Promise<CheckpointPlace> {
  const { name, documents, state } = environment;
  const root = await realPath(documents);
  if (!await hasLeftovers(environment) && !await hasUnfinishedRestore(state)) {
    return { root, base: join(state.make(), kind) };
  }
  throw interrupted(name);
}

/**
 * The same, and nothing is made or taken over.
 * @throws DrillError as `checkpointPlace`; `TARGET_UNFIT` also where the version before left anything at the documents.
 */
export async function lookedUpPlace(environment: OpenEnvironment): Promise<CheckpointPlace> {
  const { name, documents, state } = environment;
  const root = await realPath(documents);
  const left = realRoots(environment).flatMap(leftoversAt);
  if (left.length > 0 || await hasUnfinishedRestore(state)) throw interrupted(name);
  return { root, base: join(state.existing() ?? state.path ?? root, "checkpoint" satisfies CheckpointKind) };
}

const interrupted = (name: string): DrillError =>
  new DrillError(
    "TARGET_UNFIT",
    `Cannot use what ${name} holds: a restore was interrupted there, and half of it may be new`,
    `Finish it first: ${PROGRAM} rearm --env ${name}`,
  );

/** Whether something at the documents bars the way; what the version before left is taken over. Mostly nothing is there. */
async function hasLeftovers(environment: OpenEnvironment): Promise<boolean> {
  const roots = realRoots(environment);
  if (roots.flatMap(leftoversAt).length === 0) return false;
  const { blocksRestore, takeOverNotes } = await import("../rearm/former_notes.ts");
  return (await takeOverNotes(environment, roots)).left.some(blocksRestore);
}

/** Begins a new checkpoint. Disposing removes it, unless it was completed. */
export async function newCheckpoint(place: CheckpointPlace) {
  const name = crypto.randomUUID();
  const folder = join(place.base, name);
  let isComplete = false;
  await writing(place, async () => {
    await Deno.mkdir(place.base, { recursive: true, mode: 0o700 });
    await removeOthers(place, (await current(place))?.name); // what an interrupted one left
    await Deno.mkdir(folder, { mode: 0o700 });
    await Deno.mkdir(contentsFolder(folder), { mode: 0o700 });
  });
  return {
    folder,
    /** Makes it the checkpoint, and removes the former one. */
    async complete(documents: SavedDocuments, found: Found): Promise<void> {
      await writing(place, async () => {
        await writeSealed(documentsFile(folder), savedDocumentsRecord, documents);
        await writeFound(folder, found);
        await writeSealed(currentFile(place), currentRecord, { name });
        isComplete = true;
        await removeOthers(place, name);
      });
    },
    async [Symbol.asyncDispose]() {
      if (!isComplete) await Deno.remove(folder, { recursive: true });
    },
  };
}

/**
 * The checkpoint of `environment`.
 * @throws DrillError `NO_SET` where there is none, `OBJECT_CORRUPT` where it is damaged, `STORE_NEWER`.
 */
export async function readCheckpoint(place: CheckpointPlace, environment: string): Promise<Checkpoint> {
  const named = await current(place);
  if (!named) {
    throw new DrillError(
      "NO_SET",
      `Cannot reset ${environment}: it has no checkpoint in ${place.base}`,
      `Make one first: ${PROGRAM} checkpoint --env ${environment}`,
    );
  }
  const folder = join(place.base, named.name);
  const [database, documents] = await Promise.all([
    readSavedDatabase(folder),
    readSealed(documentsFile(folder), savedDocumentsRecord),
  ]);
  if (database && documents) {
    return { folder, database, documents, found: await readFound(folder, database) };
  }
  throw new DrillError(
    "OBJECT_CORRUPT",
    `Cannot reset ${environment}: a part of its checkpoint in ${folder} is missing`,
    `Nothing was changed. Bring the environment into a state that you trust, then make a new checkpoint: ${PROGRAM} checkpoint --env ${environment}`,
  );
}

const current = (place: CheckpointPlace) => readSealed(currentFile(place), currentRecord);

export const writeFound = (folder: string, found: Found): Promise<void> =>
  writeSealed(foundFile(folder), foundRecord, found, { sync: false });

/** Where it is missing or damaged, everything is read. */
async function readFound(folder: string, { state }: SavedDatabase): Promise<Found> {
  try {
    const found = await readSealed(foundFile(folder), foundRecord);
    if (found) return found;
  } catch (error) {
    if (!(error instanceof DrillError)) throw error; // a damaged one costs time, and nothing else
  }
  return { catalogue: state.catalogue, files: {} };
}

/** Written before a reset changes anything. */
export const writeResetNote = (place: CheckpointPlace): Promise<void> =>
  writing(place, () => writeSealed(resetNoteFile(place), resetNote, { at: new Date().toISOString() }));

export const removeResetNote = (place: CheckpointPlace): Promise<void> =>
  writing(place, async () => {
    if (await exists(resetNoteFile(place))) await Deno.remove(resetNoteFile(place));
  });

/** @throws DrillError `TARGET_UNFIT` where a reset was interrupted: half of what is there may be of the checkpoint. */
export async function refuseUnfinishedReset(place: CheckpointPlace, environment: string): Promise<void> {
  if (await readSealed(resetNoteFile(place), resetNote) === undefined) return;
  throw new DrillError(
    "TARGET_UNFIT",
    `Cannot save what ${environment} holds: a reset was interrupted there, and half of it may be put back`,
    `Finish it first: ${PROGRAM} reset --env ${environment}`,
  );
}

async function removeOthers({ base }: CheckpointPlace, name: string | undefined): Promise<void> {
  for await (const entry of Deno.readDir(base)) {
    if (entry.isDirectory && entry.name !== name) {
      await Deno.remove(join(base, entry.name), { recursive: true });
    }
  }
}

async function realPath(documents: string): Promise<string> {
  try {
    return await Deno.realPath(documents);
  } catch (error) {
    throw new DrillError(
      "DOCUMENTS_UNREADABLE",
      `Cannot read the documents folder ${documents}: ${messageOf(error)}`,
      `Does it exist, and is it mounted? Check environments.<name>.documents in the configuration.`,
      { cause: error },
    );
  }
}

async function writing<T>({ base }: CheckpointPlace, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof DrillError) throw error;
    throw writeError(`write into ${base}`, error, {
      room:
        "Make room there, or name a folder on another disk in the configuration: state: /srv/dolibarr-drill",
      hint: "This user must be able to write there: the checkpoint lies in it.",
    });
  }
}
