/** What a database holds, saved into a folder: a dump, and what it must be equal to when that is loaded again. */

import { PROGRAM } from "../../base/program_name.ts";
import { sameDatabase } from "../../postgres/connection/same_database.ts";
import { join } from "node:path";
import { z } from "zod";
import { DrillError } from "../../base/errors.ts";
import { writeNewFile } from "../../base/files.ts";
import { recordKind } from "../../base/versioned_record.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { type Digest, digestOf, readFile } from "../../base/streams.ts";
import { VERSION } from "../../base/version.ts";
import { listArchive } from "../../postgres/programs/archive.ts";
import type { Database } from "../../postgres/connection/database.ts";
import { dumpDatabase } from "../../postgres/programs/dump.ts";
import { type Identity, versionText } from "../../postgres/connection/identity.ts";
import { EXTENSION_NAMES_SQL } from "../../postgres/catalogue/extensions.ts";
import { findPrograms, type Programs } from "../../postgres/programs/programs.ts";
import type { Ask } from "../../postgres/connection/session.ts";
import { openSnapshot, type Snapshot } from "../../postgres/connection/snapshot.ts";
import { type DatabaseState, readState, stateDifferences } from "./database_state.ts";
import { planRollback, type RollbackPlan } from "../dump/rollback_plan.ts";
import { readSealed, writeSealed } from "../../base/sealed_file.ts";
import { formatCount } from "../../base/numbers.ts";
import { parseContents } from "../dump/toc.ts";

const digest = z.object({ bytes: z.number(), sha256: z.string() });

/** A table's rows as psql's `\copy` writes them. */
const savedCopy = digest.extend({
  table: z.string(),
  /** In the folder. */
  file: z.string(),
});

const fields = z.object({
  /** ISO 8601, UTC. */
  takenAt: z.string(),
  /** The database that it is of: it is put back there and nowhere else. */
  database: z.object({ systemIdentifier: z.string(), databaseOid: z.string(), databaseName: z.string() }),
  /** By name: `dolibarr-drill`, `pg_dump`, `server`. */
  versions: z.record(z.string(), z.string()),
  state: z.custom<DatabaseState>((value) => typeof value === "object" && value !== null),
  dump: digest,
  /** Each table that has rows, as a file of its own; empty where it was saved without. */
  copies: z.array(savedCopy),
});

/** `database.json`: the database of a checkpoint, or of a staged restore; the dump lies beside it. */
export const savedDatabaseRecord = recordKind({
  name: "a saved database",
  // of format 1 the tables were hashed by the first algorithm, which was not named
  format: 2,
  minReader: 2,
  fields,
  damaged: {
    code: "OBJECT_CORRUPT",
    hint:
      `It was damaged or changed. Nothing was changed because of it. Make a new checkpoint: ${PROGRAM} checkpoint`,
  },
});

export type SavedDatabase = z.infer<typeof fields>;
export type SavedCopy = z.infer<typeof savedCopy>;

interface SaveOptions {
  /** Saves the rows of each table as well, in the same snapshot. */
  copyRows?: (snapshot: Snapshot, state: DatabaseState) => Promise<SavedCopy[]>;
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
  const { identity } = snapshot;
  const programs = await findPrograms(identity.serverVersion);
  const takenAt = new Date().toISOString();
  const state = await hashing(snapshot, database, reporter);
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
  await writeSealed(descriptionFile(folder), savedDatabaseRecord, saved);
  step.end();
  return saved;
}

async function hashing(
  { session }: Snapshot,
  { name, owner }: Database,
  reporter: Reporter,
): Promise<DatabaseState> {
  using step = reporter.step(`Hashing ${name}`, "tables");
  const state = await readState({ run: session.query, ask: session.ask }, owner, {
    onTables: step.progress,
  });
  step.end();
  return state;
}

/** What is saved in `folder`, or undefined where nothing is. @throws DrillError `OBJECT_CORRUPT`, `STORE_NEWER` */
export const readSavedDatabase = (folder: string): Promise<SavedDatabase | undefined> =>
  readSealed(descriptionFile(folder), savedDatabaseRecord);

/** What of a saved dump must be loaded, once what `owner` has was dropped. */
export type PlanDump = (ask: Ask, owner: string) => Promise<RollbackPlan>;

/**
 * Checks the dump in `folder`, and reads its table of contents.
 * @throws DrillError `OBJECT_CORRUPT`, `DUMP_UNREADABLE`
 */
export async function checkDump(
  { dump }: SavedDatabase,
  folder: string,
  programs: Programs,
  signal: AbortSignal,
): Promise<PlanDump> {
  const name = dumpFile(folder);
  await refuseDamaged(name, dump);
  const entries = parseContents(
    await listArchive({ name, bytes: readFile(name) }, programs, signal),
    name,
  );
  return async (ask, owner) =>
    planRollback(entries, { owner, extensions: await ask<string[]>(EXTENSION_NAMES_SQL) });
}

/** @throws DrillError `TARGET_REFUSED` where `saved` is of another database than the one that `identity` is of. */
export function refuseOtherDatabase(saved: SavedDatabase, identity: Omit<Identity, "serverVersion">): void {
  if (sameDatabase(saved.database, identity)) return;
  const { databaseName } = saved.database;
  throw new DrillError(
    "TARGET_REFUSED",
    `Cannot put ${identity.databaseName} back: what was saved on ${saved.takenAt} is of another database${
      databaseName === identity.databaseName ? " with the same name" : `, ${databaseName}`
    }`,
    `Nothing was changed. Was the database created again, or does the configuration name another server? Make a new checkpoint: ${PROGRAM} checkpoint`,
  );
}

/**
 * @param left what is there now, for the hint
 * @throws DrillError `CONTENT_DIFFERS` with what is not equal.
 */
export function refuseDifferent(
  { state, takenAt, database }: SavedDatabase,
  found: DatabaseState,
  left: string,
): void {
  const differences = stateDifferences(state, found);
  if (differences.length === 0) return;
  throw new DrillError(
    "CONTENT_DIFFERS",
    `Cannot make ${database.databaseName} what it was on ${takenAt}: ${differences[0]}${
      differences.length > 1 ? `, and ${differences.length - 1} more differences` : ""
    }`,
    `${left} Restore a set instead: ${PROGRAM} restore`,
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
      ? `its SHA-256 is ${sha256.slice(0, 16)}…, it was ${recorded.sha256.slice(0, 16)}… when it was written`
      : `it has ${formatCount(bytes, "byte")}, it had ${recorded.bytes} when it was written`;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  throw new DrillError(
    "OBJECT_CORRUPT",
    `Cannot trust ${path}: ${state}`,
    `It was damaged on the disk, or changed. The database was not touched. Make a new checkpoint: ${PROGRAM} checkpoint`,
  );
}
