/** What Dolibarr's lists have in common. */

import type { Erp } from "./browser.ts";
import type { Part } from "./in_page.ts";
import { readVisit, type Visited, type VisitOptions } from "./visit.ts";

/** Which list it is. */
export interface ListKind {
  /** `/compta/facture/list.php` */
  path: string;
  /** Within a row, what bears its reference or its name. */
  label: string;
  /** What is asked for besides: a filter that is not the list's own. */
  query?: Readonly<Record<string, string>>;
}

export interface ListedRow {
  /** The row's `rowid` in the database. */
  id: number;
  /** A reference or a name, as it is shown; empty where the row bears none. */
  label: string;
}

export interface ListPage {
  visited: Visited;
  /** How many rows there are, as the title says it, on all pages of the list. */
  total: number;
  /** How many pages the list has. */
  pages: number;
  /** The rows of this page, from top to bottom. */
  rows: ListedRow[];
}

export interface ListOptions {
  /** Rows on a page. Default 100. */
  limit?: number;
  /** From 0, which is the default. */
  page?: number;
  /** A part of a reference. */
  search?: string;
  /** Default `load`; `text` is enough to read, not for a picture of it. */
  as?: VisitOptions["as"];
}

const TABLE = "table.tagtable.liste";
const ROWS = `${TABLE} tr.oddeven[data-rowid]`;
const TOTAL = ".totalnboflines";
const LAST_PAGE = ".paginationlastpage a";

/** Opens a list. */
export async function openListPage(
  erp: Erp,
  { path, label, query: filter }: ListKind,
  { limit = 100, page = 0, search = "", as }: ListOptions = {},
): Promise<ListPage> {
  const query = new URLSearchParams({ limit: String(limit), page: String(page), ...filter });
  if (search) query.set("search_ref", search);
  const arg = { rows: ROWS, label, total: TOTAL, lastPage: LAST_PAGE };
  const { visited, found } = await readVisit(erp, `${path}?${query}`, {
    ...{ shows: TABLE, as, read: readList, arg },
  });
  const total = wholeNumber(found.total) ?? found.rows.length;
  return { visited, total, pages: Math.max(wholeNumber(found.lastPage) ?? 1, page + 1), rows: found.rows };
}

/** Runs in the browser. */
function readList(root: Part, selectors: Record<"rows" | "label" | "total" | "lastPage", string>) {
  const textOf = (part: Part | null) => part?.textContent?.trim() ?? "";
  return {
    rows: [...root.querySelectorAll(selectors.rows)].map((row) => ({
      id: Number(row.getAttribute("data-rowid")),
      label: textOf(row.querySelector(selectors.label)),
    })),
    total: textOf(root.querySelector(selectors.total)),
    lastPage: textOf(root.querySelector(selectors.lastPage)),
  };
}

/** `(1,014)` is 1014. */
function wholeNumber(text: string): number | undefined {
  const digits = text.replace(/\D/g, "");
  return digits === "" ? undefined : Number(digits);
}
