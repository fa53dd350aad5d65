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
  valid: boolean;
}

interface KeysFound {
  checked: number;
  /** `llx_facturedet.fk_facture: 2 rows name a row of llx_facture that is not there` */
  broken: string[];
  /** Keys that the dump itself adds as NOT VALID: PostgreSQL never compared their rows, here they were. */
  notValid: string[];
}

const KEYS_SQL = `
  SELECT k.conname::text AS name, n.nspname::text AS schema, t.relname::text AS table, o.nspname::text AS "otherSchema", r.relname::text AS other,
         k.convalidated AS valid,
         (SELECT json_agg(a.attname ORDER BY u.at) FROM unnest(k.conkey) WITH ORDINALITY AS u (num, at)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num) AS columns,
         (SELECT json_agg(a.attname ORDER BY u.at) FROM unnest(k.confkey) WITH ORDINALITY AS u (num, at)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num) AS "otherColumns"
    FROM pg_catalog.pg_constraint k
    JOIN pg_catalog.pg_class t ON t.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
    JOIN pg_catalog.pg_class r ON r.oid = k.confrelid JOIN pg_catalog.pg_namespace o ON o.oid = r.relnamespace
   WHERE k.contype = 'f' AND k.conparentid = 0 AND n.nspname !~ '^pg_'
   ORDER BY n.nspname, t.relname, k.conname`;

/** Looks for rows that name a row which is not there, of every foreign key in one statement. A key with an empty column names none. */
export async function compareForeignKeys(session: Session): Promise<KeysFound> {
  const keys = await session.query<Key>(KEYS_SQL);
  const notValid = keys.filter(({ valid }) => !valid).map(({ table, name }) => `${table}: ${name}`);
  if (keys.length === 0) return { checked: 0, broken: [], notValid };
  const rows = await session.query<{ at: number; lost: string }>(
    `SELECT * FROM (${keys.map(lostSql).join(" UNION ALL ")}) AS each WHERE lost > 0 ORDER BY at`,
  );
  return {
    checked: keys.length,
    notValid,
    broken: rows.map(({ at, lost }) => {
      const { table, columns, other } = keys[at]!;
      return `${table}.${columns.join(", ")}: ${lost} ${
        Number(lost) === 1 ? "row names" : "rows name"
      } a row of ${other} that is not there`;
    }),
  };
}

function lostSql(key: Key, at: number): string {
  const name = (schema: string, table: string) => `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
  const set = key.columns.map((column) => `c.${quoteIdentifier(column)} IS NOT NULL`).join(" AND ");
  const same = key.columns.map((column, index) =>
    `p.${quoteIdentifier(key.otherColumns[index]!)} = c.${quoteIdentifier(column)}`
  ).join(" AND ");
  return `SELECT ${Number(at)}::integer AS at, count(*) AS lost FROM ${
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
