/** What Dolibarr's lists have in common. */

import type { Erp } from "./browser.ts";
import { visit, type Visited, type VisitOptions } from "./visit.ts";

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
  /** Default `load`; `domcontentloaded` is enough to read, not for a picture of it. */
  waitUntil?: VisitOptions["waitUntil"];
}

const TABLE = "table.tagtable.liste";
const ROWS = `${TABLE} tr.oddeven[data-rowid]`;

/** Opens a list. */
export async function openListPage(
  erp: Erp,
  { path, label, query: filter }: ListKind,
  { limit = 100, page = 0, search = "", waitUntil }: ListOptions = {},
): Promise<ListPage> {
  const query = new URLSearchParams({ limit: String(limit), page: String(page), ...filter });
  if (search) query.set("search_ref", search);
  const visited = await visit(erp, `${path}?${query}`, { shows: TABLE, waitUntil });
  const rows = await erp.page.locator(ROWS).evaluateAll(
    (rows, label) =>
      rows.map((row) => ({
        id: Number(row.getAttribute("data-rowid")),
        label: row.querySelector(label)?.textContent?.trim() ?? "",
      })),
    label,
  );
  const total = await numberIn(erp, ".totalnboflines");
  const pages = await numberIn(erp, ".paginationlastpage a");
  return { visited, total: total ?? rows.length, pages: Math.max(pages ?? 1, page + 1), rows };
}

/** The whole number in the first element, `(1,014)` is 1014. */
async function numberIn(erp: Erp, selector: string): Promise<number | undefined> {
  const element = erp.page.locator(selector).first();
  if (await element.count() === 0) return undefined;
  const digits = (await element.textContent() ?? "").replace(/\D/g, "");
  return digits === "" ? undefined : Number(digits);
}
