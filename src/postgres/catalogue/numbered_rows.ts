/** Whether new rows of a table get a number of their own. */

import type { Session } from "../connection/session.ts";

interface Numbered extends Record<string, unknown> {
  table: string;
  /** A valid key on that column alone. */
  hasKey: boolean;
  /** It is an identity column, or its default draws from a sequence. */
  draws: boolean;
}

const NUMBERED_SQL = `
  SELECT c.relname::text AS table,
         EXISTS (SELECT FROM pg_catalog.pg_index i
                  WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indisready AND i.indislive
                    AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum) AS "hasKey",
         a.attidentity <> '' OR coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '') LIKE '%nextval(%' AS draws
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
   WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname = ANY($1::text[]) AND a.attname = $2
   ORDER BY c.relname`;

/**
 * Looks at the column that numbers the rows of each of `tables` of the schema public that is there and has it. A
 * sequence that a default names cannot be dropped without the default (PostgreSQL, Dependency Tracking), so the default
 * alone is asked for.
 *
 * @returns how many tables were looked at, and what is wrong: `llx_societe.rowid draws from no sequence: ...`
 */
export async function unnumberedTables(
  session: Session,
  tables: readonly string[],
  column: string,
): Promise<{ checked: number; wrong: string[] }> {
  const rows = await session.query<Numbered>(NUMBERED_SQL, [tables, column]);
  return {
    checked: rows.length,
    wrong: rows.flatMap(({ table, hasKey, draws }) => [
      ...(draws ? [] : [`${table}.${column} draws from no sequence: no new row can be made`]),
      ...(hasKey ? [] : [`${table}.${column} has no valid key: two rows can have one number`]),
    ]),
  };
}
