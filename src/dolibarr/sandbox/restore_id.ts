/**
 * The id of the restore that a database comes from. It is written into the database by the restoring transaction, so that
 * after a crash `rearm` knows whether the restore was committed (docs/design.md, rule 2).
 */

import { quoteLiteral } from "../../postgres/connection/database.ts";
import { constantSql } from "./neutralise/sql.ts";
import type { Ask } from "../../postgres/connection/session.ts";

/** The table that holds it. */
export const RESTORE_ID_TABLE = "public.llx_const";

const CONSTANT = "DOLIBARR_DRILL_RESTORE";

/** The SQL that writes it, for the restoring transaction. */
export const writeRestoreIdSql = (id: string): string => constantSql({ constant: CONSTANT, value: id });

// by the server's own functions and operators alone: what was restored may have brought others of these names
const TABLE_SQL = `SELECT pg_catalog.to_json(pg_catalog.to_regclass('${RESTORE_ID_TABLE}') IS NOT NULL)`;
const ID_SQL =
  `SELECT pg_catalog.to_json((SELECT value FROM ${RESTORE_ID_TABLE} WHERE name OPERATOR(pg_catalog.=) ${
    quoteLiteral(CONSTANT)
  } LIMIT 1))`;

/** The id of the restore that `ask`'s database is from; undefined where it is from none. */
export async function readRestoreId(ask: Ask): Promise<string | undefined> {
  if (!await ask<boolean>(TABLE_SQL)) return undefined;
  return await ask<string | null>(ID_SQL) ?? undefined;
}

/** As `readRestoreId`, for a login that may not be the owner's; undefined also where it may not read the id. */
export async function readRestoreIdIfAllowed(ask: Ask): Promise<string | undefined> {
  const allowed = await ask<boolean>(
    `SELECT pg_catalog.to_json(coalesce(pg_catalog.has_table_privilege(pg_catalog.to_regclass('${RESTORE_ID_TABLE}'), 'SELECT'), false))`,
  );
  return allowed ? await readRestoreId(ask) : undefined;
}
