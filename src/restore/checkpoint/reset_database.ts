/** A database put back to what was saved of it: only rows that differ are touched, in one transaction that is proved before it commits. */

import { join } from "node:path";
import { DrillError } from "../../base/errors.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { formatCount } from "../../base/text.ts";
import { together } from "../../base/together.ts";
import type { CatalogueAnswer } from "../../postgres/catalogue/catalogue.ts";
import {
  compareContent,
  contentSettingsSql,
  contentSql,
  readContent,
  type TableContent,
} from "../../postgres/catalogue/content.ts";
import type { Database } from "../../postgres/connection/database.ts";
import { type HardKey, hardKeysSql, putOnSql, takeOffSql } from "../../postgres/catalogue/immediate_keys.ts";
import type { Programs } from "../../postgres/programs/programs.ts";
import { type Psql, startPsql } from "../../postgres/programs/psql.ts";
import { otherPlaces, placesSql, type SequencePlace } from "../../postgres/catalogue/sequence_positions.ts";
import type { Session } from "../../postgres/connection/session.ts";
import { readSchemaText, schemaDifferences } from "../../postgres/catalogue/schema_text.ts";
import {
  compareRowsSql,
  countDifferentSql,
  deleteRowsSql,
  insertRowsSql,
  loadRowsCommand,
  type RowsTable,
  rowsTablesSql,
  startTriggersSql,
  stopTriggersSql,
} from "../../postgres/rows/saved_rows.ts";
import { beginWork, putSequences, refuseDamaged, reloadDatabase, type SavedDatabase } from "./database.ts";
import { readCatalogueAnswer, readLargeObjects } from "./database_state.ts";
import { lockAllTables, lockOrGiveUp, withFreeTables } from "./reset_locks.ts";

export interface DatabaseReset {
  /** `rows`: those that differ were put back. `reloaded`: what was there was dropped and the dump loaded. */
  how: "rows" | "reloaded";
  /** Why it was reloaded. */
  why?: string;
  /** Empty where it was reloaded, or where nothing differed. */
  tables: { table: string; deleted: number; inserted: number }[];
  /** Names of those that stood elsewhere; empty where it was reloaded. */
  sequences: string[];
  /** What the catalogue says from now on. */
  catalogue: CatalogueAnswer["kinds"];
}

export interface DatabaseResetOptions {
  /** Another session there, for questions beside the transaction: what it is asked about is locked. */
  beside: Session;
  /** How long tables that are in use are asked for again, in ms. */
  waits: number;
  /** What the catalogue said when the schema was last found equal to the saved one. */
  catalogue: CatalogueAnswer["kinds"];
  /** Called when the database is proved to be what was saved, just before the commit; what it throws rolls back. */
  beforeCommit: () => Promise<void>;
  reporter: Reporter;
  signal: AbortSignal;
}

/** For the hashes of a table's rows: half a million of them fit. Beyond that the server goes on on its disk. */
const WORK_MEMORY = "64MB";

/** From so many on loading the dump takes less time than exchanging them one by one. */
const MANY_ROWS = 100_000;

/** Why rows alone are not enough. */
interface Otherwise {
  reload: string;
}

/**
 * Makes `database` what is saved in `folder`. The ERP may go on: it may read meanwhile, and what it writes waits for a moment.
 * @throws DrillError `DATABASE_LOCKED` naming who has a table, `OBJECT_CORRUPT`, `CONTENT_DIFFERS`, ...: nothing was changed.
 */
export async function resetDatabase(
  saved: SavedDatabase,
  folder: string,
  database: Database,
  programs: Programs,
  options: DatabaseResetOptions,
): Promise<DatabaseReset> {
  const { reporter } = options;
  const done = await withFreeTables(
    options,
    (isLast) => putRowsBack(saved, folder, database, programs, isLast, options),
  );
  if (!("reload" in done)) return done;
  reporter.note(`${database.name} is reloaded: ${done.reload}`);
  const { catalogue } = await withFreeTables(options, (isLast) =>
    reloadDatabase(saved, folder, database, {
      ...options,
      afterBegin: (psql) => lockAllTables(psql, database, "ACCESS EXCLUSIVE", isLast),
    }));
  return { how: "reloaded", why: done.reload, tables: [], sequences: [], catalogue };
}

async function putRowsBack(
  saved: SavedDatabase,
  folder: string,
  database: Database,
  programs: Programs,
  isLast: boolean,
  { beside, catalogue, beforeCommit, reporter, signal }: DatabaseResetOptions,
): Promise<DatabaseReset | Otherwise> {
  await using psql = await startPsql(database, programs, signal);
  await beginWork(psql, database);
  await lockAllTables(psql, database, "SHARE ROW EXCLUSIVE", isLast);
  const { found, now } = await lookAtAll(psql, beside, saved, database.owner, reporter, signal);
  const schema = await schemaDiffers(psql, saved, database.owner, catalogue, now.kinds);
  if (schema) return schema;
  if (now.largeObjects !== saved.state.largeObjects) return { reload: "its large objects are others" };
  const different = compareContent(saved.state.tables, found).map(({ table }) => table);
  const places = otherPlaces(saved.state.sequences, now.places);
  const tables = await psql.ask<RowsTable[]>(rowsTablesSql(different));
  const odd = tables.find(({ columns }) => columns.length === 0);
  if (odd) return { reload: `${odd.table} has no column of its own` };
  for (const { file, ...recorded } of saved.copies.filter(({ table }) => different.includes(table))) {
    await refuseDamaged(join(folder, file), recorded);
  }
  const keys = different.length === 0 ? [] : await psql.ask<HardKey[]>(hardKeysSql(different));
  const both = [...new Set(keys.flatMap((key) => [key.table, key.refersTo]))];
  await lockOrGiveUp(psql, database, both, "ACCESS EXCLUSIVE", isLast);
  try {
    const changed = await exchangeRows(psql, saved, folder, tables, keys);
    if ("reload" in changed) return changed;
    await putSequences(psql, places);
    const wrong = await firstDifference(psql, saved, tables, places);
    if (wrong !== undefined) return { reload: `putting back its rows was not enough: ${wrong}` };
    const kinds = keys.length === 0 ? now.kinds : (await readCatalogueAnswer(psql.ask, database.owner)).kinds;
    const schema = await schemaDiffers(psql, saved, database.owner, now.kinds, kinds);
    if (schema) return schema;
    await beforeCommit();
    await psql.run("COMMIT");
    return { how: "rows", tables: changed, sequences: places.map(({ name }) => name), catalogue: kinds };
  } catch (error) {
    // what it refuses row by row it may take when all is loaded anew
    if (error instanceof DrillError && error.code === "RESTORE_FAILED") return { reload: error.message };
    throw error;
  }
}

/** Hashes every table, and asks in the other session about all the rest meanwhile. */
async function lookAtAll(
  psql: Psql,
  beside: Session,
  saved: SavedDatabase,
  owner: string,
  reporter: Reporter,
  signal: AbortSignal,
) {
  using step = reporter.step(`Comparing the database with the checkpoint`, "tables");
  const ask = beside.ask;
  const [found, now] = await together(signal, async () => {
    await psql.run(contentSettingsSql());
    return await readContent(psql.ask, step.progress);
  }, async () => {
    const { kinds, sequences, largeObjects } = await readCatalogueAnswer(ask, owner);
    return {
      kinds,
      places: await ask<SequencePlace[]>(placesSql(sequences.map(({ name }) => name))),
      largeObjects: await readLargeObjects(ask, largeObjects),
    };
  });
  const different = compareContent(saved.state.tables, found).length;
  step.end(`${different} of ${found.length} tables differ`);
  return { found, now };
}

/** The catalogue's own words cost less than the schema's text, and are the same as long as nothing was made anew. */
async function schemaDiffers(
  psql: Psql,
  saved: SavedDatabase,
  owner: string,
  known: CatalogueAnswer["kinds"],
  now: CatalogueAnswer["kinds"],
): Promise<Otherwise | undefined> {
  if (schemaDifferences(known, now).length === 0) return undefined;
  const differences = schemaDifferences(saved.state.schema, await readSchemaText(psql.run, psql.ask, owner));
  return differences.length === 0
    ? undefined
    : { reload: `its schema is another (${differences.join(", ")})` };
}

/** Deletes everywhere, then inserts everywhere, with no trigger and no key acting on it. */
async function exchangeRows(
  psql: Psql,
  { copies }: SavedDatabase,
  folder: string,
  tables: readonly RowsTable[],
  keys: readonly HardKey[],
): Promise<DatabaseReset["tables"] | Otherwise> {
  if (tables.length === 0) return [];
  const files = new Map(copies.map(({ table, file }) => [table, join(folder, file)]));
  const all = (sql: readonly string[]) => psql.run(sql.filter((one) => one !== "").join(";\n"));
  await all([...tables.map(stopTriggersSql), ...keys.map(takeOffSql), "SET CONSTRAINTS ALL DEFERRED"]);
  await psql.run(
    tables.map((table, at) => loadRowsCommand(table, at, files.get(table.table) ?? "/dev/null")).join("\n"),
  );
  await all([`SET LOCAL work_mem = '${WORK_MEMORY}'`, ...tables.map(compareRowsSql)]);
  const rows = await psql.ask<number>(countDifferentSql(tables.length));
  if (rows > MANY_ROWS) return { reload: `${formatCount(rows, "row")} of it differ, and that is quicker` };
  const changed: DatabaseReset["tables"] = [];
  for (const [at, table] of tables.entries()) {
    changed.push({
      table: table.table,
      deleted: await psql.ask<number>(deleteRowsSql(table, at)),
      inserted: 0,
    });
  }
  for (const [at, table] of tables.entries()) {
    changed[at]!.inserted = await psql.ask<number>(insertRowsSql(table, at));
  }
  await all(["SET CONSTRAINTS ALL IMMEDIATE", ...keys.map(putOnSql), ...tables.map(startTriggersSql)]);
  return changed;
}

/** Every other table is locked and was equal: what was touched is looked at again, and compared to the last row. */
async function firstDifference(
  psql: Psql,
  { state }: SavedDatabase,
  touched: readonly RowsTable[],
  moved: readonly SequencePlace[],
): Promise<string | undefined> {
  const [still] = otherPlaces(
    moved,
    await psql.ask<SequencePlace[]>(placesSql(moved.map(({ name }) => name))),
  );
  if (still) return `the sequence ${still.name} stands elsewhere`;
  if (touched.length === 0) return undefined;
  const names = touched.map(({ table }) => table);
  if (JSON.stringify(await psql.ask(rowsTablesSql(names))) !== JSON.stringify(touched)) {
    return "a trigger of a table";
  }
  const found = await psql.ask<TableContent[]>(contentSql(touched));
  const wanted = state.tables.filter(({ table }) => names.includes(table));
  const [different] = compareContent(wanted, found.map((one) => ({ ...one, rows: Number(one.rows) })));
  return different && `${different.table}: ${different.what}`;
}
