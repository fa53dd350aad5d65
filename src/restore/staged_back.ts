/** What a restore in stages saved before it began: put back after a failure, or by whoever comes after a crash. */

import { join } from "node:path";
import { DrillError, messageOf } from "../base/errors.ts";
import type { Reporter } from "../base/reporter.ts";
import { readFile } from "../base/streams.ts";
import { readRestoreId } from "../dolibarr/restore_mark.ts";
import { exists, removeTree } from "../platform/documents_journal.ts";
import { keptFolder } from "../platform/hidden_places.ts";
import { listArchive } from "../postgres/archive.ts";
import type { Database } from "../postgres/database.ts";
import { dropInPieces } from "../postgres/drop_in_pieces.ts";
import { identify } from "../postgres/identity.ts";
import { restoreParallel } from "../postgres/parallel_restore.ts";
import { findPrograms } from "../postgres/programs.ts";
import { startPsql } from "../postgres/psql.ts";
import { connect } from "../postgres/session.ts";
import { askJson } from "../postgres/snapshot.ts";
import {
  beginWork,
  dumpFile,
  putSequences,
  readSavedDatabase,
  refuseDamaged,
  refuseDifferent,
  refuseOtherDatabase,
} from "./checkpoint_database.ts";
import { readState } from "./checkpoint_state.ts";
import { planRestore } from "./contents_filter.ts";
import { readSealed } from "./sealed_file.ts";
import { parseContents } from "./toc.ts";

/** Where the saved state lies while such a restore is under way, for whoever comes after a crash. */
export const stagedFolder = (documents: string): Promise<string> => keptFolder(documents, "staged");

/** Whether a restore in stages left something. */
export const isStagedLeft = async (documents: string): Promise<boolean> =>
  await exists(await stagedFolder(documents));

/** Written once the saved state is whole and the dump is known to be the right one: from then on the target is changed. */
export interface Begun {
  /** The restore's id: the database holds the same once it is committed. */
  id: string;
}

export const begunFile = (folder: string): string => join(folder, "begun.json");

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
  const folder = await stagedFolder(documents);
  if (!await exists(folder)) return "nothing";
  const begun = await readSealed<Begun>(begunFile(folder));
  if (begun === undefined) {
    await removeTree(folder); // the target was not touched yet
    return "nothing";
  }
  if (begun.id === await committedId(database)) {
    await removeTree(folder);
    return "finished";
  }
  await putBack(database, folder, { reporter, signal });
  return "put back";
}

async function committedId(database: Database): Promise<string | undefined> {
  await using session = await connect(database);
  return await readRestoreId((sql) => askJson(session, sql));
}

/** After a failure, also one that was an interruption: what was begun must be undone all the same. */
export async function putBackAfter(
  error: unknown,
  database: Database,
  folder: string,
  reporter: Reporter,
): Promise<void> {
  try {
    const begun = await readSealed<Begun>(begunFile(folder));
    if (begun?.id === await committedId(database)) return await removeTree(folder); // the COMMIT had come through
    await putBack(database, folder, { reporter, signal: new AbortController().signal });
  } catch (left) {
    throw new DrillError(
      "RESTORE_UNFINISHED",
      `Cannot put back what ${database.name} held before the restore: ${messageOf(left)}`,
      `It is saved in ${folder}. When the database can be reached again: dolibarr-drill rearm`,
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
      "Somebody removed it. Restore a set: dolibarr-drill restore",
    );
  }
  using step = reporter.step(`Putting back what ${database.name} held before`);
  await refuseDamaged(dumpFile(folder), saved.dump);
  await using session = await connect(database);
  const identity = await identify(session);
  refuseOtherDatabase(saved, identity);
  const programs = await findPrograms(identity.serverVersion);
  const { kept } = planRestore(
    parseContents(await listArchive(readFile(dumpFile(folder)), programs, signal)),
  );
  await dropInPieces(session, database.owner);
  await restoreParallel(dumpFile(folder), kept.map(({ line }) => line), database, programs, signal);
  await using psql = await startPsql(database, programs, signal);
  await beginWork(psql, database);
  await putSequences(psql, saved.state.sequences);
  refuseDifferent(saved, await readState(psql));
  await psql.run("COMMIT");
  await removeTree(folder);
  step.end();
}
