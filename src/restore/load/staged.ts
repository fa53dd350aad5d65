/**
 * A restore of a dump for which one transaction has no room. What the target holds is saved first; then it is dropped and
 * loaded in many transactions, checked in a last one, and on any failure what was saved goes back, also after a crash.
 */

import { join } from "node:path";
import { DrillError, messageOf } from "../../base/errors.ts";
import { writeError, writeNewFile } from "../../base/files.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { readFile } from "../../base/streams.ts";
import { ACTIVATING_TABLES } from "../../dolibarr/tables/names.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import { readThrough, scriptOf } from "../../postgres/programs/archive.ts";
import type { ExpectedTable } from "../../postgres/catalogue/content.ts";
import type { Database } from "../../postgres/connection/database.ts";
import { dropInPieces } from "../../postgres/rows/drop_in_pieces.ts";
import { readGrants } from "../../postgres/rights/grants.ts";
import { largeObjectsOfOthers } from "../../postgres/programs/large_objects.ts";
import { restoreParallel } from "../../postgres/programs/parallel_restore.ts";
import { type Psql, startPsql } from "../../postgres/programs/psql.ts";
import type { Session } from "../../postgres/connection/session.ts";
import { holdersSql, lockTables } from "../../postgres/rows/table_locks.ts";
import type { StoredObject } from "../../store/records/manifest.ts";
import { beginWork, saveDatabase } from "../checkpoint/database.ts";
import { refuseForeignDependants } from "../gate/dependants.ts";
import type { LoadPlan } from "../incoming.ts";
import { refuseIrreplaceable } from "../gate/irreplaceable.ts";
import { refuseOtherLargeObjects } from "../dump/large_objects.ts";
import { type Readable, refuseOtherBytes } from "../dump/bytes.ts";
import { type DatabaseProof, expectedOf, type ProofOptions, prove, readLookup } from "./proof.ts";
import { writeSealed } from "../../base/sealed_file.ts";
import { readOthers, takeSessionBack } from "./session_after_load.ts";
import { waitForSessions } from "../gate/sessions.ts";
import {
  putBackAfter,
  removeStaged,
  stagedFolder,
  type StagedNote,
  stagedNoteFile,
} from "./staged_rollback.ts";
import type { TocEntry } from "../dump/toc.ts";
import { claimStages } from "./running_restore.ts";
import type { LookupFunction } from "../../postgres/connection/pooler.ts";

export interface StagedOptions extends ProofOptions {
  /** The target's documents folder, by its real path. */
  documents: string;
  /** Ends the sessions of others, instead of waiting until they leave. */
  terminate?: boolean;
  /** Called when everything is checked, just before the last commit. */
  beforeCommit: () => Promise<void>;
  signal: AbortSignal;
}

/**
 * Restores the database half of `load` into `target` in stages. On any failure what was there before is put back.
 *
 * @param session in the target; it keeps others away until the end.
 * @throws DrillError as `restoreDatabase`; `RESTORE_UNFINISHED` where it could not be put back: `finishStaged` does it later.
 */
export async function restoreStaged(
  load: LoadPlan,
  target: OpenEnvironment,
  session: Session,
  options: StagedOptions,
): Promise<DatabaseProof> {
  const { source, programs } = load;
  const { database } = target;
  const { documents, id, reporter, signal } = options;
  await using _claim = await claimStages(session, target.name);
  await refuseOthersLargeObjects(load, session, target);
  await refuseIrreplaceable(session.ask, database);
  const folder = await stagedFolder(documents);
  await makeFolder(folder);
  const file = join(folder, "incoming.dump");
  let expected: readonly ExpectedTable[];
  let dump: StoredObject;
  try {
    dump = await fetchDump(source.dump, file, reporter, signal);
    expected = source.tables ?? expectedOf(await readThrough(readFile(file), programs, signal));
    await saveDatabase(database, folder, { reporter, signal });
    await writeSealed(stagedNoteFile(folder), { id } satisfies StagedNote);
  } catch (error) {
    await removeStaged(folder);
    throw error;
  }
  try {
    const [last, first] = splitOf(load.plan);
    const { before, others, grants } = await loadInStages(load, first, file, database, session, options);
    await waitForSessions(session, database.name, signal, { terminate: options.terminate, reporter });
    await using psql = await startPsql(database, programs, signal);
    await beginWork(psql, database);
    await lockAll(psql, database);
    await psql.feed(scriptOf(readFile(file), last, programs, signal));
    await takeSessionBack(psql, database.owner, others, source.name);
    await refuseOtherLargeObjects(psql, source.name, load.plan);
    const proof = await prove(psql, { name: source.name, dump, expected, before, grants }, options);
    await options.beforeCommit();
    await psql.run("COMMIT");
    await tidyUp(folder, reporter);
    return proof;
  } catch (error) {
    await putBackAfter(error, target, folder, reporter);
    throw error;
  }
}

interface Before {
  /** The pooler's function. */
  before: LookupFunction | null;
  /** What is not the owner role's. */
  others: Awaited<ReturnType<typeof readOthers>>;
  /** The rights that others hold on what is the owner role's. */
  grants: Awaited<ReturnType<typeof readGrants>>;
}

/** @returns what there was before. */
async function loadInStages(
  { source, programs }: LoadPlan,
  lines: readonly string[],
  file: string,
  database: Database,
  session: Session,
  { reporter, signal }: StagedOptions,
): Promise<Before> {
  using step = reporter.step(`Loading the database of ${source.name} in stages`);
  const ask = session.ask;
  await refuseForeignDependants(ask, database.owner);
  const before = await readLookup(ask);
  const others = await readOthers({ ask }, database.owner);
  const grants = await readGrants(ask, database.owner);
  await dropInPieces(session, database.owner);
  await restoreParallel(file, lines, database, programs, signal);
  step.end();
  return { before, others, grants };
}

/** What is loaded in the last transaction, for with it the ERP could act on the world, and what before. */
function splitOf({ kept }: LoadPlan["plan"]): [last: string[], first: string[]] {
  const isLast = ({ kind, name }: TocEntry) => kind === "TABLE DATA" && ACTIVATING_TABLES.includes(name);
  const lines = (entries: readonly TocEntry[]) => entries.map(({ line }) => line);
  return [lines(kept.filter(isLast)), lines(kept.filter((entry) => !isLast(entry)))];
}

/** From here on what is compared is what is committed: nobody else writes, and nobody sees it before it is neutralised. */
async function lockAll(psql: Psql, { name }: Database): Promise<void> {
  const tables = await psql.ask<string[]>(
    `SELECT coalesce(json_agg(oid::regclass::text), '[]'::json) FROM pg_catalog.pg_class
      WHERE relkind IN ('r', 'p') AND pg_catalog.pg_has_role(current_user, relowner, 'USAGE') AND relnamespace::regnamespace::text !~ '^pg_'`,
  );
  if (await lockTables(psql, tables, "ACCESS EXCLUSIVE")) return;
  throw new DrillError(
    "DATABASE_LOCKED",
    `Cannot check what was loaded into ${name}: somebody else is at work in it`,
    "What was there before is put back. Run it again when nobody is, or with --terminate.",
    { details: await psql.ask<string[]>(holdersSql(tables, "ACCESS EXCLUSIVE")) },
  );
}

/** pg_restore writes all large objects of a dump or none: those of another role can be left out of one transaction alone. */
async function refuseOthersLargeObjects(
  { plan }: LoadPlan,
  session: Session,
  { name, database }: OpenEnvironment,
): Promise<void> {
  const theirs = await largeObjectsOfOthers(session.ask, database.owner);
  if (theirs === 0 && plan.leftOutObjects.size === 0) return;
  throw new DrillError(
    "TARGET_UNFIT",
    `Cannot restore into ${name} in stages: ${
      theirs > 0
        ? `${theirs} large objects there are`
        : `${plan.leftOutObjects.size} of the dump's large objects are`
    } another role's`,
    "Nothing was changed. Raise max_locks_per_transaction on the server, so that one transaction is enough.",
  );
}

/** It is committed and right: what is left of the saved state is a note, and the next one's work. */
async function tidyUp(folder: string, reporter: Reporter): Promise<void> {
  try {
    await removeStaged(folder);
  } catch (error) {
    reporter.warn(`What was saved before could not be removed (${messageOf(error)}): remove ${folder}`);
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw writeError(`make the folder ${folder}`, error, { room: ROOM, hint: ROOM });
  }
}

const ROOM =
  "A restore in stages keeps the dump, and what the target holds now, beside its documents. Nothing was changed.";

async function fetchDump(
  dump: Readable,
  file: string,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<StoredObject> {
  using step = reporter.step(`Fetching ${dump.key}`, "bytes");
  const onBytes = (bytes: number) => step.progress(bytes, dump.bytes);
  const read = { key: dump.key, ...await writeNewFile(file, dump.open(), { signal, onBytes, hint: ROOM }) };
  refuseOtherBytes(dump, read);
  step.end();
  return read;
}
