/** The rows of one table out of a dump, as CSV: what a record was when the set was taken. */

import { dirname } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { writeNewFile } from "../../base/files.ts";
import { type Bytes, type Digest, hashed } from "../../base/streams.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { formatCount } from "../../base/numbers.ts";
import { nearest } from "../../base/nearest.ts";
import { TABLE_PREFIX } from "../../dolibarr/tables/names.ts";
import { listArchive, scriptOf } from "../../postgres/programs/archive.ts";
import { type CopyBlock, csvLine, readCopyBlock } from "../../postgres/programs/copy_text.ts";
import { findPrograms } from "../../postgres/programs/programs.ts";
import type { RestorableSet } from "../../store/sets/restorable_set.ts";
import type { Store } from "../../store/store.ts";
import { refuseOtherBytes } from "../../store/sets/recorded_bytes.ts";
import { checkingBytes, readable, streamOf } from "../dump/bytes.ts";
import { openOutputs, refuseExisting, ROOM } from "./outputs.ts";
import { parseContents, type TocEntry } from "../dump/toc.ts";

/** Which rows: those whose column has this value, as PostgreSQL prints it. */
export interface RowCondition {
  column: string;
  value: string;
}

interface WantedRows {
  /** A table's name; its prefix may be left out, and its schema may stand before it: `facture`, `public.facture`. */
  table: string;
  /** Of each column that is named one must hold; none: every row. */
  where: readonly RowCondition[];
}

/** What was written. */
interface ExtractedRows extends Digest {
  /** The table's name, whole. */
  table: string;
  columns: string[];
  /** Rows that were written, of so many in the table. */
  rows: number;
  of: number;
  /** Whether the dump's bytes are those that were recorded: no hash is of the shell script's sets. */
  proved: boolean;
}

/**
 * Where the rows of `table` are in the dump of `set`.
 * @throws DrillError as `extractRows`, for what can be known before the rows are read.
 */
export async function findRows(
  set: RestorableSet,
  table: string,
  file: string,
  store: Store,
  signal: AbortSignal,
) {
  await refuseExisting(file);
  const programs = await findPrograms(0);
  const dump = readable(store, set.dump);
  const name = `${set.environment}/${set.name}`;
  const listed = await checkingBytes(dump, signal, () => listArchive(streamOf(dump), programs, signal));
  return { dump, programs, entry: findTable(parseContents(listed, dump.key), table, name) };
}

/**
 * Writes rows of one table of `set` to `file` as CSV with a head line, as PostgreSQL's COPY writes it. The dump is read to
 * its end; where it is not what was recorded, no file is left.
 *
 * @param file an absolute path where nothing is yet
 * @throws DrillError `TABLE_UNKNOWN` for a table that the dump does not have, `USAGE` for a column that the table does not
 *   have, `OBJECT_CORRUPT`, `DUMP_UNREADABLE`, `DOCUMENTS_NOT_WRITABLE`, `DISK_FULL`.
 */
export async function extractRows(
  set: RestorableSet,
  { table, where }: WantedRows,
  file: string,
  store: Store,
  { reporter, signal }: { reporter: Reporter; signal: AbortSignal },
): Promise<ExtractedRows> {
  const name = `${set.environment}/${set.name}`;
  const { dump, programs, entry } = await findRows(set, table, file, store, signal);
  using step = reporter.step(`Reading ${table} of ${name}`, "bytes");
  const passing = hashed(dump.open(), (bytes) => step.progress(bytes, dump.bytes));
  const counts = { rows: 0, of: 0 };
  let columns: string[] = [];
  const lines = async function* (): AsyncGenerator<Bytes, void, void> {
    const block = await readCopyBlock(
      scriptOf({ name: dump.key, bytes: passing.stream }, [entry.line], programs, signal),
    );
    if (!block) throw new TypeError(`pg_restore wrote no rows of ${table}`);
    columns = block.columns;
    refuseUnknownColumns(where, block, table, name);
    yield* csvOf(block, where, counts);
  };
  await using outputs = await openOutputs(dirname(file));
  const staged = outputs.staged();
  const write = () => writeNewFile(staged, lines(), { signal, hint: ROOM });
  const written = await checkingBytes(dump, signal, write);
  refuseOtherBytes(dump, passing.digest());
  await outputs.place([{ staged, file }]);
  step.end(formatCount(counts.rows, "row"));
  return { table: entry.name, columns, ...counts, ...written, proved: dump.sha256 !== undefined };
}

/** So much is written at a time. */
const CHUNK = 64 * 1024;

async function* csvOf(
  { columns, rows }: CopyBlock,
  where: readonly RowCondition[],
  counts: { rows: number; of: number },
): AsyncGenerator<Bytes, void, void> {
  const encoder = new TextEncoder();
  const wanted = [...Map.groupBy(where, ({ column }) => columns.indexOf(column))]
    .map(([at, conditions]) => [at, new Set(conditions.map(({ value }) => value))] as const);
  let text = csvLine(columns) + "\n";
  for await (const row of rows) {
    counts.of++;
    if (!wanted.every(([at, values]) => values.has(row[at]!))) continue;
    counts.rows++;
    text += csvLine(row) + "\n";
    if (text.length < CHUNK) continue;
    yield encoder.encode(text);
    text = "";
  }
  yield encoder.encode(text);
}

function findTable(contents: readonly TocEntry[], table: string, set: string): TocEntry {
  const [name, schema] = table.split(".").reverse() as [string, string?];
  const tables = contents.filter(({ kind }) => kind === "TABLE DATA");
  const named = (name: string) =>
    tables.filter((one) => one.name === name && (schema === undefined || one.schema === schema));
  const exact = named(name);
  const found = exact.length > 0 ? exact : named(TABLE_PREFIX + name);
  const [first, second] = found;
  if (first && !second) return first;
  if (second) {
    throw new DrillError(
      "USAGE",
      `Cannot extract ${table}: ${set} has a table of that name in ${
        found.map((one) => one.schema).join(" and ")
      }`,
      `Name the schema too: --table ${first!.schema}.${name}`,
    );
  }
  const near = nearestTable(name, tables.map((one) => one.name));
  throw new DrillError(
    "TABLE_UNKNOWN",
    `Cannot extract ${table}: ${set} has no table of that name`,
    near ? `Did you mean ${near}?` : `It has ${formatCount(tables.length, "table")}.`,
  );
}

/** The prefix is in nearly every name: what it has in common with them makes none of them near. */
function nearestTable(name: string, names: readonly string[]): string | undefined {
  const bare = new Map(names.map((one) => [withoutPrefix(one), one]));
  const near = nearest(withoutPrefix(name), [...bare.keys()]);
  return near === undefined ? undefined : bare.get(near);
}

const withoutPrefix = (name: string): string =>
  name.startsWith(TABLE_PREFIX) ? name.slice(TABLE_PREFIX.length) : name;

function refuseUnknownColumns(
  where: readonly RowCondition[],
  { columns }: CopyBlock,
  table: string,
  set: string,
): void {
  const unknown = where.find(({ column }) => !columns.includes(column));
  if (!unknown) return;
  const near = nearest(unknown.column, columns);
  throw new DrillError(
    "USAGE",
    `Cannot choose rows by ${unknown.column}: ${table} of ${set} has no such column`,
    near ? `Did you mean ${near}?` : `Its columns: ${columns.join(", ")}`,
  );
}
