/** A table's rows in a file of COPY's text format, and the table made like that file again by touching only the rows that differ. */

import { quoteIdentifier, quoteLiteral } from "./database.ts";

/** A table that rows are put back into. */
export interface RowsTable {
  /** Quoted: `public.llx_facture`. */
  table: string;
  schema: string;
  name: string;
  /** Those that are stored by whoever writes: without generated ones. In their order. */
  columns: string[];
  /** Its own triggers that fire, and with which word they are enabled again. */
  triggers: { name: string; enable: "ENABLE" | "ENABLE ALWAYS" }[];
}

/** SQL whose one row and column is a JSON list of RowsTable for `tables` (quoted names). */
export function rowsTablesSql(tables: readonly string[]): string {
  if (tables.length === 0) return "SELECT '[]'::json";
  const names = tables.map((name) => `(${quoteLiteral(name)}, ${quoteLiteral(name)}::regclass)`).join(", ");
  return `SELECT json_agg(json_build_object('table', t.name, 'schema', n.nspname, 'name', c.relname,
      'columns', (SELECT coalesce(json_agg(a.attname ORDER BY a.attnum), '[]'::json) FROM pg_catalog.pg_attribute a
          WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''),
      'triggers', (SELECT coalesce(json_agg(json_build_object('name', g.tgname, 'enable', CASE g.tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END)), '[]'::json)
          FROM pg_catalog.pg_trigger g WHERE g.tgrelid = t.oid AND NOT g.tgisinternal AND g.tgenabled IN ('O', 'A'))))
    FROM (VALUES ${names}) AS t(name, oid) JOIN pg_catalog.pg_class c ON c.oid = t.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`;
}

const list = (columns: readonly string[]) => columns.map(quoteIdentifier).join(", ");
const line = (columns: readonly string[]) => `ROW(${list(columns)})::text COLLATE "C"`;
/** psql's own quoting, in which a quote is doubled and nothing else is special. */
const quotePath = (path: string) => `'${path.replaceAll("'", "''")}'`;

/** A command of psql that writes the rows into `file`; one line, for psql reads it to the line's end. */
export const saveRowsCommand = ({ table, columns }: RowsTable, file: string): string =>
  `\\copy (SELECT ${list(columns)} FROM ONLY ${table}) TO ${quotePath(file)}`.replaceAll("\n", " ");

/** Where the rows of a file are while they are compared. */
const temporary = (at: number) => `pg_temp.dolibarr_drill_saved_${at}`;

/** psql's commands that read `file` into a temporary table, which goes with the transaction. */
export const loadRowsCommand = ({ table, columns }: RowsTable, at: number, file: string): string =>
  `CREATE TEMPORARY TABLE dolibarr_drill_saved_${at} ON COMMIT DROP AS SELECT ${
    list(columns)
  } FROM ONLY ${table} WITH NO DATA;\n\\copy ${temporary(at)} FROM ${quotePath(file)}`;

/** Rows are told apart by all of their text, and equal ones by counting them: no key is needed. */
const numbered = (relation: string, columns: readonly string[], more: string) =>
  `(SELECT ${more}, ${line(columns)} AS "row's text", row_number() OVER (PARTITION BY ${
    line(columns)
  }) AS "row's number" FROM ${relation})`;

const missingIn = (relation: string, columns: readonly string[]) =>
  `NOT EXISTS (SELECT FROM ${numbered(relation, columns, "true")} AS other
     WHERE other."row's text" = one."row's text" AND other."row's number" = one."row's number")`;

/** SQL whose one value is how many rows of the table were deleted: those that are not among the saved ones. */
export const deleteRowsSql = ({ table, columns }: RowsTable, at: number): string => `
  WITH gone AS (DELETE FROM ONLY ${table} WHERE ctid = ANY(ARRAY(
    SELECT one."row's place" FROM ${
  numbered(`ONLY ${table}`, columns, `ctid AS "row's place"`)
} AS one WHERE ${missingIn(temporary(at), columns)})) RETURNING 1)
  SELECT to_json(count(*)) FROM gone`;

/** SQL whose one value is how many of the saved rows were put in: those that the table lacks, once others are deleted. */
export const insertRowsSql = ({ table, columns }: RowsTable, at: number): string => `
  WITH back AS (INSERT INTO ${table} (${list(columns)}) OVERRIDING SYSTEM VALUE
    SELECT ${list(columns)} FROM ${numbered(temporary(at), columns, list(columns))} AS one WHERE ${
  missingIn(`ONLY ${table}`, columns)
} RETURNING 1)
  SELECT to_json(count(*)) FROM back`;

export const stopTriggersSql = ({ table, triggers }: RowsTable): string =>
  triggers.map(({ name }) => `ALTER TABLE ONLY ${table} DISABLE TRIGGER ${quoteIdentifier(name)};`).join(" ");

export const startTriggersSql = ({ table, triggers }: RowsTable): string =>
  triggers.map(({ name, enable }) => `ALTER TABLE ONLY ${table} ${enable} TRIGGER ${quoteIdentifier(name)};`)
    .join(" ");
