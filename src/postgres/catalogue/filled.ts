/** How many rows of each table every column fills, counted by the statement that hashes them (docs/facts.md, "Content hashes"). */

import { quoteIdentifier } from "../connection/database.ts";
import { BASE_TYPE_SQL, type PackedColumn, sentTypeSql } from "../rows/packed_row.ts";

/** How it is told whether a row fills a column: a text that is not empty, a number that is not 0, else what is not NULL. */
type FilledKind = "text" | "number" | "other";

/** A column as the catalogue has it. `type`: as in `numeric(24,8)`. */
export interface ColumnName extends PackedColumn {
  type: string;
  kind: FilledKind;
}

/** What a table holds, and how many of its rows each column fills. */
export interface FilledTable {
  /** Schema and name, as in `TableContent`. */
  table: string;
  rows: number;
  /** Name and type of each column: `total_ttc numeric(24,8)`. */
  columns: string[];
  /** Of each column, in their order: how many rows fill it. */
  filled: number[];
}

/** SQL: the columns of the table `c` as a JSON list of ColumnName; a domain counts as what it is over. */
export const COLUMNS_SQL =
  `(SELECT coalesce(json_agg(json_build_object('name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'sent', ${sentTypeSql("b.oid")}, 'domain', y.typtype = 'd',
      'kind', CASE ${
    sentTypeSql("b.oid")
  } WHEN 'text' THEN 'text' WHEN 'varchar' THEN 'text' WHEN 'bpchar' THEN 'text'
        WHEN 'int2' THEN 'number' WHEN 'int4' THEN 'number' WHEN 'int8' THEN 'number' WHEN 'numeric' THEN 'number'
        WHEN 'float4' THEN 'number' WHEN 'float8' THEN 'number' ELSE 'other' END)
      ORDER BY a.attnum), '[]'::json)
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type y ON y.oid = a.atttypid CROSS JOIN LATERAL (SELECT ${BASE_TYPE_SQL} AS oid) AS b
   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)`;

/** SQL: an array with the counts of these columns of the rows `of`; an array has no limit of 100 arguments. */
export function filledSql(columns: readonly ColumnName[], of: string): string {
  const counts = columns.map(({ name, kind }) => {
    const column = `${of}.${quoteIdentifier(name)}`;
    const filled = kind === "text"
      ? `nullif(${column}, '')`
      : kind === "number"
      ? `nullif(${column}, 0)`
      : column;
    return `pg_catalog.count(${filled})`;
  });
  return `ARRAY[${counts.join(", ")}]::bigint[]`;
}

/** The counts beside the names that they are of; without counts the table is empty. Pure. */
export const filledOf = (
  { table, rows }: { table: string; rows: number },
  columns: readonly ColumnName[],
  filled: readonly number[] | null,
): FilledTable => ({
  table,
  rows,
  columns: columns.map(({ name, type }) => `${name} ${type}`),
  filled: filled?.map(Number) ?? columns.map(() => 0),
});
