/** The id of the restore that made a database what it is; it commits with the restore (DESIGN, rule 2). */

import { quoteLiteral } from "../../postgres/connection/database.ts";
import { constantSql } from "./neutralise/sql.ts";
import type { Ask } from "../../postgres/connection/session.ts";

/** Where it is written. */
export const RESTORE_ID_TABLE = "public.llx_const";

const CONSTANT = "DOLIBARR_DRILL_RESTORE";

/** SQL that writes it, in the restoring transaction. */
export const writeRestoreIdSql = (id: string): string => constantSql({ constant: CONSTANT, value: id });

/** SQL whose one JSON value says whether the table is there, and then the id or null. */
const TABLE_SQL = "SELECT to_json(to_regclass('public.llx_const') IS NOT NULL)";
const ID_SQL = `SELECT to_json((SELECT value FROM public.llx_const WHERE name = ${
  quoteLiteral(CONSTANT)
} LIMIT 1))`;

/** The id of the restore that `ask`'s database is from; undefined where it is from none. */
export async function readRestoreId(ask: Ask): Promise<string | undefined> {
  if (!await ask<boolean>(TABLE_SQL)) return undefined;
  return await ask<string | null>(ID_SQL) ?? undefined;
}
