/**
 * A restore of a dump for which one transaction has no room. What the target holds is saved first; then it is dropped and
 * loaded in many transactions, checked in a last one, and on any failure what was saved goes back, also after a crash.
 */

import { join } from "node:path";
import { DrillError, messageOf } from "../../base/errors.ts";
import { writeError } from "../../base/files.ts";
import type { OwnFolder } from "../../base/own_folder.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { readFile } from "../../base/streams.ts";
import { ACTIVATING_TABLES } from "../../dolibarr/tables/names.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import { type DumpStream, readThrough, scriptOf } from "../../postgres/programs/archive.ts";
import type { ExpectedTable } from "../../postgres/catalogue/compare_content.ts";
import type { Database } from "../../postgres/connection/database.ts";
import { largeObjectsOfOthers } from "../../postgres/programs/large_objects.ts";
import { restoreParallel } from "../../postgres/programs/parallel_restore.ts";
import type { Session } from "../../postgres/connection/session.ts";
import { holdersSql, lockTables } from "../../postgres/rows/table_locks.ts";
import type { StoredObject } from "../../store/records/manifest.ts";
import { saveDatabase } from "../checkpoint/saved_database.ts";
import { writeReadable } from "../dump/bytes.ts";
import { refuseOtherLargeObjects } from "../dump/large_objects.ts";
import type { TocEntry } from "../dump/toc.ts";
import { refuseIrreplaceable } from "../gate/irreplaceable.ts";
import { schemasIn } from "../gate/target_refusals.ts";
import { waitForSessions } from "../gate/sessions.ts";
import { claimStages } from "./advisory_lock.ts";
import { dropInStages, OWNED_TABLES_SQL } from "./drop_in_stages.ts";
import { beginGuarded, type GuardedTransaction } from "./guarded_transaction.ts";
import { type Others, readOthers } from "./others.ts";
import type { LoadPlan } from "./plan.ts";
import { type DatabaseProof, expectedOf, type ProofOptions, prove } from "./proof.ts";
import { removeStaged, rollBackAfter, stagedFolder, writeStagedNote } from "./staged_rollback.ts";

interface StagedOptions extends ProofOptions {
  /** What is kept of the target: what it holds is saved there. */
  state: OwnFolder;
  /** Ends the sessions of others, instead of waiting until they leave. */
  terminate?: boolean;
  /** Called when everything is checked, just before the last commit. */
  beforeCommit: () => Promise<void>;
  signal: AbortSignal;
}

/**
 * Restores the database half of `load` into `target` in stages. On any failure what was there before is put back.
 *
 * @param session in the target; it keeps other restores away until the end.
 * @throws DrillError as `restoreDatabase`; `RESTORE_UNFINISHED` where it could not be put back: `finishStaged` does it later.
 */
export async function restoreStaged(
  load: LoadPlan,
  target: OpenEnvironment,
  session: Session,
  options: StagedOptions,
): Promise<DatabaseProof> {
  const { database } = target;
  const { reporter, signal, terminate } = options;
  await using _claim = await claimStages(session, `restore into ${target.name}`);
  await refuseOthersLargeObjects(load, session, target);
  await refuseIrreplaceable(session.ask, database);
  const fetched = await fetchAndSave(load, database, options);
  try {
    const before = await readOthers(session.ask, database.owner);
    await loadFirst(load, fetched, database, session, options);
    await waitForSessions(session, database.name, signal, { terminate, reporter });
    const proof = await loadLast(load, fetched, before, database, options);
    await tidyUp(fetched.folder, reporter);
    return proof;
  } catch (error) {
    await rollBackAfter(error, target, fetched.folder, reporter);
    throw error;
  }
}

/** What lies in the folder of a restore in stages before the target is touched, beside what was saved of the target. */
interface Fetched {
  folder: string;
  /** Where the dump that is restored lies, as it was read. */
  file: string;
  dump: StoredObject;
  expected: readonly ExpectedTable[];
}

/** Fetches the dump, saves what the target holds, and writes the note: from here on the target is changed. */
async function fetchAndSave(
  { source, programs }: LoadPlan,
  database: Database,
  { state, id, reporter, signal }: StagedOptions,
): Promise<Fetched> {
  const folder = stagedFolder(state);
  await makeFolder(folder);
  try {
    const file = join(folder, "incoming.dump");
    const title = `Fetching ${source.dump.key}`;
    const dump = await writeReadable(source.dump, file, { title, hint: ROOM, reporter, signal });
    const expected = source.tables ??
      expectedOf(await readThrough(fetchedStream(dump, file), programs, signal));
    await saveDatabase(database, folder, { reporter, signal });
    await writeStagedNote(folder, id);
    return { folder, file, dump, expected };
  } catch (error) {
    await removeStaged(folder);
    throw error;
  }
}

/** Drops what is there, and loads all but what the ERP could act on the world with. */
async function loadFirst(
  { source, plan, programs }: LoadPlan,
  { file }: Fetched,
  database: Database,
  session: Session,
  { reporter, signal }: StagedOptions,
): Promise<void> {
  using step = reporter.step(`Loading the database of ${source.name} in stages`);
  await dropInStages(session, database);
  // pg_restore takes away all limits on time and on locks: what it loads is new, and no other session uses it
  await restoreParallel(file, linesOf(plan.included, (entry) => !isLast(entry)), database, programs, signal);
  step.end();
}

/** Loads the rest in a last transaction, and proves the whole there. */
async function loadLast(
  { source, plan, programs }: LoadPlan,
  { file, dump, expected }: Fetched,
  before: Others,
  database: Database,
  { beforeCommit, ...options }: StagedOptions,
): Promise<DatabaseProof> {
  const { name, hash } = source;
  const { signal } = options;
  await using tx = await beginGuarded(database, programs, {
    action: `restore into ${database.name}`,
    source: name,
    claimed: true,
    signal,
  });
  await lockAll(tx, database);
  await tx.load(scriptOf(fetchedStream(dump, file), linesOf(plan.included, isLast), programs, signal));
  await refuseOtherLargeObjects(tx.ask, name, plan);
  const proof = await prove(
    tx,
    { name, dump, expected, hash, before, schemas: schemasIn(plan) },
    options,
  );
  await tx.commit(beforeCommit);
  return proof;
}

const fetchedStream = ({ key }: StoredObject, file: string): DumpStream => ({
  name: key,
  bytes: readFile(file),
});

/** What is loaded in the last transaction: with it the ERP could act on the world before it is neutralised. */
const isLast = ({ kind, name }: TocEntry) => kind === "TABLE DATA" && ACTIVATING_TABLES.includes(name);

const linesOf = (entries: readonly TocEntry[], counts: (entry: TocEntry) => boolean): string[] =>
  entries.filter(counts).map(({ line }) => line);

/** From here on what is compared is what is committed: no other session writes or reads before it is neutralised. */
async function lockAll(tx: GuardedTransaction, { name }: Database): Promise<void> {
  const tables = await tx.ask<string[]>(OWNED_TABLES_SQL);
  if (await lockTables(tx, tables, "ACCESS EXCLUSIVE")) return;
  throw new DrillError(
    "DATABASE_LOCKED",
    `Cannot check what was loaded into ${name}: another session is using one of its tables`,
    "What was there before is put back. Run it again when no other session is connected, or with --terminate.",
    { details: await tx.ask<string[]>(holdersSql(tables, "ACCESS EXCLUSIVE")) },
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
        ? `${theirs} large objects there do not belong to ${database.owner}`
        : `${plan.leftOutObjects.size} of the dump's large objects do not belong to the role that owns its tables`
    }`,
    "Nothing was changed. Raise max_locks_per_transaction on the server, so that one transaction is enough.",
  );
}

/** It is committed and right: what is left of the saved state is a warning, and the next restore's work. */
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
  "A restore in stages stores the dump, and what the target holds now, in that folder. `state` in the configuration names another disk. Nothing was changed.";
