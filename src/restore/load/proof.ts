/** What is looked at in a database that was just loaded, and written into it, before any of it is committed. */

import type { NeutraliseRule } from "../../config/config.ts";
import { DrillError } from "../../base/errors.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { listEncryptedValues } from "../../dolibarr/sandbox/encrypted_values.ts";
import {
  neutralise,
  type Neutralised,
  type NeutraliseOptions,
  stillActive,
} from "../../dolibarr/sandbox/neutralise/neutralise.ts";
import { RESTORE_ID_TABLE, writeRestoreIdSql } from "../../dolibarr/sandbox/restore_id.ts";
import {
  compareContent,
  contentSettingsSql,
  type ExpectedTable,
  readContent,
  type TableContent,
} from "../../postgres/catalogue/content.ts";
import type { LookupFunction } from "../../postgres/connection/pooler.ts";
import { grantAgain, type Grants } from "../../postgres/rights/grants.ts";
import type { Psql } from "../../postgres/programs/psql.ts";
import type { StoredObject } from "../../store/records/manifest.ts";
import type { Ask } from "../../postgres/connection/session.ts";

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
  /** Rights of other roles on what was there before: so many were given again, one for each role and thing. */
  rightsKept: number;
  /** Those that were not, as for what a restore leaves out. */
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
export interface Loaded {
  /** For messages: `prod/20260630T155313Z`. */
  name: string;
  dump: StoredObject;
  expected: readonly ExpectedTable[];
  before: LookupFunction | null;
  /** What others might do with what was there before: given again where it has the same name. */
  grants?: Grants;
}

/**
 * Compares every table with what it should hold, neutralises, writes the restore's id, and gives others their rights again;
 * all in the transaction of `psql`.
 * @throws DrillError `CONTENT_DIFFERS`, `RESTORE_FAILED`: the caller rolls back.
 */
export async function prove(
  psql: Psql,
  { name, dump, expected, before, grants }: Loaded,
  { id, neutralise, reporter }: ProofOptions,
): Promise<DatabaseProof> {
  await psql.run(contentSettingsSql());
  const found = await compare(psql, name, expected, reporter);
  const { neutralised, encrypted } = await quieten(psql, neutralise);
  await psql.ask(writeRestoreIdSql(id));
  const changed = await changedTables(psql, neutralised);
  // last, for the table with the restore's id may have been there before
  const { kept, lost } = grants ? await grantAgain(psql, grants) : { kept: 0, lost: [] };
  const after = await readLookup(psql.ask);
  refuseOtherLookup(before, after, name);
  return {
    dump,
    expected,
    found,
    changed,
    neutralised,
    encrypted,
    lookup: { before, after },
    rightsKept: kept,
    rightsLost: lost,
  };
}

/** What a dump of which nobody recorded the content should hold: the rows of each of its blocks. */
export const expectedOf = (rows: ReadonlyMap<string, number>): ExpectedTable[] =>
  [...rows].map(([table, rows]) => ({ table, rows }));

/** `user_lookup(text)` of schema public, as pgbouncer calls it; null where there is none. */
const LOOKUP_SQL =
  `SELECT coalesce((SELECT json_build_object('owner', pg_get_userbyid(proowner), 'definition', md5(pg_get_functiondef(oid) || coalesce(proacl::text, '')
    || coalesce((SELECT string_agg(grantee::text || has_schema_privilege(grantee, pronamespace, 'USAGE')::text, ',' ORDER BY grantee)
         FROM aclexplode(proacl) WHERE grantee <> 0), '')))
  FROM pg_catalog.pg_proc WHERE oid = to_regprocedure('public.user_lookup(text)')), 'null'::json)`;

/** Who owns the schema may drop what is in it, whoever owns that; without the function no login gets through the pooler. */
function refuseOtherLookup(before: LookupFunction | null, after: LookupFunction | null, set: string): void {
  if (before?.owner === after?.owner && before?.definition === after?.definition) return;
  throw new DrillError(
    "RESTORE_FAILED",
    `Cannot accept the restore of ${set}: user_lookup, which the pooler asks, is not what it was`,
    "The dump drops or changes it, which pg_dump never does. Nothing of the restore stays.",
  );
}

/** The pooler's function as it is now. */
export const readLookup = (ask: Ask): Promise<LookupFunction | null> => ask(LOOKUP_SQL);

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
    "Nothing of it stays: the target is what it was. Take another set: dolibarr-drill list",
    { details: differences.slice(0, 20).map(({ table, what }) => `${table}: ${what}`) },
  );
}

async function quieten(
  psql: Psql,
  options: NeutraliseOptions | undefined,
): Promise<Pick<DatabaseProof, "neutralised" | "encrypted">> {
  if (!options) return { neutralised: [], encrypted: [] };
  const neutralised = await neutralise(psql, options);
  await refuseActive(psql, options.extra);
  return { neutralised, encrypted: await listEncryptedValues(psql) };
}

async function refuseActive(psql: Psql, extra: readonly NeutraliseRule[]): Promise<void> {
  const active = await stillActive(psql, extra);
  if (active.length === 0) return;
  throw new DrillError(
    "RESTORE_FAILED",
    `Cannot neutralise the restored database: ${active[0]}`,
    "Something in the dump undoes it. Nothing of the restore stays.",
    { details: active },
  );
}

/** Content of what we wrote to, so that the committed state can be compared with it to the row. */
async function changedTables(psql: Psql, neutralised: readonly Neutralised[]): Promise<TableContent[]> {
  const ours = new Set([RESTORE_ID_TABLE, ...neutralised.map(({ table }) => table)]);
  return (await readContent(psql.ask)).filter(({ table }) => ours.has(table));
}
