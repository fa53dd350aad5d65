/** What a database holds, as a count and a hash per table: the same in the snapshot that was dumped and in what was restored. */

import { quoteIdentifier, quoteLiteral } from "../connection/database.ts";
import type { Ask } from "../connection/session.ts";
import { formatCount, formatNumber } from "../../base/numbers.ts";
import { type ColumnName, COLUMNS_SQL, filledOf, filledSql, type FilledTable } from "./filled.ts";

/** A table's name, and what it holds. */
export interface TableContent {
  /** Schema and name, quoted where PostgreSQL would: `public.llx_facture`. */
  table: string;
  rows: number;
  hash: string;
}

/** A table as the catalogue has it. */
export interface TableName {
  schema: string;
  name: string;
}

/** A table whose columns are counted. `empty`: it has no page, and so no row; of a fresh Dolibarr that is most tables. */
type CountedTable = TableName & { columns: readonly ColumnName[]; empty: boolean };

/**
 * `hashtextextended` of each row's text, summed: it does not depend on the order of rows, and sees every change
 * of any column, a delete with an insert, a table without `tms` (docs/facts.md, "Content hashes").
 */
export const CONTENT_ALGORITHM = "sum(hashtextextended(row::text,0))";

/** What a row's text depends on; set in the transaction that hashes. */
export const CONTENT_SETTINGS: Record<string, string> = {
  DateStyle: "ISO, YMD",
  IntervalStyle: "postgres",
  TimeZone: "UTC",
  extra_float_digits: "1",
  bytea_output: "hex",
  lc_monetary: "C",
  xmloption: "content",
};

/** SQL that sets them until the transaction ends. */
export const contentSettingsSql = (): string =>
  Object.entries(CONTENT_SETTINGS).map(([name, value]) => `SET LOCAL ${name} = ${quoteLiteral(value)};`).join(
    " ",
  );

/** SQL whose one row and column is a JSON list of those fields of every table that is not the server's own or an extension's. */
const tablesSql = (fields: string) =>
  `SELECT coalesce(json_agg(json_build_object(${fields})
    ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"), '[]'::json)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND c.relpersistence <> 't'
   AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`;

/** SQL for a JSON list of `{schema, name}`. */
export const TABLES_SQL = tablesSql("'schema', n.nspname, 'name', c.relname");

/** SQL for a JSON list of CountedTable. */
export const COUNTED_TABLES_SQL = tablesSql(
  `'schema', n.nspname, 'name', c.relname, 'columns', ${COLUMNS_SQL}, 'empty', pg_catalog.pg_relation_size(c.oid) = 0`,
);

/** How many tables one statement hashes: few round trips, and progress all the same. */
const TABLES_PER_QUERY = 24;

/** SQL whose one row and column is a JSON list of TableContent, in the order of `tables`. */
export const contentSql = (tables: readonly TableName[]): string =>
  tablesContentSql(tables, () => "NULL::bigint[]");

/** The same, and of each table also `filled`, how many rows each of its columns fills. */
const filledContentSql = (tables: readonly CountedTable[]): string =>
  tablesContentSql(
    tables,
    ({ columns, empty }) => empty ? "NULL::bigint[]" : filledSql(columns, '"hashed row"'),
  );

function tablesContentSql<Table extends TableName>(
  tables: readonly Table[],
  filled: (table: Table) => string,
): string {
  const each = tables.map((table, at) => {
    const { schema, name } = table;
    // the alias is one that no column has: a column of its name would be hashed instead of the row
    return `SELECT ${at} AS at, quote_ident(${quoteLiteral(schema)}) || '.' || quote_ident(${
      quoteLiteral(name)
    }) AS "table", pg_catalog.count(*) AS rows,
      coalesce(pg_catalog.sum(pg_catalog.hashtextextended("hashed row"::text, 0)), 0)::text AS hash,
      ${filled(table)} AS filled
      FROM ONLY ${quoteIdentifier(schema)}.${quoteIdentifier(name)} AS "hashed row"`;
  });
  // a parallel plan returns whichever table is ready first, and when there is one depends on the statistics of that moment
  return `SELECT coalesce(json_agg(json_build_object('table', "table", 'rows', rows, 'hash', hash, 'filled', filled) ORDER BY at), '[]'::json)
    FROM (${each.join(" UNION ALL ")}) AS hashed`;
}

/**
 * Counts and hashes every table, asking through `ask` (a query that returns its one JSON value).
 * The content settings must hold in that transaction.
 */
export async function readContent(ask: Ask, onProgress?: OnTables): Promise<TableContent[]> {
  const found = await readTables(ask, await ask<TableName[]>(TABLES_SQL), contentSql, onProgress);
  return found.map(({ content }) => content);
}

/** The same, and in the same statements how many rows every column fills. */
export async function readFilledContent(
  ask: Ask,
  onProgress?: OnTables,
): Promise<{ tables: TableContent[]; filled: FilledTable[] }> {
  const tables = await ask<CountedTable[]>(COUNTED_TABLES_SQL);
  const found = await readTables(ask, tables, filledContentSql, onProgress);
  return {
    tables: found.map(({ content }) => content),
    filled: found.map(({ content, table, filled }) => filledOf(content, table.columns, filled)),
  };
}

type OnTables = (done: number, total: number) => void;

async function readTables<Table extends TableName>(
  ask: Ask,
  tables: readonly Table[],
  sqlOf: (tables: readonly Table[]) => string,
  onProgress?: OnTables,
): Promise<{ table: Table; content: TableContent; filled: number[] | null }[]> {
  const found: (TableContent & { filled: number[] | null })[] = [];
  for (let at = 0; at < tables.length; at += TABLES_PER_QUERY) {
    onProgress?.(at, tables.length);
    found.push(
      ...await ask<(TableContent & { filled: number[] | null })[]>(
        sqlOf(tables.slice(at, at + TABLES_PER_QUERY)),
      ),
    );
  }
  onProgress?.(tables.length, tables.length);
  return found.map(({ table, rows, hash, filled }, at) => ({
    table: tables[at]!,
    content: { table, rows: Number(rows), hash },
    filled,
  }));
}

/** What a table should hold; without a hash only its rows are known. */
export type ExpectedTable = Omit<TableContent, "hash"> & { hash?: string };

/** One table that differs. */
interface TableDifference {
  table: string;
  /** One sentence with both sides: "41 rows of 42". */
  what: string;
}

/** Compares what was found with what was expected, table by table. Pure; an empty list is equality. */
export function compareContent(
  expected: readonly ExpectedTable[],
  found: readonly TableContent[],
): TableDifference[] {
  const there = new Map(found.map((table) => [table.table, table]));
  const wanted = new Set(expected.map(({ table }) => table));
  const differences: TableDifference[] = [];
  for (const { table, rows, hash } of expected) {
    const other = there.get(table);
    if (!other) {
      differences.push({ table, what: `missing; the backup has it with ${formatCount(rows, "row")}` });
    } else if (other.rows !== rows) {
      differences.push({
        table,
        what: `${formatCount(other.rows, "row")}, the backup has ${formatNumber(rows)}`,
      });
    } else if (hash !== undefined && other.hash !== hash) {
      differences.push({ table, what: `${formatCount(rows, "row")}, but their content differs` });
    }
  }
  for (const { table, rows } of found) {
    if (!wanted.has(table)) {
      differences.push({ table, what: `not in the backup; found with ${formatCount(rows, "row")}` });
    }
  }
  return differences;
}
