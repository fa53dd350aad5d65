/** What tables hold against what they should hold. Pure. */

import { formatCount, formatNumber } from "../../base/numbers.ts";
import type { TableContent } from "./content.ts";

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
