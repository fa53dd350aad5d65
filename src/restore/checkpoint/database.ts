/** A database as it is now, saved into a folder, and put back from there: by another process too, after a crash. */

import { join } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { writeNewFile } from "../../base/files.ts";
import { limits } from "../../base/limits.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { type Digest, digestOf, readFile } from "../../base/streams.ts";
import { VERSION } from "../../base/version.ts";
import { listArchive, scriptOf } from "../../postgres/programs/archive.ts";
import { type Database, quoteIdentifier } from "../../postgres/connection/database.ts";
import { dumpDatabase } from "../../postgres/programs/dump.ts";
import { type Identity, versionText } from "../../postgres/connection/identity.ts";
import { EXTENSION_NAMES_SQL } from "../../postgres/catalogue/extensions.ts";
import { LARGE_OBJECT_DATA, withoutTransaction } from "../../postgres/programs/large_objects.ts";
import { findPrograms } from "../../postgres/programs/programs.ts";
import { type Psql, startPsql } from "../../postgres/programs/psql.ts";
import { putSequenceSql, type SequencePlace } from "../../postgres/catalogue/sequence_positions.ts";
import { openSnapshot, type Snapshot } from "../../postgres/connection/snapshot.ts";
import { type DatabaseState, readState, stateDifferences } from "./database_state.ts";
import { refuseForeignDependants } from "../gate/dependants.ts";
import { refuseLostRights } from "../gate/irreplaceable.ts";
import { planRollback } from "../dump/rollback_plan.ts";
import { takeRestoreLock } from "../load/running_restore.ts";
import { readSealed, writeSealed } from "../../base/sealed_file.ts";
import { parseContents } from "../dump/toc.ts";

/** What `database.json` says; the dump lies beside it. */
export interface SavedDatabase {
  /** ISO 8601, UTC. */
  takenAt: string;
  /** Whose it is: it is put back there and nowhere else. */
  database: Pick<Identity, "systemIdentifier" | "databaseOid" | "databaseName">;
  /** By name: `dolibarr-drill`, `pg_dump`, `server`. */
  versions: Record<string, string>;
  state: DatabaseState;
  dump: Digest;
  /** Each table that has rows, as a file of its own; empty where it was saved without. */
  copies: SavedCopy[];
}

/** A table's rows as psql's `\copy` writes them. */
export interface SavedCopy extends Digest {
  table: string;
  /** In the folder. */
  file: string;
}

export interface SaveOptions {
  /** Saves the rows of each table as well, in the same snapshot. */
  copyRows?: (snapshot: Snapshot, state: DatabaseState) => Promise<SavedCopy[]>;
  reporter: Reporter;
  signal: AbortSignal;
}

export interface ReloadOptions {
  /** Called in the transaction, before anything is dropped. */
  afterBegin?: (psql: Psql) => Promise<void>;
  /** Called when all is equal, just before the commit; what it throws rolls back. */
  beforeCommit?: () => Promise<void>;
  reporter: Reporter;
  signal: AbortSignal;
}

export const dumpFile = (folder: string): string => join(folder, "database.dump");
const descriptionFile = (folder: string): string => join(folder, "database.json");

/**
 * Saves what `database` holds now into `folder`, which must exist: a dump, and what it must be equal to afterwards. The
 * description is written last, so that an interrupted save is none.
 * @throws DrillError as `openSnapshot` and `dumpDatabase`, `DISK_FULL`
 */
export async function saveDatabase(
  database: Database,
  folder: string,
  { copyRows, reporter, signal }: SaveOptions,
): Promise<SavedDatabase> {
  await using snapshot = await openSnapshot(database);
  const { identity, session } = snapshot;
  const programs = await findPrograms(identity.serverVersion);
  const takenAt = new Date().toISOString();
  const asking = {
    run: (sql: string) => session.query(sql),
    ask: session.ask,
  };
  const state = await counting(
    reporter,
    `Hashing ${database.name}`,
    (progress) => readState(asking, database.owner, progress),
  );
  using step = reporter.step(`Saving ${database.name}`, "bytes");
  const [dump, copies] = [
    await writeNewFile(dumpFile(folder), dumpDatabase(database, snapshot, programs, signal), {
      signal,
      onBytes: step.progress,
      hint: "What is saved lies beside the documents: make room there. Nothing was changed.",
    }),
    await copyRows?.(snapshot, state) ?? [],
  ];
  const { systemIdentifier, databaseOid, databaseName, serverVersion } = identity;
  const saved: SavedDatabase = {
    takenAt,
    database: { systemIdentifier, databaseOid, databaseName },
    versions: { "dolibarr-drill": VERSION, pg_dump: programs.version, server: versionText(serverVersion) },
    state,
    dump,
    copies,
  };
  await writeSealed(descriptionFile(folder), saved);
  step.end();
  return saved;
}

/** What is saved in `folder`, or undefined where nothing is. @throws DrillError `OBJECT_CORRUPT`, `STORE_NEWER` */
export const readSavedDatabase = (folder: string): Promise<SavedDatabase | undefined> =>
  readSealed<SavedDatabase>(descriptionFile(folder));

/** @throws DrillError `TARGET_REFUSED` where `saved` is of another database than the one that `identity` is of. */
export function refuseOtherDatabase(saved: SavedDatabase, identity: Omit<Identity, "serverVersion">): void {
  const { systemIdentifier, databaseOid, databaseName } = saved.database;
  if (systemIdentifier === identity.systemIdentifier && databaseOid === identity.databaseOid) return;
  throw new DrillError(
    "TARGET_REFUSED",
    `Cannot put ${identity.databaseName} back: what was saved on ${saved.takenAt} is of another database${
      databaseName === identity.databaseName ? ", which had the same name" : `, ${databaseName}`
    }`,
    "Nothing was changed. Was it made anew, or does the configuration name another server? Save it as it is now.",
  );
}

/**
 * Drops what the owner role has in `database` and loads what is saved in `folder`, in one transaction that commits only
 * when all of it is equal: rows, schema, sequences, large objects.
 * @throws DrillError `OBJECT_CORRUPT`, `CONTENT_DIFFERS`, `DEPENDANTS_OF_OTHERS`, `LEASE_HELD`, ...: nothing was changed.
 */
export async function reloadDatabase(
  saved: SavedDatabase,
  folder: string,
  database: Database,
  { afterBegin, beforeCommit, reporter, signal }: ReloadOptions,
): Promise<DatabaseState> {
  await refuseDamaged(dumpFile(folder), saved.dump);
  const programs = await findPrograms(versionNumber(saved));
  const entries = parseContents(await listArchive(readFile(dumpFile(folder)), programs, signal));
  await using psql = await startPsql(database, programs, signal);
  await beginWork(psql, database);
  await afterBegin?.(psql);
  await refuseForeignDependants(psql.ask, database.owner);
  await refuseLostRights(psql.ask, database);
  await psql.run(`DROP OWNED BY ${quoteIdentifier(database.owner)} CASCADE`);
  const plan = planRollback(entries, {
    owner: database.owner,
    extensions: await psql.ask<string[]>(EXTENSION_NAMES_SQL),
  });
  const isBytes = ({ kind }: { kind: string }) => kind === LARGE_OBJECT_DATA;
  const script = (entries: typeof plan.kept) =>
    scriptOf(readFile(dumpFile(folder)), entries.map(({ line }) => line), programs, signal, {
      acl: true,
    });
  {
    using step = reporter.step(`Loading ${database.name}`);
    await psql.feed(script(plan.kept.filter((entry) => !isBytes(entry))));
    const bytes = plan.kept.filter(isBytes);
    if (bytes.length > 0) await psql.feed(withoutTransaction(script(bytes), plan.leftOutObjects).stream);
    await psql.run("RESET search_path; RESET lock_timeout"); // the script of pg_restore has set them
    await putSequences(psql, saved.state.sequences);
    step.end();
  }
  const state = await counting(
    reporter,
    "Comparing every table",
    (progress) => readState(psql, database.owner, progress),
  );
  refuseDifferent(saved, state);
  await beforeCommit?.();
  await psql.run("COMMIT");
  return state;
}

/** Begins each work on a whole database: with its role, and no other restore or reset beside it. @throws DrillError `LEASE_HELD` */
export async function beginWork(psql: Psql, database: Database): Promise<void> {
  await psql.run(
    `SET LOCAL lock_timeout = ${limits.resetWaitsForTables}; SET LOCAL ROLE ${
      quoteIdentifier(database.owner)
    }`,
  );
  await takeRestoreLock(psql.ask, `work in ${database.name}`);
}

export async function putSequences(psql: Psql, places: readonly SequencePlace[]): Promise<void> {
  if (places.length > 0) await psql.run(places.map(putSequenceSql).join(";\n"));
}

/** @throws DrillError `CONTENT_DIFFERS` with what is not equal. */
export function refuseDifferent({ state, takenAt }: SavedDatabase, found: DatabaseState): void {
  const differences = stateDifferences(state, found);
  if (differences.length === 0) return;
  throw new DrillError(
    "CONTENT_DIFFERS",
    `Cannot make the database what it was on ${takenAt}: ${differences[0]}${
      differences.length > 1 ? `, and ${differences.length - 1} more differences` : ""
    }`,
    "It was rolled back: the database is what it was before. Restore a set instead: dolibarr-drill restore",
    { details: differences.slice(0, 20) },
  );
}

/** @throws DrillError `OBJECT_CORRUPT` when the file's bytes are not those that were written. */
export async function refuseDamaged(path: string, recorded: Digest): Promise<void> {
  let state = "it is gone";
  try {
    const { bytes, sha256 } = await digestOf(readFile(path));
    if (bytes === recorded.bytes && sha256 === recorded.sha256) return;
    state = bytes === recorded.bytes
      ? `its SHA-256 is ${sha256.slice(0, 16)}…, it was written with ${recorded.sha256.slice(0, 16)}…`
      : `it has ${bytes} bytes, it was written with ${recorded.bytes}`;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  throw new DrillError(
    "OBJECT_CORRUPT",
    `Cannot trust ${path}: ${state}`,
    "The disk damaged it, or somebody changed it. Nothing was changed. Make a new checkpoint: dolibarr-drill checkpoint",
  );
}

async function counting<T>(
  reporter: Reporter,
  title: string,
  count: (progress: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  using step = reporter.step(title, "tables");
  const found = await count(step.progress);
  step.end();
  return found;
}

/** "15.18" -> 150018 */
function versionNumber({ versions }: SavedDatabase): number {
  const [major = 0, minor = 0] = (versions.server ?? "").split(".").map(Number);
  return major * 10_000 + minor;
}
