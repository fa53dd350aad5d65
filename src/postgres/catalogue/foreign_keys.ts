/** Whether foreign keys hold: compared row by row, whatever the catalogue says of them. */

import { quoteIdentifier, quoteLiteral } from "../connection/database.ts";
import type { Session } from "../connection/session.ts";

interface Key extends Record<string, unknown> {
  name: string;
  schema: string;
  table: string;
  columns: string[];
  otherSchema: string;
  other: string;
  otherColumns: string[];
  /** The columns of the table's primary key, none where it has none. */
  primary: string[];
  valid: boolean;
}

/** A row that names a row which is not there. */
export interface LostParent {
  /** With its schema where that is not `public`. */
  table: string;
  /** The values of its primary key; of a table without one a hash of the row. */
  row: string;
  /** The columns that name the other row, and their values. */
  columns: string;
  values: string;
  other: string;
}

interface KeysFound {
  checked: number;
  /** How many of the keys have such rows, and how many rows that are in all. */
  brokenKeys: number;
  total: number;
  /** By their tables, keys and rows. */
  lost: LostParent[];
  /** Keys that the dump itself adds as NOT VALID: PostgreSQL never compared their rows, here they were. */
  notValid: string[];
}

const KEYS_SQL = `
  SELECT k.conname::text AS name, n.nspname::text AS schema, t.relname::text AS table, o.nspname::text AS "otherSchema", r.relname::text AS other,
         k.convalidated AS valid,
         coalesce((SELECT json_agg(a.attname ORDER BY u.at) FROM pg_catalog.pg_constraint p
            CROSS JOIN unnest(p.conkey) WITH ORDINALITY AS u (num, at)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = p.conrelid AND a.attnum = u.num
           WHERE p.conrelid = k.conrelid AND p.contype = 'p'), '[]'::json) AS "primary",
         (SELECT json_agg(a.attname ORDER BY u.at) FROM unnest(k.conkey) WITH ORDINALITY AS u (num, at)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num) AS columns,
         (SELECT json_agg(a.attname ORDER BY u.at) FROM unnest(k.confkey) WITH ORDINALITY AS u (num, at)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num) AS "otherColumns"
    FROM pg_catalog.pg_constraint k
    JOIN pg_catalog.pg_class t ON t.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
    JOIN pg_catalog.pg_class r ON r.oid = k.confrelid JOIN pg_catalog.pg_namespace o ON o.oid = r.relnamespace
   WHERE k.contype = 'f' AND k.conparentid = 0 AND n.nspname !~ '^pg_'
   ORDER BY n.nspname, t.relname, k.conname`;

/**
 * Looks for rows that name a row which is not there, of every foreign key in one statement. A key with an empty column names
 * none; of two keys over the same columns one is compared.
 *
 * @param atMost how many rows are listed
 */
export async function compareForeignKeys(session: Session, atMost: number): Promise<KeysFound> {
  const all = await session.query<Key>(KEYS_SQL);
  const notValid = all.filter(({ valid }) => !valid).map(({ table, name }) => `${table}: ${name}`);
  const keys = [...new Map(all.map((key) => [whatItSays(key), key])).values()];
  if (keys.length === 0) return { checked: 0, brokenKeys: 0, total: 0, lost: [], notValid };
  const rows = await session.query<{ at: number; row: string; values: string; total: number; keys: number }>(
    `WITH lost AS (${keys.map(lostSql).join(" UNION ALL ")})
     SELECT at, id AS row, names AS values, (SELECT count(*) FROM lost)::integer AS total,
            (SELECT count(DISTINCT at) FROM lost)::integer AS keys
       FROM lost ORDER BY at, id COLLATE "C", names COLLATE "C" LIMIT ${Number(atMost)}`,
  );
  return {
    checked: all.length,
    brokenKeys: rows[0]?.keys ?? 0,
    total: rows[0]?.total ?? 0,
    notValid,
    lost: rows.map(({ at, row, values }) => {
      const key = keys[at]!;
      return {
        table: shownName(key.schema, key.table),
        ...{ row, columns: key.columns.join(", "), values },
        other: shownName(key.otherSchema, key.other),
      };
    }),
  };
}

const whatItSays = ({ schema, table, columns, otherSchema, other, otherColumns }: Key): string =>
  JSON.stringify([schema, table, columns, otherSchema, other, otherColumns]);

const shownName = (schema: string, table: string): string =>
  schema === "public" ? table : `${schema}.${table}`;

function lostSql(key: Key, at: number): string {
  const name = (schema: string, table: string) => `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
  const listed = (columns: readonly string[]) =>
    `concat_ws(', ', ${columns.map((column) => `c.${quoteIdentifier(column)}::text`).join(", ")})`;
  const set = key.columns.map((column) => `c.${quoteIdentifier(column)} IS NOT NULL`).join(" AND ");
  const same = key.columns.map((column, index) =>
    `p.${quoteIdentifier(key.otherColumns[index]!)} = c.${quoteIdentifier(column)}`
  ).join(" AND ");
  const row = key.primary.length > 0 ? listed(key.primary) : "md5(c::text)";
  return `SELECT ${Number(at)}::integer AS at, ${row} AS id, ${listed(key.columns)} AS names FROM ${
    name(key.schema, key.table)
  } c WHERE ${set}
    AND NOT EXISTS (SELECT FROM ${name(key.otherSchema, key.other)} p WHERE ${same})`;
}

/** SQL that makes one row of `table` name no row of `other`, by a key that PostgreSQL does not compare. For twins. */
export async function loseParent(session: Session, table: string, other: string): Promise<void> {
  const [key] = await session.query<{ name: string; column: string; definition: string }>(
    `SELECT conname::text AS name, attname::text AS column, pg_get_constraintdef(k.oid) AS definition
       FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_attribute a ON attrelid = conrelid AND attnum = conkey[1]
      WHERE contype = 'f' AND conrelid = ${quoteLiteral(table)}::regclass AND confrelid = ${
      quoteLiteral(other)
    }::regclass LIMIT 1`,
  );
  if (!key) throw new TypeError(`${table} has no foreign key to ${other}`);
  const [name, column] = [quoteIdentifier(key.name), quoteIdentifier(key.column)];
  await session.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
  await session.query(`UPDATE ${table} SET ${column} = -1 WHERE ctid = (SELECT min(ctid) FROM ${table})`);
  await session.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${key.definition} NOT VALID`);
}
