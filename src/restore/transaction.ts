/** The one transaction of a restore: drop, load, compare, neutralise, and only then commit (DESIGN, rule 2). */

import { DrillError } from "../base/errors.ts";
import type { Reporter } from "../base/reporter.ts";
import { type Bytes, hashed } from "../base/streams.ts";
import { neutralise, type Neutralised, neutralisedTables, stillActive } from "../dolibarr/neutralise.ts";
import { writeRestoreIdSql } from "../dolibarr/restore_mark.ts";
import { isErpTable } from "../dolibarr/tables.ts";
import { scriptOf } from "../postgres/archive.ts";
import {
  compareContent,
  contentSettingsSql,
  type ExpectedTable,
  readContent,
  type TableContent,
} from "../postgres/content.ts";
import { countCopyRows } from "../postgres/copy_rows.ts";
import { type Database, quoteIdentifier } from "../postgres/database.ts";
import { COUNT_LARGE_OBJECTS_SQL, LARGE_OBJECT_DATA, withoutTransaction } from "../postgres/large_objects.ts";
import type { Programs } from "../postgres/programs.ts";
import { type Psql, startPsql } from "../postgres/psql.ts";
import type { StoredObject } from "../store/manifest.ts";
import type { RestorePlan } from "./contents_filter.ts";
import { refuseForeignDependants } from "./dependants.ts";
import { blamingBytes, type Readable, refuseOtherBytes } from "./object_bytes.ts";

/** What is loaded: a set's dump, a checkpoint's, or that of a live database. */
export interface DatabaseSource {
  /** For messages: `20260630T155313Z`. */
  name: string;
  dump: Readable;
  /** What the tables held when they were dumped; without it the rows of the dump are counted while they are loaded. */
  tables?: readonly TableContent[];
}

/** Which function the pooler asks, and whose it is: the same before and after, for it is not the ERP's. */
export interface LookupFunction {
  owner: string;
  /** md5 of its definition. */
  definition: string;
}

/** What was found equal inside the transaction, before anything of ours was written. */
export interface DatabaseProof {
  /** The dump as it was read. */
  dump: StoredObject;
  /** What the tables should hold: as recorded, or, of a legacy set, the rows of each block that was loaded. */
  expected: readonly ExpectedTable[];
  /** What the restored tables held: equal to that. */
  found: TableContent[];
  /** The tables that neutralising and the restore's id changed, as they were committed. */
  changed: TableContent[];
  neutralised: Neutralised[];
  lookup: { before: LookupFunction | null; after: LookupFunction | null };
}

export interface TransactionOptions {
  /** Written into the database with the restore, so that it is known whether it was committed. */
  id: string;
  /** Called with the transaction's number (xid8) as soon as there is one: `pg_xact_status` knows what became of it. */
  onBegun: (transaction: string) => void;
  /** Called when everything is checked, just before the commit. */
  beforeCommit: () => Promise<void>;
  reporter: Reporter;
  signal: AbortSignal;
}

/** `user_lookup(text)` of schema public, as pgbouncer calls it; null where there is none. */
const LOOKUP_SQL =
  `SELECT coalesce((SELECT json_build_object('owner', pg_get_userbyid(proowner), 'definition', md5(pg_get_functiondef(oid)))
  FROM pg_catalog.pg_proc WHERE oid = to_regprocedure('public.user_lookup(text)')), 'null'::json)`;

const XACT_SQL = "SELECT to_json(pg_catalog.pg_current_xact_id()::text)";

/**
 * Restores the database half of `source` into `database`.
 * @throws DrillError `OBJECT_CORRUPT`, `DUMP_UNREADABLE`, `CONTENT_DIFFERS`, `TRANSACTION_BROKEN`, `DEPENDANTS_OF_OTHERS`,
 *   `RESTORE_FAILED`: the transaction was rolled back and the target is what it was.
 */
export async function restoreDatabase(
  source: DatabaseSource,
  plan: RestorePlan,
  database: Database,
  programs: Programs,
  options: TransactionOptions,
): Promise<DatabaseProof> {
  const { reporter, signal } = options;
  await using psql = await startPsql(database, programs, signal);
  await psql.run(`SET lock_timeout = '30s'; SET ROLE ${quoteIdentifier(database.owner)}`);
  const transaction = await psql.ask<string>(XACT_SQL);
  options.onBegun(transaction);
  await refuseOtherRestore(psql, database);
  const before = await psql.ask<LookupFunction | null>(LOOKUP_SQL);
  await refuseForeignDependants(psql.ask, database.owner);
  await psql.run(`DROP OWNED BY ${quoteIdentifier(database.owner)} CASCADE`);
  await psql.run(ARM_GUARD_SQL);
  const { dump, rows } = await load(psql, source, plan, programs, reporter, signal);

  await psql.run(contentSettingsSql());
  const expected = source.tables ?? [...rows].map(([table, rows]) => ({ table, rows }));
  const found = await compare(psql, source.name, expected, reporter);
  const neutralised = await neutralise(psql);
  await refuseActive(psql);
  await psql.ask(writeRestoreIdSql(options.id));
  const changed = await changedTables(psql);
  const after = await psql.ask<LookupFunction | null>(LOOKUP_SQL);
  await refuseOtherTransaction(psql, transaction, source.name);
  await options.beforeCommit();
  await psql.run(`${DISARM_GUARD_SQL}; COMMIT`);
  return { dump, expected, found, changed, neutralised, lookup: { before, after } };
}

/** The lease keeps two restores apart; where two configurations share no store, the database itself does. */
async function refuseOtherRestore(psql: Psql, database: Database): Promise<void> {
  if (
    await psql.ask<boolean>(
      "SELECT to_json(pg_try_advisory_xact_lock(hashtextextended('dolibarr-drill', 0)))",
    )
  ) return;
  throw new DrillError(
    "LEASE_HELD",
    `Cannot restore into ${database.name}: another restore is under way there`,
    "Wait for it to end.",
  );
}

/** All but the bytes of large objects, then those: their script must be changed, and no other may be (GUARD). */
async function load(
  psql: Psql,
  { name, dump }: DatabaseSource,
  plan: RestorePlan,
  programs: Programs,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<{ dump: StoredObject; rows: ReadonlyMap<string, number> }> {
  /** Reads the whole dump for the script of `entries`, which psql runs as `change` makes it. */
  const pass = async <Script extends { stream: AsyncIterable<Bytes> }>(
    doing: string,
    entries: RestorePlan["kept"],
    change: (script: AsyncIterable<Bytes>) => Script,
  ): Promise<{ read: StoredObject; script: Script }> => {
    using step = reporter.step(doing, "bytes");
    const passing = hashed(dump.open(), (bytes) => step.progress(bytes, dump.bytes));
    const script = change(scriptOf(passing.stream, entries.map(({ line }) => line), programs, signal));
    await blamingBytes(dump, signal, () => psql.feed(script.stream))
      .catch((error) => {
        throw hiddenCommit(error, name);
      });
    const read = { key: dump.key, ...passing.digest() };
    refuseOtherBytes(dump, read);
    step.end();
    return { read, script };
  };
  const isBytes = ({ kind }: { kind: string }) => kind === LARGE_OBJECT_DATA;
  const [bytes, others] = [plan.kept.filter(isBytes), plan.kept.filter((entry) => !isBytes(entry))];
  const { read, script } = await pass(`Loading the database of ${name}`, others, countCopyRows);
  let written = 0;
  if (bytes.length > 0) {
    const second = await pass("Loading its large objects", bytes, withoutTransaction);
    refuseOtherBytes(read, second.read); // of a legacy set nobody recorded a hash
    written = second.script.objects();
  }
  await refuseOtherLargeObjects(psql, name, plan, written);
  return { dump: read, rows: script.rows() };
}

/**
 * No manifest says what large objects a dump holds, so it is the dump that is asked: as many must be there as its bytes
 * were written for, and as its table of contents has, where that names each (before pg_dump 17).
 */
async function refuseOtherLargeObjects(
  psql: Psql,
  set: string,
  { kept }: RestorePlan,
  written: number,
): Promise<void> {
  const named = kept.some(({ kind }) => kind === "BLOB METADATA")
    ? written
    : kept.filter(({ kind }) => kind === "BLOB").length;
  const found = await psql.ask<number>(COUNT_LARGE_OBJECTS_SQL);
  if (found === written && found === named) return;
  throw new DrillError(
    "CONTENT_DIFFERS",
    `Cannot accept the restore of ${set}: ${found} large objects, the dump names ${named} and has the bytes of ${written}`,
    "The restore was rolled back: the target is what it was. Take another set: dolibarr-drill list",
  );
}

async function compare(
  psql: Psql,
  set: string,
  expected: readonly ExpectedTable[],
  reporter: Reporter,
): Promise<TableContent[]> {
  using step = reporter.step("Comparing every table with the backup", "tables");
  const found = await readContent(psql.ask, step.progress);
  const differences = compareContent(expected, found);
  if (differences.length === 0) {
    step.end(`${found.length} tables are equal`);
    return found;
  }
  throw new DrillError(
    "CONTENT_DIFFERS",
    `Cannot accept the restore of ${set}: ${differences[0]!.table}: ${differences[0]!.what}${
      differences.length > 1 ? `, and ${differences.length - 1} more tables` : ""
    }`,
    "The restore was rolled back: the target is what it was. Take another set: dolibarr-drill list",
    { details: differences.slice(0, 20).map(({ table, what }) => `${table}: ${what}`) },
  );
}

async function refuseActive(psql: Psql): Promise<void> {
  const active = await stillActive(psql);
  if (active.length === 0) return;
  throw new DrillError(
    "RESTORE_FAILED",
    `Cannot neutralise the restored database: ${active[0]}`,
    "Something in the dump undoes it. The restore was rolled back.",
    { details: active },
  );
}

/** Content of what we wrote to, so that the committed state can be compared with it to the row. */
async function changedTables(psql: Psql): Promise<TableContent[]> {
  const ours = new Set(neutralisedTables());
  return (await readContent(psql.ask)).filter(({ table }) => ours.has(table));
}

/**
 * A row whose foreign key points nowhere, checked only at the commit: until it is deleted no COMMIT can succeed, so one
 * that hides in a dump rolls the whole restore back instead of making half of it visible.
 */
const GUARD = "dolibarr_drill_no_commit_yet";
const ARM_GUARD_SQL =
  `CREATE TEMPORARY TABLE ${GUARD} (id integer PRIMARY KEY, needs integer REFERENCES ${GUARD} DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP;
  INSERT INTO pg_temp.${GUARD} VALUES (1, 2)`;
const DISARM_GUARD_SQL = `DELETE FROM pg_temp.${GUARD}`;

function hiddenCommit(error: unknown, set: string): unknown {
  if (
    !(error instanceof DrillError) ||
    !error.details.concat(error.message).some((line) => line.includes(GUARD))
  ) return error;
  return transactionBroken(set, error);
}

/** The second lock on the same door: a transaction that ended in any way has another number. */
async function refuseOtherTransaction(psql: Psql, transaction: string, set: string): Promise<void> {
  if (await psql.ask<string>(XACT_SQL) !== transaction) throw transactionBroken(set);
}

const transactionBroken = (set: string, cause?: unknown) =>
  new DrillError(
    "TRANSACTION_BROKEN",
    `Cannot trust the dump of ${set}: it ends the restoring transaction`,
    "It holds a COMMIT or a ROLLBACK, which pg_dump never writes. The restore was rolled back.",
    { cause },
  );

/** @throws DrillError `DUMP_FOREIGN` for a dump without a single table of Dolibarr's. */
export function refuseForeignDump(plan: RestorePlan, set: string): void {
  const tables = plan.kept.filter(({ kind }) => kind === "TABLE");
  if (tables.some(({ schema, name }) => isErpTable(`${schema}.${name}`))) return;
  throw new DrillError(
    "DUMP_FOREIGN",
    `Cannot restore ${set}: its dump holds ${tables.length} tables, none of them Dolibarr's`,
    "It is the dump of another application. Nothing was changed.",
  );
}
