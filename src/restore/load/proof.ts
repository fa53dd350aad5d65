/** What is compared in a database that was just loaded, and written into it, before any of it is committed. */

import { PROGRAM } from "../../base/program_name.ts";
import type { NeutraliseRule } from "../../config/config.ts";
import { DrillError } from "../../base/errors.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { formatCount } from "../../base/numbers.ts";
import { listEncryptedValues } from "../../dolibarr/sandbox/encrypted_values.ts";
import {
  neutralise,
  type Neutralised,
  type NeutraliseOptions,
  stillActive,
} from "../../dolibarr/sandbox/neutralise/neutralise.ts";
import { writeBroughtSchemasSql } from "../../dolibarr/sandbox/brought_schemas.ts";
import { RESTORE_ID_TABLE, writeRestoreIdSql } from "../../dolibarr/sandbox/restore_id.ts";
import { compareContent, type ExpectedTable } from "../../postgres/catalogue/compare_content.ts";
import { readContent, type TableContent } from "../../postgres/catalogue/content.ts";
import { CONTENT_HASH, type RecordedHash } from "../../postgres/rows/content_algorithms.ts";
import type { LookupFunction } from "../../postgres/connection/pooler.ts";
import type { Ask, Statements } from "../../postgres/connection/session.ts";
import { grantAgain } from "../../postgres/rights/grants.ts";
import type { StoredObject } from "../../store/records/manifest.ts";
import { type Others, readLookup, refuseOtherLookup, refuseOthersObjects } from "./others.ts";

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
  /** Empty where nothing was to be neutralised: a restore to production. */
  neutralised: Neutralised[];
  /** Names of the values that only production's own instance can decrypt: they must be entered again in a sandbox. */
  encrypted: string[];
  lookup: { before: LookupFunction | null; after: LookupFunction | null };
  /** Rights of other roles on what was there before that could not be given again, as for what a restore leaves out. */
  rightsLost: { what: string; why: string }[];
}

export interface ProofOptions {
  /** Written into the database with the restore, so that it is known whether it was committed. */
  id: string;
  /** What stops the restored ERP from acting on the world; without it all is left as it is, for a restore to production. */
  neutralise?: NeutraliseOptions;
  reporter: Reporter;
}

/** What was loaded, and what there was before. */
interface Loaded {
  /** For messages: `prod/20260630T155313Z`. */
  name: string;
  dump: StoredObject;
  expected: readonly ExpectedTable[];
  /** How that was hashed; without it as it is done now. */
  hash: RecordedHash | undefined;
  before: Others;
  /** The schemas that came with it. */
  schemas: readonly string[];
}

/**
 * Compares every table with what it should hold, neutralises, writes the restore's id, and gives others their rights again;
 * all in the transaction of `tx`, whose session has its own settings again.
 * @throws DrillError `CONTENT_DIFFERS`, `RESTORE_FAILED`: the caller rolls back.
 */
export async function prove(
  tx: Statements,
  { name, dump, expected, hash = CONTENT_HASH, before, schemas }: Loaded,
  { id, neutralise, reporter }: ProofOptions,
): Promise<DatabaseProof> {
  await refuseOthersObjects(tx.ask, before, name);
  const found = await compare(tx.ask, { name, expected, hash }, reporter);
  const { neutralised, encrypted } = await neutraliseAll(tx, neutralise);
  await tx.ask(writeRestoreIdSql(id));
  await tx.ask(writeBroughtSchemasSql(schemas));
  const changed = await changedTables(tx.ask, neutralised, hash);
  const rights = await grantAgain(tx, before.grants); // last, for the table with the restore's id may have been there before
  const lookup = { before: before.lookup, after: await readLookup(tx.ask) };
  refuseOtherLookup(lookup.before, lookup.after, name);
  return { dump, expected, found, changed, neutralised, encrypted, lookup, rightsLost: rights.lost };
}

/** What a dump without recorded content should hold: the rows of each of its blocks. */
export const expectedOf = (rows: ReadonlyMap<string, number>): ExpectedTable[] =>
  [...rows].map(([table, rows]) => ({ table, rows }));

async function compare(
  ask: Ask,
  { name: set, expected, hash }: { name: string; expected: readonly ExpectedTable[]; hash: RecordedHash },
  reporter: Reporter,
): Promise<TableContent[]> {
  using step = reporter.step("Comparing every table with the backup", "tables");
  const found = await readContent(ask, { hash, onProgress: step.progress });
  const differences = compareContent(expected, found);
  if (differences.length === 0) {
    step.end(`${formatCount(found.length, "table")} compared: all are equal`);
    return found;
  }
  throw new DrillError(
    "CONTENT_DIFFERS",
    `Cannot accept the restore of ${set}: ${differences[0]!.table}: ${differences[0]!.what}${
      differences.length > 1 ? `, and ${formatCount(differences.length - 1, "more table")}` : ""
    }`,
    `The restore was undone: the target is what it was. Take another set: ${PROGRAM} list`,
    { details: differences.slice(0, 20).map(({ table, what }) => `${table}: ${what}`) },
  );
}

async function neutraliseAll(
  tx: Statements,
  options: NeutraliseOptions | undefined,
): Promise<Pick<DatabaseProof, "neutralised" | "encrypted">> {
  if (!options) return { neutralised: [], encrypted: [] };
  const neutralised = await neutralise(tx, options);
  await refuseActive(tx, options.extra);
  return { neutralised, encrypted: await listEncryptedValues(tx) };
}

async function refuseActive(tx: Statements, extra: readonly NeutraliseRule[]): Promise<void> {
  const active = await stillActive(tx, extra);
  if (active.length === 0) return;
  throw new DrillError(
    "RESTORE_FAILED",
    `Cannot neutralise the restored database: ${active[0]}`,
    "A trigger or a rule of the dump undoes it. The restore was undone.",
    { details: active },
  );
}

/** Content of the tables that we wrote to, so that the committed state can be compared with it to the row. */
async function changedTables(
  ask: Ask,
  neutralised: readonly Neutralised[],
  hash: RecordedHash,
): Promise<TableContent[]> {
  const ours = [...new Set([RESTORE_ID_TABLE, ...neutralised.map(({ table }) => table)])];
  return await readContent(ask, { hash, only: ours });
}
