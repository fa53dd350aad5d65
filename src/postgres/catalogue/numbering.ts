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
  /** Decimal text: it outgrows a double. */
  increment: string;
  /** Of one of the integer types, whose index finds a number as it is. */
  integer: boolean;
}

/** Every sequence that numbers a column, by ownership, as an identity or by the column's default. */
const OWNED_SQL = `
  SELECT DISTINCT n.nspname::text AS schema, s.relname::text AS sequence, t.relname::text AS table, a.attname::text AS column,
         q.seqincrement::text AS increment,
         a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) AS integer
    FROM pg_catalog.pg_class s
    JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
    JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
    JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
   WHERE s.relkind = 'S' AND t.relkind IN ('r', 'p') AND n.nspname !~ '^pg_'`;

/** So many of the numbers that a sequence gives next must be free. */
export const NUMBERS_AHEAD = 1_000;

interface SequencesFound {
  /** How many sequences were checked. */
  checked: number;
  /** Those that give a number which a row has, with the next or within `NUMBERS_AHEAD`: a new row cannot be made then. */
  taken: string[];
  /** Those that lie before rows which they do not reach within `NUMBERS_AHEAD`: a program gave these rows numbers of its own. */
  far: string[];
}

/**
 * Whether the numbers that sequences give next are free. A sequence need not be after the highest row: Dolibarr's charts of
 * accounts have rows from 100,000,000 on, and their sequence counts from 1.
 *
 * @param counts which tables are checked, by name
 * @param fixedUpTo up to which number the rows of a table are its program's own, and do not count; undefined: none
 */
export async function sequencesBehind(
  session: Session,
  counts: (table: string) => boolean,
  fixedUpTo: (table: string) => number | undefined = () => undefined,
): Promise<SequencesFound> {
  const owned = (await session.query<Owned>(OWNED_SQL)).filter(({ table }) => counts(table));
  if (owned.length === 0) return { checked: 0, taken: [], far: [] };
  const next = await nextNumbers(session, owned);
  const each = owned.map((one, at) => lookedUp(one, at, next[at]!, fixedUpTo(one.table)));
  const rows = await session.query<{ at: number; hit: string | null; farther: string | null }>(
    each.join(" UNION ALL "),
  );
  const found: SequencesFound = { checked: owned.length, taken: [], far: [] };
  for (const { at, hit, farther } of rows) {
    const { sequence, table, column } = owned[at]!;
    const gives = `${sequence} gives ${next[at]} next`;
    if (hit !== null) found.taken.push(`${gives}, ${table}.${column} has ${hit}`);
    else if (farther !== null) {
      found.far.push(`${gives}, the nearest row of ${table}.${column} is ${farther}`);
    }
  }
  return found;
}

/**
 * The number that each gives next. The sequence itself is read: pg_sequences does not show the start of one that was only
 * set, by `setval(..., false)` or `RESTART WITH`, and never used since.
 */
async function nextNumbers(session: Session, owned: readonly Owned[]): Promise<bigint[]> {
  const each = owned.map(({ schema, sequence, increment }, at) =>
    `SELECT ${at} AS at, (last_value::numeric + CASE WHEN is_called THEN ${
      BigInt(increment)
    } ELSE 0 END)::text AS next
       FROM ${quoteIdentifier(schema)}.${quoteIdentifier(sequence)}`
  );
  const rows = await session.query<{ at: number; next: string }>(`${each.join(" UNION ALL ")} ORDER BY at`);
  return rows.map(({ next }) => BigInt(next));
}

/** Looks for the nearest row among the next numbers, and for the nearest one after them. */
function lookedUp(
  { schema, table, column, increment, integer }: Owned,
  at: number,
  next: bigint,
  fixedUpTo: number | undefined,
): string {
  const step = BigInt(increment);
  const last = next + step * BigInt(NUMBERS_AHEAD - 1);
  const [name, order, after] = [quoteIdentifier(column), ...(step > 0n ? ["min", ">"] : ["max", "<"])];
  const value = integer ? name : `${name}::numeric`;
  const own = fixedUpTo === undefined ? "" : ` AND ${value} > ${fixedUpTo}`;
  const rows = `FROM ${quoteIdentifier(schema)}.${quoteIdentifier(table)} WHERE`;
  return `SELECT ${at} AS at,
    (SELECT ${order}(${value})::text ${rows} ${value} BETWEEN ${step > 0n ? next : last} AND ${
    step > 0n ? last : next
  }
       AND (${value} - (${next})) % (${step}) = 0${own}) AS hit,
    (SELECT ${order}(${value})::text ${rows} ${value} ${after} ${last}${own}) AS farther`;
}
