/** What a restore in stages saved before it began: put back after a failure, or by whoever comes after a crash. */

import { join } from "node:path";
import { DrillError, messageOf } from "../../base/errors.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { readFile } from "../../base/streams.ts";
import { readRestoreId } from "../../dolibarr/sandbox/restore_id.ts";
import { leftoverStages, STAGED_NOTE_FILE } from "../../documents/swap/unfinished_restore.ts";
import { stateFolder } from "../../documents/swap/hidden_places.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import { listArchive } from "../../postgres/programs/archive.ts";
import type { Database } from "../../postgres/connection/database.ts";
import { dropInPieces } from "../../postgres/rows/drop_in_pieces.ts";
import { EXTENSION_NAMES_SQL } from "../../postgres/catalogue/extensions.ts";
import { identify } from "../../postgres/connection/identity.ts";
import { restoreParallel } from "../../postgres/programs/parallel_restore.ts";
import { findPrograms } from "../../postgres/programs/programs.ts";
import { startPsql } from "../../postgres/programs/psql.ts";
import { connect } from "../../postgres/connection/session.ts";
import {
  beginWork,
  dumpFile,
  putSequences,
  readSavedDatabase,
  refuseDamaged,
  refuseDifferent,
  refuseOtherDatabase,
} from "../checkpoint/database.ts";
import { readState } from "../checkpoint/database_state.ts";
import { refuseForeignDependants } from "../gate/dependants.ts";
import { planRollback } from "../dump/rollback_plan.ts";
import { readSealed } from "../../base/sealed_file.ts";
import { parseContents } from "../dump/toc.ts";
import { exists, removeTree, syncFolder } from "../../base/files.ts";

/** Where the saved state lies while such a restore is under way, for whoever comes after a crash. */
export const stagedFolder = (documents: string): Promise<string> => stateFolder(documents, "staged");

/** Written once the saved state is whole and the dump is known to be the right one: from then on the target is changed. */
export interface StagedNote {
  /** The restore's id: the database holds the same once it is committed. */
  id: string;
}

export const stagedNoteFile = (folder: string): string => join(folder, STAGED_NOTE_FILE);

/** What says that the target was changed goes first: a folder without it is never put back. */
export async function removeStaged(folder: string): Promise<void> {
  await removeTree(stagedNoteFile(folder));
  if (await exists(folder)) await syncFolder(folder);
  await removeTree(folder);
}

/**
 * Finishes what a staged restore that was cut off has left: what was saved goes back, unless the restore was committed.
 *
 * @param documents the target's documents folder, by its real path
 * @returns what was done, for messages.
 * @throws DrillError `OBJECT_CORRUPT`, `CONTENT_DIFFERS`, ...: what is saved stays where it is.
 */
export async function finishStaged(
  database: Database,
  documents: string,
  { reporter, signal }: { reporter: Reporter; signal: AbortSignal },
): Promise<"nothing" | "finished" | "put back"> {
  let done: "nothing" | "finished" | "put back" = "nothing";
  for (const folder of await leftoverStages(documents)) {
    const begun = await readSealed<StagedNote>(stagedNoteFile(folder));
    if (begun === undefined) await removeStaged(folder); // the target was not touched yet
    else if (begun.id === await committedId(database)) {
      await removeStaged(folder);
      done = "finished";
    } else {
      await putBack(database, folder, { reporter, signal });
      done = "put back";
    }
  }
  return done;
}

async function committedId(database: Database): Promise<string | undefined> {
  await using session = await connect(database);
  return await readRestoreId(session.ask);
}

/** After a failure, also one that was an interruption: what was begun must be undone all the same. */
export async function putBackAfter(
  error: unknown,
  { name, database }: OpenEnvironment,
  folder: string,
  reporter: Reporter,
): Promise<void> {
  try {
    const begun = await readSealed<StagedNote>(stagedNoteFile(folder));
    if (begun?.id === await committedId(database)) return await removeStaged(folder); // the COMMIT had come through
    await putBack(database, folder, { reporter, signal: new AbortController().signal });
  } catch (left) {
    throw new DrillError(
      "RESTORE_UNFINISHED",
      `Cannot put back what ${database.name} held before the restore: ${messageOf(left)}`,
      `It is saved in ${folder}. When the database can be reached again: dolibarr-drill rearm --env ${name}`,
      { cause: left, details: [`the restore itself failed: ${messageOf(error)}`] },
    );
  }
}

async function putBack(
  database: Database,
  folder: string,
  { reporter, signal }: { reporter: Reporter; signal: AbortSignal },
): Promise<void> {
  const saved = await readSavedDatabase(folder);
  if (!saved) {
    throw new DrillError(
      "OBJECT_CORRUPT",
      `Cannot put ${database.name} back: ${folder} does not hold what was saved`,
      "Somebody removed it. Remove that folder too, and restore a set: dolibarr-drill restore",
    );
  }
  using step = reporter.step(`Putting back what ${database.name} held before`);
  await refuseDamaged(dumpFile(folder), saved.dump);
  await using session = await connect(database);
  const identity = await identify(session);
  refuseOtherDatabase(saved, identity);
  const programs = await findPrograms(identity.serverVersion);
  const entries = parseContents(await listArchive(readFile(dumpFile(folder)), programs, signal));
  await refuseForeignDependants(session.ask, database.owner);
  await dropInPieces(session, database.owner);
  const { kept } = planRollback(entries, {
    owner: database.owner,
    extensions: await session.ask<string[]>(EXTENSION_NAMES_SQL),
  });
  const lines = kept.map(({ line }) => line);
  await restoreParallel(dumpFile(folder), lines, database, programs, signal, { acl: true });
  await using psql = await startPsql(database, programs, signal);
  await beginWork(psql, database);
  await putSequences(psql, saved.state.sequences);
  refuseDifferent(saved, await readState(psql, database.owner));
  await psql.run("COMMIT");
  await removeStaged(folder);
  step.end();
}
