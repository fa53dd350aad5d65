/** The database half: a dump, and the counts and hashes of every table, of one and the same instant. */

import type { Reporter } from "../base/terminal/reporter.ts";
import { formatCount } from "../base/numbers.ts";
import { readLastChange } from "../dolibarr/books/last_change.ts";
import { readCompany } from "../dolibarr/company.ts";
import { VOLATILE_ROWS } from "../dolibarr/tables/volatile_rows.ts";
import { type Fingerprint, readFingerprint } from "../postgres/catalogue/fingerprint.ts";
import type { FilledTable } from "../postgres/catalogue/filled.ts";
import { readNotTables, replacedTables } from "../postgres/catalogue/not_tables.ts";
import { type DatabaseSettings, readDatabaseSettings } from "../postgres/catalogue/database_settings.ts";
import type { Database } from "../postgres/connection/database.ts";
import { type Identity, versionText } from "../postgres/connection/identity.ts";
import type { Snapshot } from "../postgres/connection/snapshot.ts";
import { dumpDatabase } from "../postgres/programs/dump.ts";
import { CONTENT_HASH } from "../postgres/rows/content_algorithms.ts";
import { findPrograms, type Programs } from "../postgres/programs/programs.ts";
import type { Manifest, RecordedTable, StoredObject } from "../store/records/manifest.ts";
import type { Store } from "../store/store.ts";
import { type NamedDocuments, readNamedDocuments } from "./findings.ts";
import { type MadeRegister, registerIn, type RegisterQuestion } from "./register/in_snapshot.ts";
import { lostSince, shapeIn, type ShapeOfSet } from "./register/shape.ts";
import type { Reuse } from "./reuse.ts";
import { readBackDump, send } from "./upload.ts";

interface DatabaseHalf {
  /** As the manifest has it. */
  half: Manifest["db"];
  /** What the tables hold now, also where an earlier dump is used. */
  tables: readonly RecordedTable[];
  identity: Identity;
  versions: Record<string, string>;
  /** The documents that rows name. */
  named: NamedDocuments;
  /** When people last worked in it, where its rows say so. */
  lastChange?: Date;
  /** Its version of Dolibarr, likewise. */
  erpVersion?: string;
  /** What the law keeps unchanged; undefined where this database does not let it be read. */
  register?: MadeRegister;
  /** Why the state looks lost although its rows are there. */
  lost: readonly string[];
  /** Of which set the dump is, where it is not a new one. */
  reused?: { from: string };
}

interface DatabaseOptions {
  store: Store;
  /** The key of the dump, where one is made. */
  key: string;
  /** For which set, and with which earlier registers, the register is made. */
  register: RegisterQuestion;
  /** What an earlier set has for this fingerprint, or why a dump must be made. */
  find: (fingerprint: Fingerprint) => Reuse<Manifest["db"]>;
  reporter: Reporter;
  signal: AbortSignal;
}

/**
 * Takes the database as of `snapshot`: uses an earlier dump where nothing changed, else streams a new one into the
 * store. The snapshot is closed as soon as it is not needed any more.
 * @throws DrillError `TOOL_FAILED`, `UPLOAD_DIFFERS`, `DUMP_UNREADABLE`, ...
 */
export async function backupDatabase(
  database: Database,
  snapshot: Snapshot,
  options: DatabaseOptions,
): Promise<DatabaseHalf> {
  const { reporter, signal, store } = options;
  const { identity } = snapshot;
  const server = versionText(identity.serverVersion);
  let counted: Counted;
  let named: NamedDocuments;
  let register: MadeRegister | undefined;
  let lost: readonly string[];
  let settings: DatabaseSettings;
  let lastChange: Date | undefined;
  let erpVersion: string | undefined;
  let object: StoredObject;
  let programs: Programs;
  {
    await using instant = snapshot; // from here on, whatever fails: production's session must not stay open
    programs = await findPrograms(identity.serverVersion);
    // counted first, also where a dump is made in any case: beside pg_dump the two would only wait for each other
    counted = await count(instant, reporter);
    named = await readNamedDocuments(instant, reporter);
    settings = await readDatabaseSettings(instant.session.ask, database.owner);
    lastChange = await lastChangeIn(instant, reporter);
    erpVersion = await versionIn(instant);
    const shape = await shapeIn(instant, counted.filled, reporter);
    const { reasons, notes } = lostSince(shape, options.register.good);
    lost = [...reasons, ...await replaced(instant, options.register.good)];
    register = await registerIn(instant, counted.tables, options.register, { shape, notes }, reporter);
    const found = options.find(counted.fingerprint);
    if ("half" in found) {
      reporter.note(`The database did not change since ${found.from}: its dump is used again`);
      const reused = { from: found.from };
      const { tables } = counted;
      return {
        half: { ...found.half, settings },
        tables,
        identity,
        versions: { server },
        named,
        lastChange,
        erpVersion,
        register,
        lost,
        reused,
      };
    }
    reporter.note(`A new dump of the database is made: ${found.why}`);
    object = await dump(database, instant, programs, options);
  }
  const { tables, fingerprint } = counted;
  await readBackDump(object, tables, programs, store, reporter, signal);
  const content = { ...CONTENT_HASH, tables };
  return {
    half: { objects: [object], content, fingerprint, settings },
    tables,
    identity,
    versions: { server, pg_dump: programs.version },
    named,
    lastChange,
    erpVersion,
    register,
    lost,
  };
}

/** Undefined where the database does not say it. */
async function versionIn(instant: Snapshot): Promise<string | undefined> {
  const answer = await instant.attempt(readCompany);
  return "found" in answer && answer.found.version !== "" ? answer.found.version : undefined;
}

/** A database that cannot say it is backed up all the same. */
async function lastChangeIn(instant: Snapshot, reporter: Reporter): Promise<Date | undefined> {
  const answer = await instant.attempt(readLastChange);
  if ("found" in answer) return answer.found;
  reporter.note(`When the database last changed is not known: ${answer.error.message}`);
  return undefined;
}

/** Tables in whose place something else answers now. */
async function replaced({ session }: Snapshot, good: ShapeOfSet | undefined): Promise<string[]> {
  if (!good) return [];
  return replacedTables(await readNotTables(session.ask), good.shape.filled, good.set);
}

interface Counted {
  tables: RecordedTable[];
  filled: FilledTable[];
  fingerprint: Fingerprint;
}

/** Counts and hashes every table, and makes the fingerprint of it. */
async function count(instant: Snapshot, reporter: Reporter): Promise<Counted> {
  using step = reporter.step("Counting and hashing every table", "tables");
  const { tables, filled } = await instant.filledContent(step.progress);
  const ask = instant.session.ask;
  const fingerprint = await readFingerprint(ask, tables, VOLATILE_ROWS);
  step.end(formatCount(tables.length, "table"));
  return { tables, filled, fingerprint };
}

async function dump(
  database: Database,
  instant: Snapshot,
  programs: Programs,
  { store, key, reporter, signal }: DatabaseOptions,
): Promise<StoredObject> {
  using step = reporter.step(`Dumping the database ${database.name}`, "bytes");
  return await send(store, key, dumpDatabase(database, instant, programs, signal), step.progress);
}
