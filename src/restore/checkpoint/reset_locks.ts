/** The tables of a database, locked at once and never waited for in a queue: with the ERP behind it, it would stand still. */

import { DrillError } from "../../base/errors.ts";
import { sleep } from "../../base/time.ts";
import { pauses } from "../../base/limits.ts";
import { type TableName, TABLES_SQL } from "../../postgres/catalogue/content.ts";
import { type Database, quoteIdentifier } from "../../postgres/connection/database.ts";
import type { Psql } from "../../postgres/programs/psql.ts";
import { holdersSql, lockTables, type TableLock } from "../../postgres/rows/table_locks.ts";

/** Thrown, and caught again, where a table is in use: all is given back, and it is tried anew a little later. */
const IN_USE = Symbol("a table is in use");

/**
 * Runs `work` until it gets all the locks that it asks for; between two tries it holds none.
 * @param waits for so long, in ms; then `work` is told that this is the last time.
 */
export async function withFreeTables<T>(
  { waits, signal }: { waits: number; signal: AbortSignal },
  work: (isLast: boolean) => Promise<T>,
): Promise<T> {
  const end = performance.now() + waits;
  while (true) {
    try {
      return await work(performance.now() > end);
    } catch (error) {
      if (error !== IN_USE) throw error;
      await sleep(pauses.tables, signal);
    }
  }
}

/**
 * Locks `tables` (quoted names), or ends this try of `withFreeTables`.
 * @throws DrillError `DATABASE_LOCKED` in the last one, naming who has them.
 */
export async function lockOrGiveUp(
  psql: Psql,
  database: Database,
  tables: readonly string[],
  mode: TableLock,
  isLast: boolean,
): Promise<void> {
  if (await lockTables(psql, tables, mode)) return;
  if (!isLast) throw IN_USE;
  throw new DrillError(
    "DATABASE_LOCKED",
    `Cannot reset ${database.name}: a table is in use by another session, also when asked again and again`,
    "Nothing was changed. End what works there, or wait for it, and run it again.",
    { details: await psql.ask<string[]>(holdersSql(tables, mode)) },
  );
}

/** The same for every table that there is. */
export async function lockAllTables(
  psql: Psql,
  database: Database,
  mode: TableLock,
  isLast: boolean,
): Promise<void> {
  const tables = await psql.ask<TableName[]>(TABLES_SQL);
  const names = tables.map(({ schema, name }) => `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`);
  await lockOrGiveUp(psql, database, names, mode, isLast);
}
