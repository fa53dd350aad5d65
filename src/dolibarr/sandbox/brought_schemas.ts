/**
 * The schemas besides public that a restore brought. They are written into the database by the restoring transaction: what a
 * restore of ours brought, the next one may drop, also where production no longer has it. A schema that a person made may not
 * be dropped.
 */

import type { Ask } from "../../postgres/connection/session.ts";
import { quoteLiteral } from "../../postgres/connection/database.ts";
import { constantSql } from "./neutralise/sql.ts";

const CONSTANT = "DOLIBARR_DRILL_SCHEMAS";

/** The SQL that writes them, for the restoring transaction; of none it removes what the dump may have brought. */
export const writeBroughtSchemasSql = (names: readonly string[]): string =>
  names.length > 0
    ? constantSql({ constant: CONSTANT, value: JSON.stringify(names) })
    : `WITH gone AS (DELETE FROM public.llx_const WHERE name = ${
      quoteLiteral(CONSTANT)
    } RETURNING 1) SELECT to_json(count(*)) FROM gone`;

/** Those of the restore that `ask`'s database is from; none where it is from none, or an older version restored it. */
export async function readBroughtSchemas(ask: Ask): Promise<string[]> {
  if (!await ask<boolean>("SELECT to_json(to_regclass('public.llx_const') IS NOT NULL)")) return [];
  const value = await ask<string | null>(
    `SELECT to_json((SELECT value FROM public.llx_const WHERE name = ${
      quoteLiteral(CONSTANT)
    } ORDER BY entity LIMIT 1))`,
  );
  try {
    const names: unknown = JSON.parse(value ?? "[]");
    return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  } catch {
    return []; // a person wrote something else there: then nothing is known
  }
}
