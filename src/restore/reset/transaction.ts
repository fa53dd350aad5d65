/** The transaction of a reset: its tables are locked at once or not at all, for a reset in a queue would stop the ERP behind it. */

import { DrillError } from "../../base/errors.ts";
import { limits, pauses } from "../../base/limits.ts";
import { sleep } from "../../base/time.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { formatDuration } from "../../base/numbers.ts";
import type { CatalogueAnswer } from "../../postgres/catalogue/catalogue.ts";
import { type TableName, TABLES_SQL } from "../../postgres/catalogue/content.ts";
import { type Database, quoteIdentifier } from "../../postgres/connection/database.ts";
import type { Session, Statements } from "../../postgres/connection/session.ts";
import type { Programs } from "../../postgres/programs/programs.ts";
import { holdersSql, lockTables, type TableLock } from "../../postgres/rows/table_locks.ts";
import { beginGuarded, type GuardedTransaction } from "../load/guarded_transaction.ts";
import type { SavedDatabase } from "../checkpoint/saved_database.ts";

/** What a database is put back to, and how. */
export interface DatabaseResetOptions {
  saved: SavedDatabase;
  /** Where it is saved. */
  folder: string;
  database: Database;
  programs: Programs;
  /** Another session there, for questions beside the transaction: what it is asked about is locked. */
  beside: Session;
  /** How long tables that are in use are asked for again, in ms. */
  waits: number;
  /** The catalogue's hashes when the schema was last found equal to the saved one. */
  catalogue: CatalogueAnswer["kinds"];
  /** Called when the database is proved to be what was saved, just before the commit; what it throws rolls back. */
  beforeCommit: () => Promise<void>;
  reporter: Reporter;
  signal: AbortSignal;
}

export interface ResetTransaction extends GuardedTransaction {
  /**
   * Locks `tables` (quoted names; without them every table), or ends this try of `withFreeTables`.
   * @throws DrillError `DATABASE_LOCKED` in the last try, naming who has them.
   */
  lock(mode: TableLock, tables?: readonly string[]): Promise<void>;
}

/** Thrown, and caught again, where a table is in use: all is given back, and it is tried again a little later. */
const IN_USE = Symbol("a table is in use");

/** Runs `work`, each time in a new transaction, until it gets all the locks that it asks for; for `waits` ms. */
export async function withFreeTables<T>(
  { saved, database, programs, waits, signal }: DatabaseResetOptions,
  work: (tx: ResetTransaction) => Promise<T>,
): Promise<T> {
  const end = performance.now() + waits;
  while (true) {
    const isLast = performance.now() > end;
    await using tx = await beginGuarded(database, programs, {
      action: `reset ${database.name}`,
      source: `the checkpoint of ${saved.takenAt}`,
      waits: limits.resetWaitsForTables,
      signal,
    });
    const lock = async (mode: TableLock, tables?: readonly string[]) => {
      const names = tables ?? await allTables(tx);
      if (await lockTables(tx, names, mode)) return;
      throw isLast ? inUse(database, waits, await tx.ask<string[]>(holdersSql(names, mode))) : IN_USE;
    };
    try {
      return await work({ ...tx, lock });
    } catch (error) {
      if (error !== IN_USE) throw error;
    }
    await tx[Symbol.asyncDispose](); // between two tries it holds none
    await sleep(pauses.tables, signal);
  }
}

async function allTables({ ask }: Statements): Promise<string[]> {
  const tables = await ask<TableName[]>(TABLES_SQL);
  return tables.map(({ schema, name }) => `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`);
}

const inUse = ({ name }: Database, waits: number, holders: string[]) =>
  new DrillError(
    "DATABASE_LOCKED",
    `Cannot reset ${name}: another session has used one of its tables for ${formatDuration(waits)}`,
    "Nothing was changed. Wait until its transaction has ended, or end it: SELECT pg_terminate_backend(PID). Then run the reset again.",
    { details: holders },
  );
