/** Whether the sequences of a database number on from where its rows are. */

import { quoteIdentifier } from "./database.ts";
import type { Session } from "./session.ts";

interface Owned extends Record<string, unknown> {
  schema: string;
  sequence: string;
  table: string;
  column: string;
  /** What `nextval` would give. */
  next: string;
}

/** Every sequence that numbers a column, by ownership or by the column's default. */
const OWNED_SQL = `
  SELECT DISTINCT n.nspname::text AS schema, s.relname::text AS sequence, t.relname::text AS table, a.attname::text AS column,
         coalesce(q.last_value + q.increment_by, q.start_value)::text AS next
    FROM pg_catalog.pg_class s
    JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
    JOIN pg_catalog.pg_sequences q ON q.schemaname = n.nspname AND q.sequencename = s.relname
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
    JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
   WHERE s.relkind = 'S' AND t.relkind = 'r' AND n.nspname !~ '^pg_'`;

/**
 * @param counts which tables are looked at, by name
 * @returns how many sequences were looked at, and those whose next number a row already has: with such a one no new
 *   row can be made. `last_value` is null for a sequence that was never used.
 */
export async function sequencesBehind(
  session: Session,
  counts: (table: string) => boolean,
): Promise<{ checked: number; behind: string[] }> {
  const owned = (await session.query<Owned>(OWNED_SQL)).filter(({ table }) => counts(table));
  if (owned.length === 0) return { checked: 0, behind: [] };
  const highest = owned.map(({ schema, table, column }, at) =>
    `SELECT ${at} AS at, max(${quoteIdentifier(column)})::text AS highest FROM ${quoteIdentifier(schema)}.${
      quoteIdentifier(table)
    }`
  );
  const rows = await session.query<{ at: number; highest: string | null }>(highest.join(" UNION ALL "));
  const behind = rows.flatMap(({ at, highest }) => {
    const { sequence, table, column, next } = owned[at]!;
    return highest !== null && BigInt(highest) >= BigInt(next)
      ? [`${sequence} gives ${next} next, ${table}.${column} has ${highest}`]
      : [];
  });
  return { checked: owned.length, behind };
}
