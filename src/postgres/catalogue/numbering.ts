/** Whether new rows get a number of their own: by a key that is valid, and from a sequence that is ahead of the rows. */

import { quoteIdentifier } from "../connection/database.ts";
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
 * Checks the column that numbers the rows of each of `tables` of the schema public that exists and has it. A
 * sequence that a default names cannot be dropped without the default (PostgreSQL, Dependency Tracking), so the default
 * alone is checked.
 *
 * @returns how many tables were checked, and what is wrong: `llx_societe.rowid draws from no sequence: ...`
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

interface Owned extends Record<string, unknown> {
  schema: string;
  sequence: string;
  table: string;
  column: string;
  increment: string;
}

/** Every sequence that numbers a column, by ownership or by the column's default. */
const OWNED_SQL = `
  SELECT DISTINCT n.nspname::text AS schema, s.relname::text AS sequence, t.relname::text AS table, a.attname::text AS column,
         q.seqincrement::text AS increment
    FROM pg_catalog.pg_class s
    JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
    JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
    JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
   WHERE s.relkind = 'S' AND t.relkind = 'r' AND n.nspname !~ '^pg_'`;

/**
 * @param counts which tables are checked, by name
 * @returns how many sequences were checked, and those whose next number a row already has: with such a one no new row
 *   can be made. The sequence itself is read: pg_sequences does not show the start of one that was only set, by
 *   `setval(..., false)` or `RESTART WITH`, and never used since.
 */
export async function sequencesBehind(
  session: Session,
  counts: (table: string) => boolean,
): Promise<{ checked: number; behind: string[] }> {
  const owned = (await session.query<Owned>(OWNED_SQL)).filter(({ table }) => counts(table));
  if (owned.length === 0) return { checked: 0, behind: [] };
  const each = owned.map(({ schema, sequence, table, column, increment }, at) => {
    const name = (relation: string) => `${quoteIdentifier(schema)}.${quoteIdentifier(relation)}`;
    return `SELECT ${at} AS at, (SELECT max(${quoteIdentifier(column)})::text FROM ${name(table)}) AS highest,
      (last_value + CASE WHEN is_called THEN ${BigInt(increment)} ELSE 0 END)::text AS next FROM ${
      name(sequence)
    }`;
  });
  const rows = await session.query<{ at: number; highest: string | null; next: string }>(
    each.join(" UNION ALL "),
  );
  const behind = rows.flatMap(({ at, highest, next }) => {
    const { sequence, table, column } = owned[at]!;
    return highest !== null && BigInt(highest) >= BigInt(next)
      ? [`${sequence} gives ${next} next, ${table}.${column} has ${highest}`]
      : [];
  });
  return { checked: owned.length, behind };
}
