/**
 * The transaction in which the content of a database is replaced. Five functions do that, and begin, load and end alike:
 *
 * - one psql, as the owner role, with no limit of the server's on time and with ours on locks (`sessionSettings`);
 * - the advisory lock, so that no two of them work in one database, whatever leases they hold;
 * - what the owner role has is dropped only where nothing of another role depends on it;
 * - a script is loaded with a row in place that no COMMIT can pass, and afterwards the session has its own settings again;
 * - it commits only while it is the same transaction as at its beginning.
 *
 * What else guards them, and why not all of them have it:
 *
 * | | `restoreDatabase` | `restoreStaged` | `rollBackStages` | `reloadDatabase` | `resetRows` |
 * | --- | --- | --- | --- | --- | --- |
 * | other sessions | have left | have left, twice | may be there: the old state must come back in any case | may be there: every table is locked at once, or none | as a reload |
 * | dropped | in the transaction | before it, in pieces | before it, in pieces | in the transaction | nothing |
 * | rights that would be lost | reported | refused: nothing could give them back | refused before the restore | refused | none are |
 * | the row against COMMIT | yes | for what the last transaction loads | loads no script | yes | loads no script |
 * | rows are compared with | the backup | the backup | the saved state | the saved state | the saved state |
 * | owners (an event trigger may change them), schema, sequences, large objects | owners and the number of large objects: no manifest has more | the same | the saved state | the saved state | the saved state |
 * | search path while it compares | empty | empty | the session's own, in which the saved state was read | its own | its own |
 */

import { DrillError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import type { Bytes } from "../../base/streams.ts";
import { type Database, quoteIdentifier } from "../../postgres/connection/database.ts";
import type { Statements } from "../../postgres/connection/session.ts";
import type { Programs } from "../../postgres/programs/programs.ts";
import { startPsql } from "../../postgres/programs/psql.ts";
import { refuseForeignDependants } from "../gate/dependants.ts";
import { lockTransaction } from "./advisory_lock.ts";

/** Disposing rolls back what was not committed. */
export interface GuardedTransaction extends Statements, AsyncDisposable {
  /** Drops all that the owner role has. @throws DrillError `DEPENDANTS_OF_OTHERS` */
  dropOwned(): Promise<void>;
  /**
   * Runs a script of pg_restore, then gives the session its own settings again, with an empty search path, so that no loaded
   * function can stand in for one of the server's in later queries.
   * @throws DrillError `TRANSACTION_BROKEN` where the script ends the transaction; `RESTORE_FAILED`, ... as `Psql.feed`
   */
  load(script: AsyncIterable<Bytes>): Promise<void>;
  /**
   * Commits, once `beforeCommit` has returned; what that throws rolls back.
   * @throws DrillError `TRANSACTION_BROKEN` where this is no longer the transaction that was begun.
   */
  commit(beforeCommit?: () => Promise<void>): Promise<void>;
}

interface GuardedOptions {
  /** For messages: `restore into erp-sandbox`. */
  action: string;
  /** What is loaded, for messages: `20260630T155313Z`. */
  source: string;
  /** How long a statement may wait for a lock, in ms. */
  waits?: number;
  /** The caller has claimed the stages of this database, in another session. */
  claimed?: boolean;
  signal: AbortSignal;
}

const NUMBER_SQL = "SELECT to_json(pg_catalog.pg_current_xact_id()::text)";

/** @throws DrillError `LEASE_HELD` where another one is open in that database; `DATABASE_UNREACHABLE`, ... as `startPsql` */
export async function beginGuarded(
  database: Database,
  programs: Programs,
  { action, source, waits = limits.restoreWaitsForLock, claimed = false, signal }: GuardedOptions,
): Promise<GuardedTransaction> {
  await using starting = new AsyncDisposableStack();
  const psql = starting.use(await startPsql(database, programs, signal));
  const settings = sessionSettings(database, waits).join("; ");
  await psql.run(settings);
  await lockTransaction(psql.ask, action, claimed);
  const number = await psql.ask<string>(NUMBER_SQL);
  const barrier = `${BARRIER}_${crypto.randomUUID().replaceAll("-", "")}`;
  let isArmed = false;
  const started = starting.move();
  return {
    run: psql.run,
    ask: psql.ask,
    async dropOwned() {
      await refuseForeignDependants(psql.ask, database.owner);
      await psql.run(`DROP OWNED BY ${quoteIdentifier(database.owner)} CASCADE`);
    },
    async load(script) {
      if (!isArmed) await psql.run(armSql(barrier)); // here, for a drop would take it along
      isArmed = true;
      try {
        await psql.feed(script);
      } catch (error) {
        throw isOfBarrier(error) ? transactionBroken(source, error) : error;
      }
      await psql.run(`RESET ALL; ${settings}; SET client_encoding = 'UTF8'; SET search_path = ''`);
    },
    async commit(beforeCommit) {
      if (await psql.ask<string>(NUMBER_SQL) !== number) throw transactionBroken(source);
      await beforeCommit?.();
      await psql.run(`${isArmed ? `DELETE FROM pg_temp.${barrier}; ` : ""}COMMIT`);
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/**
 * Statements that make a session act as the owner role, wait for locks no longer than `waits` ms, and be ended by no limit on
 * time that the server has for its login: a hash of a large table takes its time, and so do the documents before the commit.
 */
export const sessionSettings = ({ owner }: Database, waits: number): string[] => [
  `SET ROLE ${quoteIdentifier(owner)}`,
  `SET lock_timeout = ${waits}`,
  `SELECT pg_catalog.set_config(name, '0', false)
     FROM (VALUES ('statement_timeout'), ('idle_in_transaction_session_timeout'), ('transaction_timeout')) AS each(name)
    WHERE pg_catalog.current_setting(name, true) IS NOT NULL`,
];

/**
 * A row whose foreign key points nowhere, checked only at the commit: until it is deleted no COMMIT can succeed, so one that
 * hides in a dump rolls everything back instead of making half of it visible. Each transaction's has another name, so that no
 * dump can delete it first.
 */
const BARRIER = "dolibarr_drill_no_commit_yet";
const armSql = (barrier: string): string =>
  `CREATE TEMPORARY TABLE ${barrier} (id integer PRIMARY KEY, needs integer REFERENCES ${barrier} DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP;
  INSERT INTO pg_temp.${barrier} VALUES (1, 2)`;

const isOfBarrier = (error: unknown): boolean =>
  error instanceof DrillError && [error.message, ...error.details].some((line) => line.includes(BARRIER));

const transactionBroken = (source: string, cause?: unknown) =>
  new DrillError(
    "TRANSACTION_BROKEN",
    `Cannot trust the dump of ${source}: it ends the restoring transaction`,
    "It holds a COMMIT or a ROLLBACK, which pg_dump never writes. The restore was rolled back.",
    { cause },
  );
