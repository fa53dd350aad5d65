/** The rows of each table as a file of its own, so that a reset reads only those of tables that differ. */

import { join } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { type Bytes, hashed, readFile } from "../../base/streams.ts";
import { formatCount } from "../../base/numbers.ts";
import type { Database } from "../../postgres/connection/database.ts";
import { contentSettingsSql, type TableContent } from "../../postgres/catalogue/content.ts";
import type { Programs } from "../../postgres/programs/programs.ts";
import { startPsql } from "../../postgres/programs/psql.ts";
import { type RowsTable, rowsTablesSql, saveRowsCommand } from "../../postgres/rows/saved_rows.ts";
import type { SavedCopy } from "./saved_database.ts";

/**
 * Writes the rows of each of `tables` that has some into `folder`, as of `snapshot`.
 * @throws DrillError `CONTENT_DIFFERS` where a file has fewer rows than were counted.
 */
export async function copyRows(
  tables: readonly TableContent[],
  snapshot: { id: string },
  folder: string,
  database: Database,
  programs: Programs,
  signal: AbortSignal,
): Promise<SavedCopy[]> {
  const filled = tables.filter(({ rows }) => rows > 0);
  await Deno.mkdir(join(folder, "tables"), { mode: 0o700 });
  await using psql = await startPsql(database, programs, signal);
  await psql.run("ROLLBACK"); // its first query began a transaction
  await psql.run(
    `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '${snapshot.id}'`,
  );
  await psql.run(contentSettingsSql());
  const found = await psql.ask<RowsTable[]>(rowsTablesSql(filled.map(({ table }) => table)));
  const named = found.filter(({ columns }) => columns.length > 0).map((one, at) => ({
    ...one,
    file: `tables/${String(at).padStart(4, "0")}.copy`,
  }));
  await psql.run(named.map((one) => saveRowsCommand(one, join(folder, one.file))).join("\n"));
  const rows = new Map(filled.map((one) => [one.table, one.rows]));
  const copies: SavedCopy[] = [];
  for (const { table, file } of named) {
    const counted = countLines(readFile(join(folder, file)));
    const passing = hashed(counted.stream);
    for await (const _ of passing.stream) { /* hashed and counted as it passes */ }
    if (counted.lines() !== rows.get(table)) throw incomplete(table, counted.lines(), rows.get(table) ?? 0);
    copies.push({ table, file, ...passing.digest() });
  }
  return copies;
}

/** In COPY's text format a row is one line. */
function countLines(source: AsyncIterable<Bytes>) {
  let lines = 0;
  return {
    stream: (async function* (): AsyncGenerator<Bytes, void, void> {
      for await (const chunk of source) {
        for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
        yield chunk;
      }
    })(),
    lines: () => lines,
  };
}

const incomplete = (table: string, found: number, rows: number) =>
  new DrillError(
    "CONTENT_DIFFERS",
    `Cannot save ${table}: ${found} of its ${formatCount(rows, "row")} were written`,
    "No checkpoint was made. Check the disk beside the documents, and run this again.",
  );
