/** The one transaction of a restore: drop, load, compare, neutralise, and only then commit (DESIGN, rule 2). */

import { DrillError } from "../../base/errors.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { type Bytes, hashed } from "../../base/streams.ts";
import { limits } from "../../base/limits.ts";
import { isErpTable } from "../../dolibarr/tables/names.ts";
import { scriptOf } from "../../postgres/programs/archive.ts";
import type { TableContent } from "../../postgres/catalogue/content.ts";
import { countCopyRows } from "../../postgres/programs/copy_rows.ts";
import { type Database, quoteIdentifier } from "../../postgres/connection/database.ts";
import { LARGE_OBJECT_DATA, withoutTransaction } from "../../postgres/programs/large_objects.ts";
import { readGrants } from "../../postgres/rights/grants.ts";
import type { Programs } from "../../postgres/programs/programs.ts";
import { type Psql, startPsql } from "../../postgres/programs/psql.ts";
import type { StoredObject } from "../../store/records/manifest.ts";
import type { RestorePlan } from "../dump/filter.ts";
import { refuseForeignDependants } from "../gate/dependants.ts";
import { refuseOtherLargeObjects } from "../dump/large_objects.ts";
import { type DatabaseProof, expectedOf, type ProofOptions, prove, readLookup } from "./proof.ts";
import { checkingBytes, type Readable, refuseOtherBytes } from "../dump/bytes.ts";
import { takeRestoreLock } from "./running_restore.ts";
import { readOthers, takeSessionBack } from "./session_after_load.ts";

/** What is loaded: a set's dump, a checkpoint's, or that of a live database. */
export interface DumpInput {
  /** For messages: `20260630T155313Z`. */
  name: string;
  dump: Readable;
  /** What the tables held when they were dumped; without it the rows of the dump are counted while they are loaded. */
  tables?: readonly TableContent[];
}

export interface TransactionOptions extends ProofOptions {
  /** Called with the transaction's number (xid8) as soon as there is one: `pg_xact_status` knows what became of it. */
  onBegun: (transaction: string) => void;
  /** Called when everything is checked, just before the commit. */
  beforeCommit: () => Promise<void>;
  signal: AbortSignal;
}

const XACT_SQL = "SELECT to_json(pg_catalog.pg_current_xact_id()::text)";

/**
 * Restores the database half of `source` into `database`.
 * @throws DrillError `OBJECT_CORRUPT`, `DUMP_UNREADABLE`, `CONTENT_DIFFERS`, `TRANSACTION_BROKEN`, `DEPENDANTS_OF_OTHERS`,
 *   `RESTORE_FAILED`: the transaction was rolled back and the target is what it was.
 */
export async function restoreDatabase(
  source: DumpInput,
  plan: RestorePlan,
  database: Database,
  programs: Programs,
  options: TransactionOptions,
): Promise<DatabaseProof> {
  const { reporter, signal } = options;
  await using psql = await startPsql(database, programs, signal);
  await psql.run(
    `SET lock_timeout = ${limits.restoreWaitsForLock}; SET ROLE ${quoteIdentifier(database.owner)}`,
  );
  const transaction = await psql.ask<string>(XACT_SQL);
  options.onBegun(transaction);
  await takeRestoreLock(psql.ask, `restore into ${database.name}`);
  const before = await readLookup(psql.ask);
  const grants = await readGrants(psql.ask, database.owner);
  await refuseForeignDependants(psql.ask, database.owner);
  await psql.run(`DROP OWNED BY ${quoteIdentifier(database.owner)} CASCADE`);
  const guard = `${GUARD}_${options.id.replaceAll("-", "")}`;
  await psql.run(armGuardSql(guard));
  const others = await readOthers(psql, database.owner);
  const { dump, rows } = await load(psql, source, plan, programs, reporter, signal);

  await takeSessionBack(psql, database.owner, others, source.name);
  const loaded = { name: source.name, dump, expected: source.tables ?? expectedOf(rows), before, grants };
  const proof = await prove(psql, loaded, options);
  await refuseOtherTransaction(psql, transaction, source.name);
  await options.beforeCommit();
  await psql.run(`DELETE FROM pg_temp.${guard}; COMMIT`);
  return proof;
}

/** All but the bytes of large objects, then those: their script must be changed, and no other may be (GUARD). */
async function load(
  psql: Psql,
  { name, dump }: DumpInput,
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
    await checkingBytes(dump, signal, () => psql.feed(script.stream))
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
    const second = await pass(
      "Loading its large objects",
      bytes,
      (script) => withoutTransaction(script, plan.leftOutObjects),
    );
    // of a legacy set nobody recorded a hash; one that is made anew each time bears its own time
    if (dump.bytes !== undefined) refuseOtherBytes(read, second.read);
    written = second.script.objects();
  }
  await refuseOtherLargeObjects(psql, name, plan, written);
  return { dump: read, rows: script.rows() };
}

/**
 * A row whose foreign key points nowhere, checked only at the commit: until it is deleted no COMMIT can succeed, so one
 * that hides in a dump rolls the whole restore back instead of making half of it visible. Each restore's has another name,
 * so that no dump can delete it first.
 */
const GUARD = "dolibarr_drill_no_commit_yet";
const armGuardSql = (guard: string): string =>
  `CREATE TEMPORARY TABLE ${guard} (id integer PRIMARY KEY, needs integer REFERENCES ${guard} DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP;
  INSERT INTO pg_temp.${guard} VALUES (1, 2)`;

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
