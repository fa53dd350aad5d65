/** A table's rows in a file of COPY's text format, and SQL that makes the table equal to it by changing only rows that differ. */

import { quoteIdentifier, quoteLiteral } from "../connection/database.ts";

/** A table that rows are put back into. */
export interface RowsTable {
  /** Quoted: `public.llx_facture`. */
  table: string;
  schema: string;
  name: string;
  /** Without generated ones, in their order. */
  columns: string[];
  /** Its own triggers that fire, and with which word they are enabled again. */
  triggers: { name: string; enable: "ENABLE" | "ENABLE ALWAYS" }[];
}

/** SQL whose one row and column is a JSON list of RowsTable for `tables` (quoted names), in their order. */
export function rowsTablesSql(tables: readonly string[]): string {
  if (tables.length === 0) return "SELECT '[]'::json";
  const names = tables.map((name, at) => `(${at}, ${quoteLiteral(name)}, ${quoteLiteral(name)}::regclass)`)
    .join(", ");
  return `SELECT json_agg(json_build_object('table', t.name, 'schema', n.nspname, 'name', c.relname,
      'columns', (SELECT coalesce(json_agg(a.attname ORDER BY a.attnum), '[]'::json) FROM pg_catalog.pg_attribute a
          WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''),
      'triggers', (SELECT coalesce(json_agg(json_build_object('name', g.tgname, 'enable', CASE g.tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END) ORDER BY g.tgname), '[]'::json)
          FROM pg_catalog.pg_trigger g WHERE g.tgrelid = t.oid AND NOT g.tgisinternal AND g.tgenabled IN ('O', 'A'))) ORDER BY t.at)
    FROM (VALUES ${names}) AS t(at, name, oid) JOIN pg_catalog.pg_class c ON c.oid = t.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`;
}

const list = (columns: readonly string[]) => columns.map(quoteIdentifier).join(", ");
/** psql's own quoting, in which a quote is doubled and nothing else is special. */
const quotePath = (path: string) => `'${path.replaceAll("'", "''")}'`;

/** A command of psql that writes the rows into `file`; in one line, as psql reads it. */
export const saveRowsCommand = ({ table, columns }: RowsTable, file: string): string =>
  `\\copy (SELECT ${list(columns)} FROM ONLY ${table}) TO ${quotePath(file)}`.replaceAll("\n", " ");

/** Where the rows of a file are while they are compared. */
const temporary = (at: number) => `pg_temp.dolibarr_drill_saved_${at}`;

/** psql's commands that read `file` into a temporary table, which goes with the transaction. */
export const loadRowsCommand = ({ table, columns }: RowsTable, at: number, file: string): string =>
  `CREATE TEMPORARY TABLE dolibarr_drill_saved_${at} ON COMMIT DROP AS SELECT ${
    list(columns)
  } FROM ONLY ${table} WITH NO DATA;\n\\copy ${temporary(at)} FROM ${quotePath(file)}`;

/** Rows are compared by the hash of their whole text, as in content.ts, and equal ones are counted: no key is needed. */
const hash = (columns: readonly string[]) => `pg_catalog.hashtextextended(ROW(${list(columns)})::text, 0)`;
const surplus = (at: number) => `pg_temp.dolibarr_drill_surplus_${at}`;

/** SQL that finds which rows the table has too often, and which too seldom, against those of `loadRowsCommand`. */
export const compareRowsSql = ({ table, columns }: RowsTable, at: number): string => `
  CREATE TEMPORARY TABLE dolibarr_drill_surplus_${at} ON COMMIT DROP AS
    SELECT hash, sum(times) AS times FROM (
      SELECT ${hash(columns)} AS hash, 1 AS times FROM ONLY ${table}
      UNION ALL SELECT ${hash(columns)}, -1 FROM ${
  temporary(at)
}) AS each GROUP BY hash HAVING sum(times) <> 0`;

/** SQL whose one value is how many rows are to be taken out and put in, in all of the first `tables` together. */
export const countDifferentSql = (tables: number): string =>
  `SELECT to_json(coalesce(sum(abs(times)), 0)) FROM (${
    Array.from({ length: tables }, (_, at) => `SELECT times FROM ${surplus(at)}`).join(" UNION ALL ")
  }) AS each`;

/** Of the rows of `relation` whose hash `condition` names, as many as it says. */
const chosen = (relation: string, columns: readonly string[], more: string, at: number, sign: "" | "-") =>
  `(SELECT ${more}, ${hash(columns)} AS "row's hash", row_number() OVER (PARTITION BY ${
    hash(columns)
  }) AS "row's number" FROM ${relation}
     WHERE ${hash(columns)} IN (SELECT other.hash FROM ${
    surplus(at)
  } AS other WHERE ${sign}other.times > 0)) AS one
   JOIN ${
    surplus(at)
  } AS other ON other.hash = one."row's hash" AND one."row's number" <= ${sign}other.times`;

/** SQL whose one value is how many rows of the table were deleted: those that it had too often. */
export const deleteRowsSql = ({ table, columns }: RowsTable, at: number): string => `
  WITH gone AS (DELETE FROM ONLY ${table} WHERE ctid = ANY(ARRAY(
    SELECT one."row's place" FROM ${
  chosen(`ONLY ${table}`, columns, `ctid AS "row's place"`, at, "")
})) RETURNING 1)
  SELECT to_json(count(*)) FROM gone`;

/** SQL whose one value is how many of the saved rows were put in: those that the table had too seldom. */
export const insertRowsSql = ({ table, columns }: RowsTable, at: number): string => `
  WITH back AS (INSERT INTO ${table} (${list(columns)}) OVERRIDING SYSTEM VALUE
    SELECT ${columns.map((column) => `one.${quoteIdentifier(column)}`).join(", ")} FROM ${
  chosen(temporary(at), columns, list(columns), at, "-")
} RETURNING 1)
  SELECT to_json(count(*)) FROM back`;

export const stopTriggersSql = ({ table, triggers }: RowsTable): string =>
  triggers.map(({ name }) => `ALTER TABLE ONLY ${table} DISABLE TRIGGER ${quoteIdentifier(name)};`).join(" ");

export const startTriggersSql = ({ table, triggers }: RowsTable): string =>
  triggers.map(({ name, enable }) => `ALTER TABLE ONLY ${table} ${enable} TRIGGER ${quoteIdentifier(name)};`)
    .join(" ");

/**
 * A foreign key that acts or complains while rows are put back one table after the other, and is taken off meanwhile. Of a
 * partitioned table it is the table's own.
 */
export interface HardKey {
  name: string;
  /** The table that refers, quoted. */
  table: string;
  /** The table that is referred to. */
  refersTo: string;
  /** `FOREIGN KEY (fk_soc) REFERENCES public.llx_societe(rowid) ON DELETE CASCADE`, also with `NOT VALID`. */
  definition: string;
  comment: string | null;
}

/**
 * SQL whose one row and column is a JSON list of HardKey: those of `touched` (quoted names) that cannot be deferred, and
 * those by which a row that is deleted there changes rows elsewhere. What a key does on deletion is never deferred, whatever
 * it is declared as (PostgreSQL's manual, CREATE TABLE).
 */
export function hardKeysSql(touched: readonly string[]): string {
  const names = touched.map((name) => `${quoteLiteral(name)}::regclass`).join(", ");
  return `WITH RECURSIVE touched AS MATERIALIZED (SELECT unnest(ARRAY[${names}]::regclass[])::oid),
    hit AS (SELECT k.oid, k.conparentid FROM pg_catalog.pg_constraint k WHERE k.contype = 'f'
        AND (NOT k.condeferrable AND (k.conrelid IN (TABLE touched) OR k.confrelid IN (TABLE touched))
          OR k.confdeltype <> 'a' AND k.confrelid IN (TABLE touched))
      UNION SELECT k.oid, k.conparentid FROM hit JOIN pg_catalog.pg_constraint k ON k.oid = hit.conparentid)
  SELECT coalesce(json_agg(json_build_object('name', quote_ident(k.conname), 'table', k.conrelid::regclass::text,
      'refersTo', k.confrelid::regclass::text, 'definition', pg_catalog.pg_get_constraintdef(k.oid), 'comment', obj_description(k.oid, 'pg_constraint'))
      ORDER BY k.conrelid, k.conname), '[]'::json)
    FROM hit JOIN pg_catalog.pg_constraint k USING (oid) WHERE k.conparentid = 0`;
}

export const takeOffSql = ({ name, table }: HardKey): string =>
  `ALTER TABLE ${table} DROP CONSTRAINT ${name}`;

/** The server checks every row of the table again, unless the key never was valid. */
export const putOnSql = ({ name, table, definition, comment }: HardKey): string =>
  `ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}${
    comment === null ? "" : `; COMMENT ON CONSTRAINT ${name} ON ${table} IS ${quoteLiteral(comment)}`
  }`;
