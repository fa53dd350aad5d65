/** What a database holds, as a count and a hash per table: the same in the snapshot that was dumped and in what was restored. */

import { quoteIdentifier, quoteLiteral } from "../connection/database.ts";
import type { Ask } from "../connection/session.ts";
import {
  CONTENT_HASH,
  contentAlgorithm,
  FIRST_HASH,
  MOST_SORTED,
  type RecordedHash,
} from "../rows/content_algorithms.ts";
import { TRUSTED_SETTINGS, trusting, underSettings } from "../rows/settings.ts";
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

/** A table that is hashed, and whose columns are counted. */
export interface HashedTable extends TableName {
  columns: readonly ColumnName[];
  /** Schema and name, quoted where PostgreSQL would. */
  quoted: string;
  /** Of its rows on the disk; one of 0 bytes has no row: of a fresh Dolibarr that is most tables. */
  bytes: number;
  /** SQL about the row `"hashed row"`: only those rows count. */
  where?: string;
}

/** SQL that makes a row's text what it is in every hash of a register, until the transaction ends. */
export const contentSettingsSql = (): string =>
  Object.entries(FIRST_HASH.settings).map(([name, value]) => `SET LOCAL ${name} = ${quoteLiteral(value)};`)
    .join(" ");

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

/** SQL for a JSON list of HashedTable; the trusted settings must hold. */
export const HASHED_TABLES_SQL = tablesSql(
  `'schema', n.nspname, 'name', c.relname, 'quoted', pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
   'columns', ${COLUMNS_SQL}, 'bytes', pg_catalog.pg_relation_size(c.oid)`,
);

/** How many tables one statement hashes: few round trips, and progress all the same. */
const TABLES_PER_QUERY = 24;

/** The alias of a table; one that no column has: a column of its name would be hashed instead of the row. */
const ROW = '"hashed row"';

const NO_COUNTS = "NULL::bigint[]";

/** SQL whose one row and column is a JSON list of TableContent, in the order of `tables`; the settings of `hash` must hold. */
export function contentSql(tables: readonly HashedTable[], hash: RecordedHash = CONTENT_HASH): string {
  const { hashSql } = contentAlgorithm(hash);
  return listSql(tables, ({ columns }) => hashSql(columns, ROW), () => NO_COUNTS);
}

/** The same, with what is counted beside. */
function listSql(
  tables: readonly HashedTable[],
  hash: (table: HashedTable) => string,
  filled: (table: HashedTable) => string,
): string {
  const each = tables.map((table, at) =>
    `SELECT ${at} AS at, ${quoteLiteral(table.quoted)} AS "table", pg_catalog.count(*) AS rows, ${
      hash(table)
    } AS hash, ${filled(table)} AS filled FROM ${fromSql(table)}`
  );
  // a parallel plan returns whichever table is ready first, and when there is one depends on the statistics of that moment
  return `SELECT coalesce(json_agg(json_build_object('table', "table", 'rows', rows, 'hash', hash, 'filled', filled) ORDER BY at), '[]'::json)
    FROM (${each.join(" UNION ALL ")}) AS hashed`;
}

const fromSql = ({ schema, name, where }: HashedTable) =>
  `ONLY ${quoteIdentifier(schema)}.${quoteIdentifier(name)} AS ${ROW}${
    where === undefined ? "" : ` WHERE ${where}`
  }`;

/** How content is read. */
interface ReadOptions {
  /** How it was hashed that it is compared with; without it as it is hashed now. */
  hash?: RecordedHash;
  /** Only these tables, by their quoted names: `public.llx_facture`. */
  only?: readonly string[];
  /** Of larger tables the hashes are sorted in parts. */
  mostSorted?: number;
  onProgress?: OnTables;
}

/**
 * Counts and hashes every table, asking through `ask` (a query that returns its one JSON value), in its transaction.
 * @throws DrillError `STORE_NEWER` where this version does not know the algorithm.
 */
export async function readContent(ask: Ask, options: ReadOptions = {}): Promise<TableContent[]> {
  const tables = await hashedTables(ask, options.only);
  const found = await readTables(ask, tables, () => NO_COUNTS, options);
  return found.map(({ content }) => content);
}

/** The same, and in the same statements how many rows every column fills. */
export async function readFilledContent(
  ask: Ask,
  options: Omit<ReadOptions, "only"> = {},
): Promise<{ tables: TableContent[]; filled: FilledTable[] }> {
  const tables = await hashedTables(ask);
  const counts = ({ columns, bytes }: HashedTable) => bytes === 0 ? NO_COUNTS : filledSql(columns, ROW);
  const found = await readTables(ask, tables, counts, options);
  return {
    tables: found.map(({ content }) => content),
    filled: found.map(({ content, table, filled }) => filledOf(content, table.columns, filled)),
  };
}

/** The tables with their columns, in the order of `only` where that is given. */
export async function hashedTables(ask: Ask, only?: readonly string[]): Promise<HashedTable[]> {
  const tables = await trusting(ask, () => ask<HashedTable[]>(HASHED_TABLES_SQL));
  if (!only) return tables;
  const named = new Map(tables.map((table) => [table.quoted, table]));
  return only.flatMap((name) => named.get(name) ?? []);
}

/** Counts and hashes the rows of tables of which a part is left out: columns, or rows by their `where`. */
export async function readParts(ask: Ask, parts: readonly HashedTable[]): Promise<TableContent[]> {
  const found = await readTables(ask, parts, () => NO_COUNTS, {});
  return found.map(({ content }) => content);
}

type OnTables = (done: number, total: number) => void;

/** What one statement returns of a table. */
type Answered = TableContent & { filled: number[] | null };

async function readTables(
  ask: Ask,
  tables: readonly HashedTable[],
  filled: (table: HashedTable) => string,
  { hash = CONTENT_HASH, mostSorted = MOST_SORTED, onProgress }: ReadOptions,
): Promise<{ table: HashedTable; content: TableContent; filled: number[] | null }[]> {
  const { hashSql, largeHashSql } = contentAlgorithm(hash);
  const found: Answered[] = [];
  await hashing(ask, hash, async () => {
    for (let at = 0; at < tables.length; at += TABLES_PER_QUERY) {
      onProgress?.(at, tables.length);
      const some = tables.slice(at, at + TABLES_PER_QUERY);
      const large = largeHashSql ? await largerThan(mostSorted, ask, some) : [];
      const hashOf = (table: HashedTable) =>
        largeHashSql && large.includes(table)
          ? `(${largeHashSql(table.columns, ROW, fromSql(table))})`
          : hashSql(table.columns, ROW);
      found.push(...await ask<Answered[]>(listSql(some, hashOf, filled)));
    }
  });
  onProgress?.(tables.length, tables.length);
  return found.map(({ table, rows, hash, filled }, at) => ({
    table: tables[at]!,
    content: { table, rows: Number(rows), hash },
    filled,
  }));
}

/** A row takes at least so many bytes of a table's file: its head and its place in the page. */
const FEWEST_BYTES = 28;

/** Of `tables` those with more rows; only what is large enough for that is counted. */
async function largerThan(rows: number, ask: Ask, tables: readonly HashedTable[]): Promise<HashedTable[]> {
  const large: HashedTable[] = [];
  for (const table of tables.filter(({ bytes }) => bytes > rows * FEWEST_BYTES)) {
    const counted = await ask<number>(
      `SELECT pg_catalog.to_json(pg_catalog.count(*)) FROM ${fromSql(table)}`,
    );
    if (Number(counted) > rows) large.push(table);
  }
  return large;
}

/** Reads with what `hash` was recorded with, and with text as UTF-8: a server without an encoding has it in none. */
async function hashing(ask: Ask, hash: RecordedHash, read: () => Promise<void>): Promise<void> {
  const { encoding, presorts } = await ask<{ encoding: string; presorts: string | null }>(
    `SELECT pg_catalog.json_build_object('encoding', pg_catalog.current_setting('server_encoding'),
       'presorts', pg_catalog.current_setting('enable_presorted_aggregate', true))`,
  );
  const settings = {
    ...hash.settings,
    quote_all_identifiers: TRUSTED_SETTINGS.quote_all_identifiers!,
    client_encoding: encoding === "SQL_ASCII" ? "SQL_ASCII" : "UTF8",
    work_mem: SORTING_MEMORY,
    ...(presorts === null ? {} : { enable_presorted_aggregate: "off" }), // since 16; it would sort whole rows
  };
  await underSettings(ask, settings, read);
}

/** For the hashes of half a million rows. */
const SORTING_MEMORY = "64MB";
