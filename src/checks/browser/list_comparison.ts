/** A list of the ERP's against the rows that the database has. Pure. */

import { type ListRow, matchesListLabel } from "../../dolibarr/books/list_rows.ts";
import type { ListPage } from "../../dolibarr/pages/list_pages.ts";
import type { Outcome } from "../check.ts";
import { formatCount } from "../../base/numbers.ts";

/** So many rows are compared one by one: the first page of the list. */
export const FIRST_PAGE = 25;

export type Shown = Pick<ListPage, "total" | "rows">;

/**
 * Whether a list shows all of `expected`: the number that it tells, and each row of its first page.
 * @param all more of the list's rows, where they are known, so that what is missing can be named
 */
export function compareList(
  expected: readonly ListRow[],
  { total, rows }: Shown,
  what: string,
  all: Shown["rows"] = rows,
): Outcome {
  const compared = {
    expected: expected.length,
    found: total,
    with: `${what} of the database against the number that the list tells, and its first page row by row`,
  };
  const known = new Map(expected.map((row) => [row.id, row]));
  const strange = rows.find(({ id, label }) => !known.has(id) || !matchesListLabel(known.get(id)!, label));
  if (strange) {
    const { label } = known.get(strange.id) ?? { label: "no such row" };
    const message = `the list shows ${strange.label || "an empty row"}, the database has ${label}`;
    return { equal: false, compared: { ...compared, expected: label, found: strange.label }, message };
  }
  if (total !== expected.length) {
    const message = `the list tells ${total}, expected ${expected.length}${
      missingFrom(expected, total, all)
    }`;
    return { equal: false, compared, message };
  }
  const due = Math.min(FIRST_PAGE, expected.length);
  const there = new Set(rows.map(({ id }) => id)).size;
  if (there !== due || rows.length !== due) {
    const message = `the first page of the list has ${
      formatCount(there, "row")
    }, each counted once, expected ${due}`;
    return { equal: false, compared: { ...compared, expected: due, found: there }, message };
  }
  return { equal: true, compared };
}

/** `: FA2609-0046 is not in it`, where all that the list has is known. */
function missingFrom(expected: readonly ListRow[], total: number, all: Shown["rows"]): string {
  if (all.length < total) return "";
  const there = new Set(all.map(({ id }) => id));
  const [first, ...more] = expected.filter(({ id }) => !there.has(id));
  if (!first) return "";
  return `: ${first.label} ${more.length > 0 ? `and ${more.length} more are` : "is"} not in it`;
}
