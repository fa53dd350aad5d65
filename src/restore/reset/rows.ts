/** The rows of a database put back to what was saved of them: only those that differ are touched. */

import { join } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { formatCount } from "../../base/numbers.ts";
import { together } from "../../base/together.ts";
import type { CatalogueAnswer } from "../../postgres/catalogue/catalogue.ts";
import { compareContent } from "../../postgres/catalogue/compare_content.ts";
import { contentSettingsSql, readContent } from "../../postgres/catalogue/content.ts";
import { readSchemaText, schemaDifferences } from "../../postgres/catalogue/schema_text.ts";
import {
  otherPlaces,
  placesSql,
  putSequencesSql,
  type SequencePlace,
} from "../../postgres/catalogue/sequence_positions.ts";
import type { Statements } from "../../postgres/connection/session.ts";
import {
  compareRowsSql,
  countDifferentSql,
  deleteRowsSql,
  type HardKey,
  hardKeysSql,
  insertRowsSql,
  loadRowsCommand,
  putOnSql,
  type RowsTable,
  rowsTablesSql,
  startTriggersSql,
  stopTriggersSql,
  takeOffSql,
} from "../../postgres/rows/saved_rows.ts";
import {
  type DatabaseState,
  hashOf,
  readCatalogueAnswer,
  readLargeObjects,
} from "../checkpoint/database_state.ts";
import type { DatabaseResetOptions, ResetTransaction } from "./transaction.ts";
import { refuseDamaged } from "../checkpoint/saved_database.ts";

/** A table whose rows were put back. */
export interface TableReset {
  table: string;
  deleted: number;
  inserted: number;
}

/** What was put back. */
interface RowsReset {
  tables: TableReset[];
  /** Names. */
  sequences: string[];
  catalogue: CatalogueAnswer["kinds"];
}

/** Why rows alone are not enough; the transaction is to be rolled back. */
interface NeedsReload {
  needsReload: string;
}

/** For the hashes of a table's rows: half a million of them fit. For more the server uses its disk. */
const WORK_MEMORY = "64MB";

/** To load the dump takes less time than to exchange more rows than this. */
const MANY_ROWS = 100_000;

/** Makes the rows and sequences what was saved of them, and commits. */
export async function resetRows(
  tx: ResetTransaction,
  options: DatabaseResetOptions,
): Promise<RowsReset | NeedsReload> {
  await tx.lock("SHARE ROW EXCLUSIVE");
  const now = await readNow(tx, options);
  const why = await whyReload(tx, now, options);
  if (why !== undefined) return { needsReload: why };
  const tables = await tx.ask<RowsTable[]>(rowsTablesSql(now.different));
  const bare = tables.find(({ columns }) => columns.length === 0);
  if (bare) return { needsReload: `${bare.table} has no column that is stored` };
  await refuseDamagedCopies(now.different, options);
  const keys = tables.length === 0 ? [] : await tx.ask<HardKey[]>(hardKeysSql(now.different));
  await tx.lock("ACCESS EXCLUSIVE", [...new Set(keys.flatMap((key) => [key.table, key.refersTo]))]);
  try {
    return await exchange(tx, { now, tables, keys }, options);
  } catch (error) {
    // what the server refuses row by row it may accept when all is loaded anew
    if (error instanceof DrillError && error.code === "RESTORE_FAILED") return { needsReload: error.message };
    throw error;
  }
}

/** What the database holds before it is reset. */
interface Now {
  /** Names of the tables whose rows are not those that were saved. */
  different: string[];
  catalogue: CatalogueAnswer["kinds"];
  places: SequencePlace[];
  largeObjects: string | null;
}

/** Hashes every table, and asks in the other session about all the rest meanwhile. */
async function readNow(
  tx: ResetTransaction,
  { saved, database, beside, reporter, signal }: DatabaseResetOptions,
): Promise<Now> {
  using step = reporter.step(`Comparing ${database.name} with its checkpoint`, "tables");
  const [content, rest] = await together(signal, async () => {
    return await readContent(tx.ask, { hash: hashOf(saved.state), onProgress: step.progress });
  }, async () => {
    const { kinds, sequences, largeObjects } = await readCatalogueAnswer(beside.ask, database.owner);
    return {
      catalogue: kinds,
      places: await beside.ask<SequencePlace[]>(placesSql(sequences.map(({ name }) => name))),
      largeObjects: await readLargeObjects(beside.ask, largeObjects),
    };
  });
  const different = compareContent(saved.state.tables, content).map(({ table }) => table);
  step.end(`${different.length} of ${content.length} tables differ`);
  return { different, ...rest };
}

async function whyReload(
  tx: ResetTransaction,
  now: Now,
  { saved, database, catalogue }: DatabaseResetOptions,
): Promise<string | undefined> {
  const schema = await whySchemaDiffers(tx, saved.state.schema, database.owner, catalogue, now.catalogue);
  if (schema !== undefined) return schema;
  return now.largeObjects === saved.state.largeObjects ? undefined : "its large objects differ";
}

/** The catalogue's hashes cost less than the schema's text, and are the same while no object was made again. */
async function whySchemaDiffers(
  { run, ask }: Statements,
  wanted: DatabaseResetOptions["saved"]["state"]["schema"],
  owner: string,
  known: CatalogueAnswer["kinds"],
  now: CatalogueAnswer["kinds"],
): Promise<string | undefined> {
  if (schemaDifferences(known, now).length === 0) return undefined;
  const differences = schemaDifferences(wanted, await readSchemaText(run, ask, owner));
  return differences.length === 0 ? undefined : `its schema differs (${differences.join(", ")})`;
}

async function refuseDamagedCopies(
  tables: readonly string[],
  { saved, folder }: DatabaseResetOptions,
): Promise<void> {
  for (const { file, table, ...recorded } of saved.copies) {
    if (tables.includes(table)) await refuseDamaged(join(folder, file), recorded);
  }
}

/** Puts rows and sequences back, compares them once more, and commits. */
async function exchange(
  tx: ResetTransaction,
  { now, tables, keys }: { now: Now; tables: readonly RowsTable[]; keys: readonly HardKey[] },
  options: DatabaseResetOptions,
): Promise<RowsReset | NeedsReload> {
  const { saved: { state }, database } = options;
  const places = otherPlaces(state.sequences, now.places);
  const changed = await exchangeRows(tx, tables, keys, options);
  if ("needsReload" in changed) return changed;
  if (places.length > 0) await tx.run(putSequencesSql(places));
  const wrong = await firstDifference(tx, state, tables, places);
  if (wrong !== undefined) return { needsReload: `to put its rows back was not enough: ${wrong}` };
  const catalogue = keys.length === 0
    ? now.catalogue
    : (await readCatalogueAnswer(tx.ask, database.owner)).kinds;
  const schema = await whySchemaDiffers(tx, state.schema, database.owner, now.catalogue, catalogue);
  if (schema !== undefined) return { needsReload: schema };
  await tx.commit(options.beforeCommit);
  return { tables: changed, sequences: places.map(({ name }) => name), catalogue };
}

/** Deletes everywhere, then inserts everywhere, with no trigger and no key acting on it. */
async function exchangeRows(
  tx: Statements,
  tables: readonly RowsTable[],
  keys: readonly HardKey[],
  { saved, folder }: DatabaseResetOptions,
): Promise<TableReset[] | NeedsReload> {
  if (tables.length === 0) return [];
  await tx.run(contentSettingsSql()); // as they were when the rows were saved
  const files = new Map(saved.copies.map(({ table, file }) => [table, join(folder, file)]));
  const runAll = (sql: readonly string[]) => tx.run(sql.filter((one) => one !== "").join(";\n"));
  await runAll([...tables.map(stopTriggersSql), ...keys.map(takeOffSql), "SET CONSTRAINTS ALL DEFERRED"]);
  await tx.run(
    tables.map((table, at) => loadRowsCommand(table, at, files.get(table.table) ?? "/dev/null")).join("\n"),
  );
  await runAll([`SET LOCAL work_mem = '${WORK_MEMORY}'`, ...tables.map(compareRowsSql)]);
  const rows = await tx.ask<number>(countDifferentSql(tables.length));
  if (rows > MANY_ROWS) {
    return { needsReload: `${formatCount(rows, "row")} differ, and to load all of it is faster` };
  }
  const deleted: number[] = [];
  for (const [at, table] of tables.entries()) deleted.push(await tx.ask<number>(deleteRowsSql(table, at)));
  const changed: TableReset[] = [];
  for (const [at, table] of tables.entries()) {
    const inserted = await tx.ask<number>(insertRowsSql(table, at));
    changed.push({ table: table.table, deleted: deleted[at]!, inserted });
  }
  await runAll(["SET CONSTRAINTS ALL IMMEDIATE", ...keys.map(putOnSql), ...tables.map(startTriggersSql)]);
  return changed;
}

/** Every other table is locked and was equal: the changed ones are read again, and compared to the last row. */
async function firstDifference(
  tx: Statements,
  state: DatabaseState,
  touched: readonly RowsTable[],
  moved: readonly SequencePlace[],
): Promise<string | undefined> {
  const places = await tx.ask<SequencePlace[]>(placesSql(moved.map(({ name }) => name)));
  const [elsewhere] = otherPlaces(moved, places);
  if (elsewhere) return `the sequence ${elsewhere.name} has another position`;
  if (touched.length === 0) return undefined;
  const names = touched.map(({ table }) => table);
  if (JSON.stringify(await tx.ask(rowsTablesSql(names))) !== JSON.stringify(touched)) {
    return "a trigger of a table differs";
  }
  const [different] = compareContent(
    state.tables.filter(({ table }) => names.includes(table)),
    await readContent(tx.ask, { hash: hashOf(state), only: names }),
  );
  return different && `${different.table}: ${different.what}`;
}
