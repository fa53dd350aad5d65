/** What Dolibarr's lists have in common. */

import { DrillError } from "../../base/errors.ts";
import type { Erp } from "./visit/browser.ts";
import type { PagePart } from "./visit/in_page.ts";
import { visitAndRead, type Visited, type VisitOptions } from "./visit/visit.ts";

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

export interface ListPageOptions {
  /** Rows on a page. Default 100. */
  limit?: number;
  /** From 0, which is the default. */
  page?: number;
  /** A part of a reference. */
  search?: string;
  /** Default `load`; `text` is enough to read, not for a picture of it. */
  as?: VisitOptions["as"];
}

/** Rows on a page while a list is counted, and as many pages at most. */
const COUNTED_AT_ONCE = 1000;
const MOST_PAGES = 100;

const TABLE = "table.tagtable.liste";
const ROWS = `${TABLE} tr.oddeven[data-rowid]`;
const TOTAL = ".totalnboflines";
const LAST_PAGE = ".paginationlastpage a";

/** Opens a list. */
export async function openListPage(
  erp: Erp,
  { path, label, query: filter }: ListKind,
  { limit = 100, page = 0, search = "", as }: ListPageOptions = {},
): Promise<ListPage> {
  const arg = { rows: ROWS, label, total: TOTAL, lastPage: LAST_PAGE };
  const open = (limit: number, page: number, as: ListPageOptions["as"]) => {
    // a user's or the company's own default filters would show a part of the list
    const asked = { limit: String(limit), page: String(page), disabledefaultvalues: "1" };
    const query = new URLSearchParams({ ...asked, ...filter, ...(search ? { search_ref: search } : {}) });
    return visitAndRead(erp, `${path}?${query}`, { shows: TABLE, as, read: readList, arg });
  };
  const { visited, found } = await open(limit, page, as);
  const pages = Math.max(wholeNumber(found.lastPage) ?? 1, page + 1);
  const total = wholeNumber(found.total) ??
    (found.rows.length < limit ? page * limit + found.rows.length : await countRows());
  return { visited, total, pages, rows: found.rows };

  /** Where the list tells no number (MAIN_DISABLE_FULL_SCANLIST): read to its end. */
  async function countRows(): Promise<number> {
    for (let page = 0, count = 0; page < MOST_PAGES; page++) {
      const { found } = await open(COUNTED_AT_ONCE, page, "text");
      count += found.rows.length;
      if (found.rows.length < COUNTED_AT_ONCE) return count;
    }
    throw new DrillError(
      "CHECK_NOT_RUN",
      `Cannot count ${path}: it tells no number, and has more than ${MOST_PAGES * COUNTED_AT_ONCE} rows`,
      "Let the lists tell how long they are: remove the constant MAIN_DISABLE_FULL_SCANLIST.",
    );
  }
}

/** Runs in the browser. */
function readList(root: PagePart, selectors: Record<"rows" | "label" | "total" | "lastPage", string>) {
  const textOf = (part: PagePart | null) => part?.textContent?.trim() ?? "";
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

export interface ListedInvoice {
  /** `llx_facture.rowid` */
  id: number;
  ref: string;
}

export interface InvoiceList extends ListPage {
  /** The invoices of this page, from top to bottom: the newest first. */
  invoices: ListedInvoice[];
}

const INVOICES: ListKind = {
  path: "/compta/facture/list.php",
  label: 'a[href*="/compta/facture/card.php?id="]',
};

/** Opens the list of invoices. */
export async function openInvoiceList(erp: Erp, options: ListPageOptions = {}): Promise<InvoiceList> {
  const list = await openListPage(erp, INVOICES, options);
  return { ...list, invoices: list.rows.map(({ id, label }) => ({ id, ref: label })) };
}

const SUPPLIER_INVOICES: ListKind = {
  path: "/fourn/facture/list.php",
  label: 'a[href*="/fourn/facture/card.php?"]',
};

/** Without that status the list shows those that are open alone. */
const THIRD_PARTIES: ListKind = {
  path: "/societe/list.php",
  label: 'td[data-key="ref"] a',
  query: { search_status: "-1" },
};

/** Opens the list of supplier invoices, the newest first; a row is a `llx_facture_fourn.rowid` with its reference. */
export const openSupplierInvoiceList = (erp: Erp, options?: ListPageOptions): Promise<ListPage> =>
  openListPage(erp, SUPPLIER_INVOICES, options);

/** Opens the list of all third parties, by their names; a row is a `llx_societe.rowid` with its name: see `isShownAs`. */
export const openThirdPartyList = (erp: Erp, options?: Omit<ListPageOptions, "search">): Promise<ListPage> =>
  openListPage(erp, THIRD_PARTIES, options);
