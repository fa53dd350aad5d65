/** What a restore in stages saved before it began: put back after a failure, or by the next run after a crash. */

import { join } from "node:path";
import { z } from "zod";
import { DrillError, messageOf } from "../../base/errors.ts";
import { PROGRAM } from "../../base/program_name.ts";
import { recordKind } from "../../base/versioned_record.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { readRestoreId } from "../../dolibarr/sandbox/restore_id.ts";
import { STAGED_FOLDER, STAGED_NOTE_FILE } from "../../documents/swap/refuse_unfinished.ts";
import type { OwnFolder } from "../../base/own_folder.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import { putSequencesSql } from "../../postgres/catalogue/sequence_positions.ts";
import type { Database } from "../../postgres/connection/database.ts";
import { identify } from "../../postgres/connection/identity.ts";
import { connect, type Session } from "../../postgres/connection/session.ts";
import { restoreParallel } from "../../postgres/programs/parallel_restore.ts";
import { findPrograms, type Programs } from "../../postgres/programs/programs.ts";
import {
  checkDump,
  dumpFile,
  readSavedDatabase,
  refuseDifferent,
  refuseOtherDatabase,
  type SavedDatabase,
} from "../checkpoint/saved_database.ts";
import { hashOf, readState } from "../checkpoint/database_state.ts";
import { readSealed, writeSealed } from "../../base/sealed_file.ts";
import { exists, removeTree, syncFolder } from "../../base/files.ts";
import { claimStages } from "./advisory_lock.ts";
import { dropInStages } from "./drop_in_stages.ts";
import { beginGuarded } from "./guarded_transaction.ts";

/** Where the saved state lies while such a restore runs, so that it is found after a crash. */
export const stagedFolder = (state: OwnFolder): string => join(state.make(), STAGED_FOLDER);

/** What a restore in stages has left; undefined where there is nothing. @throws DrillError `STATE_REFUSED` */
export async function leftoverStages(state: OwnFolder): Promise<string | undefined> {
  const kept = state.existing();
  const folder = kept && join(kept, STAGED_FOLDER);
  return folder !== undefined && await exists(folder) ? folder : undefined;
}

/** Written once the saved state is whole and the dump is known to be the right one: from then on the target is changed. */
export const stagedNote = recordKind({
  name: "the note of a staged restore",
  format: 1,
  minReader: 1,
  /** The restore's id: the database holds the same once it is committed. */
  fields: z.object({ id: z.string() }),
  damaged: {
    code: "OBJECT_CORRUPT",
    hint:
      "What the database held before is saved in that folder. Restore a set, or remove the folder where the database is as it should be.",
  },
});

export const stagedNoteFile = (folder: string): string => join(folder, STAGED_NOTE_FILE);

export const writeStagedNote = (folder: string, id: string): Promise<void> =>
  writeSealed(stagedNoteFile(folder), stagedNote, { id });

/** The note that says that the target was changed goes first: a folder without it is never put back. */
export async function removeStaged(folder: string): Promise<void> {
  await removeTree(stagedNoteFile(folder));
  if (await exists(folder)) await syncFolder(folder);
  await removeTree(folder);
}

/** What became of an interrupted restore in stages. `untouched`: the target had not been changed yet. */
export type StagedEnd = "untouched" | "finished" | "put back";

interface RollbackOptions {
  reporter: Reporter;
  signal: AbortSignal;
}

/**
 * Finishes an interrupted restore in stages: what was saved is put back, unless the restore was committed.
 *
 * @param session in the target, where no restore runs any more (`waitForRestore`)
 * @throws DrillError `LEASE_HELD`, `OBJECT_CORRUPT`, `CONTENT_DIFFERS`, ...: what is saved stays where it is.
 */
export async function finishStaged(
  { name, database, state }: OpenEnvironment,
  session: Session,
  options: RollbackOptions,
): Promise<StagedEnd> {
  await using _claim = await claimStages(session, `put back what ${name} held`);
  const folder = await leftoverStages(state);
  if (folder === undefined) return "untouched";
  const note = await readSealed(stagedNoteFile(folder), stagedNote);
  const isCommitted = note !== undefined && note.id === await readRestoreId(session.ask);
  if (note !== undefined && !isCommitted) await rollBackStages(database, folder, options);
  await removeStaged(folder);
  return note === undefined ? "untouched" : isCommitted ? "finished" : "put back";
}

/** After a failure or an interruption: the restore is undone, unless it was committed. */
export async function rollBackAfter(
  error: unknown,
  { name, database }: OpenEnvironment,
  folder: string,
  reporter: Reporter,
): Promise<void> {
  const { signal } = new AbortController();
  try {
    const note = await readSealed(stagedNoteFile(folder), stagedNote);
    const isCommitted = note?.id === await committedId(database); // then the COMMIT had come through
    if (!isCommitted) await rollBackStages(database, folder, { reporter, signal });
    await removeStaged(folder);
  } catch (left) {
    throw new DrillError(
      "RESTORE_UNFINISHED",
      `Cannot put back what ${database.name} held before the restore: ${messageOf(left)}`,
      `It is saved in ${folder}. When the database can be reached again: ${PROGRAM} rearm --env ${name}`,
      { cause: left, details: [`the restore itself failed: ${messageOf(error)}`] },
    );
  }
}

/** The restore's own session may be gone. */
async function committedId(database: Database): Promise<string | undefined> {
  await using session = await connect(database);
  return await readRestoreId(session.ask);
}

/**
 * Drops what is there, loads what is saved in `folder` with several connections, and compares it in a last transaction.
 * The caller holds the stages' lock.
 */
async function rollBackStages(
  database: Database,
  folder: string,
  { reporter, signal }: RollbackOptions,
): Promise<void> {
  const saved = await readSaved(database, folder);
  using step = reporter.step(`Putting back what ${database.name} held before`);
  await using session = await connect(database);
  const identity = await identify(session);
  refuseOtherDatabase(saved, identity);
  const programs = await findPrograms(identity.serverVersion);
  const planDump = await checkDump(saved, folder, programs, signal);
  await dropInStages(session, database);
  // all large objects: a target with some of another role's is not restored in stages
  const { included } = await planDump(session.ask, database.owner);
  const lines = included.map(({ line }) => line);
  await restoreParallel(dumpFile(folder), lines, database, programs, signal, { acl: true });
  await proveSaved(saved, folder, database, programs, signal);
  step.end();
}

async function readSaved({ name }: Database, folder: string): Promise<SavedDatabase> {
  const saved = await readSavedDatabase(folder);
  if (saved) return saved;
  throw new DrillError(
    "OBJECT_CORRUPT",
    `Cannot put ${name} back: ${folder} does not hold what was saved`,
    `It was removed. Remove that folder too, and restore a set: ${PROGRAM} restore`,
  );
}

/** No table is locked: what was loaded can be seen already, and what is written from now on is no part of the rollback. */
async function proveSaved(
  saved: SavedDatabase,
  folder: string,
  database: Database,
  programs: Programs,
  signal: AbortSignal,
): Promise<void> {
  await using tx = await beginGuarded(database, programs, {
    action: `put ${database.name} back`,
    source: `what it held on ${saved.takenAt}`,
    claimed: true,
    signal,
  });
  const { sequences } = saved.state;
  if (sequences.length > 0) await tx.run(putSequencesSql(sequences)); // a dump has them as of its end, not of its snapshot
  const found = await readState(tx, database.owner, { hash: hashOf(saved.state) });
  refuseDifferent(saved, found, `What was saved is still in ${folder}.`);
  await tx.commit();
}
