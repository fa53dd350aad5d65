/** A database put back to what was saved of it: by its rows where they are all that differs, else by loading the saved dump. */

import { readFile } from "../../base/streams.ts";
import type { CatalogueAnswer } from "../../postgres/catalogue/catalogue.ts";
import { putSequencesSql } from "../../postgres/catalogue/sequence_positions.ts";
import { refuseLostRights } from "../gate/irreplaceable.ts";
import { loadDump } from "../load/load_dump.ts";
import { type DatabaseState, hashOf, readState } from "../checkpoint/database_state.ts";
import { resetRows, type TableReset } from "./rows.ts";
import { type DatabaseResetOptions, type ResetTransaction, withFreeTables } from "./transaction.ts";
import { checkDump, dumpFile, type PlanDump, refuseDifferent } from "../checkpoint/saved_database.ts";

export interface DatabaseReset {
  /** `rows`: those that differ were put back. `reloaded`: what was there was dropped and the dump loaded. */
  how: "rows" | "reloaded";
  /** Why it was reloaded. */
  why?: string;
  /** Empty where it was reloaded, or where nothing differed. */
  tables: TableReset[];
  /** Names of those whose position differed; empty where it was reloaded. */
  sequences: string[];
  /** The catalogue's hashes from now on. */
  catalogue: CatalogueAnswer["kinds"];
}

/**
 * Makes the database what was saved of it. The ERP may go on: it may read meanwhile, and what it writes waits for a moment.
 * @throws DrillError `DATABASE_LOCKED` naming who has a table, `OBJECT_CORRUPT`, `CONTENT_DIFFERS`, ...: nothing was changed.
 */
export async function resetDatabase(options: DatabaseResetOptions): Promise<DatabaseReset> {
  const { saved, folder, database, programs, reporter, signal } = options;
  const done = await withFreeTables(options, (tx) => resetRows(tx, options));
  if (!("needsReload" in done)) return { how: "rows", ...done };
  const why = done.needsReload;
  reporter.note(`${database.name} is reloaded: ${why}`);
  const plan = await checkDump(saved, folder, programs, signal);
  const { catalogue } = await withFreeTables(options, (tx) => reloadDatabase(tx, plan, options));
  return { how: "reloaded", why, tables: [], sequences: [], catalogue };
}

/** Drops what the owner role has and loads the saved dump; it commits only when all of it is equal. */
async function reloadDatabase(
  tx: ResetTransaction,
  planDump: PlanDump,
  options: DatabaseResetOptions,
): Promise<DatabaseState> {
  const { saved, folder, database, programs, beforeCommit, reporter, signal } = options;
  await tx.lock("ACCESS EXCLUSIVE");
  await refuseLostRights(tx.ask, database);
  await tx.dropOwned();
  const path = dumpFile(folder);
  const dump = { ...saved.dump, key: path, open: () => readFile(path) };
  const plan = await planDump(tx.ask, database.owner);
  await loadDump(tx, dump, plan, programs, {
    title: `Loading ${database.name}`,
    acl: true,
    reporter,
    signal,
  });
  await tx.run(putSequencesSql(saved.state.sequences));
  const found = await comparing(tx, options);
  refuseDifferent(saved, found, "It was rolled back: the database is what it was before.");
  await tx.commit(beforeCommit);
  return found;
}

async function comparing(
  tx: ResetTransaction,
  { saved, database, reporter }: DatabaseResetOptions,
): Promise<DatabaseState> {
  using step = reporter.step("Comparing every table", "tables");
  const found = await readState(tx, database.owner, {
    hash: hashOf(saved.state),
    onTables: step.progress,
  });
  step.end();
  return found;
}
