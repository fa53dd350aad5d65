/** Dolibarr's lists: customer invoices, supplier invoices, third parties. */

import { DrillError } from "../../base/errors.ts";
import type { Erp } from "./visit/browser.ts";
import type { PagePart } from "./visit/in_page.ts";
import { visitAndRead, type Visited, type VisitOptions } from "./visit/visit.ts";

/** One of the lists. */
interface ListKind {
  /** `/compta/facture/list.php` */
  path: string;
  /** The selector of the reference or the name within a row. */
  label: string;
  /** Further parameters of the address, such as a filter. */
  query?: Readonly<Record<string, string>>;
}

interface ListedRow {
  /** The row's `rowid` in the database. */
  id: number;
  /** The reference or the name that the list shows; empty where the row has none. */
  label: string;
}

export interface ListPage {
  visited: Visited;
  /** The number of rows on all pages of the list, which its title shows. */
  total: number;
  /** The number of pages of the list. */
  pages: number;
  /** The rows of this page, from top to bottom. */
  rows: ListedRow[];
}

export interface ListPageOptions {
  /** Rows on a page. Default 100. */
  limit?: number;
  /** From 0, which is the default. */
  page?: number;
  /** A part of a reference to search for. */
  search?: string;
  /** Default `load`. `text` is enough to read the list, but not for a screenshot of it. */
  as?: VisitOptions["as"];
}

interface ListedInvoice {
  /** `llx_facture.rowid` */
  id: number;
  ref: string;
}

interface InvoiceList extends ListPage {
  /** The invoices of this page, from top to bottom: the newest first. */
  invoices: ListedInvoice[];
}

const INVOICES: ListKind = {
  path: "/compta/facture/list.php",
  label: 'a[href*="/compta/facture/card.php?id="]',
};

/** Opens the list of customer invoices. */
export async function openInvoiceList(erp: Erp, options: ListPageOptions = {}): Promise<InvoiceList> {
  const list = await openListPage(erp, INVOICES, options);
  return { ...list, invoices: list.rows.map(({ id, label }) => ({ id, ref: label })) };
}

const SUPPLIER_INVOICES: ListKind = {
  path: "/fourn/facture/list.php",
  label: 'a[href*="/fourn/facture/card.php?"]',
};

/** Without this parameter the list shows only third parties that are open. */
const THIRD_PARTIES: ListKind = {
  path: "/societe/list.php",
  label: 'td[data-key="ref"] a',
  query: { search_status: "-1" },
};

/** Opens the list of supplier invoices, the newest first: each row has its `llx_facture_fourn.rowid` and its reference. */
export const openSupplierInvoiceList = (erp: Erp, options?: ListPageOptions): Promise<ListPage> =>
  openListPage(erp, SUPPLIER_INVOICES, options);

/** Opens the list of all third parties, sorted by name: each row has its `llx_societe.rowid` and its name (see `matchesListLabel`). */
export const openThirdPartyList = (erp: Erp, options?: Omit<ListPageOptions, "search">): Promise<ListPage> =>
  openListPage(erp, THIRD_PARTIES, options);

/** Rows on a page while a list is counted, and the most pages that are counted. */
const COUNTED_AT_ONCE = 1000;
const MOST_PAGES = 100;

const TABLE = "table.tagtable.liste";
const ROWS = `${TABLE} tr.oddeven[data-rowid]`;
const TOTAL = ".totalnboflines";
const LAST_PAGE = ".paginationlastpage a";

/** Opens a list. */
async function openListPage(
  erp: Erp,
  { path, label, query: filter }: ListKind,
  { limit = 100, page = 0, search = "", as }: ListPageOptions = {},
): Promise<ListPage> {
  const arg = { rows: ROWS, label, total: TOTAL, lastPage: LAST_PAGE };
  const open = (limit: number, page: number, as: ListPageOptions["as"]) => {
    // default filters of the user or the company would hide a part of the list
    const asked = { limit: String(limit), page: String(page), disabledefaultvalues: "1" };
    const query = new URLSearchParams({ ...asked, ...filter, ...(search ? { search_ref: search } : {}) });
    return visitAndRead(erp, `${path}?${query}`, { shows: TABLE, as, read: readList, arg });
  };
  const { visited, found } = await open(limit, page, as);
  const pages = Math.max(wholeNumber(found.lastPage) ?? 1, page + 1);
  const total = wholeNumber(found.total) ??
    (found.rows.length < limit ? page * limit + found.rows.length : await countRows());
  return { visited, total, pages, rows: found.rows };

  /** Counts the rows page by page, where the list shows no number (MAIN_DISABLE_FULL_SCANLIST). */
  async function countRows(): Promise<number> {
    for (let page = 0, count = 0; page < MOST_PAGES; page++) {
      const { found } = await open(COUNTED_AT_ONCE, page, "text");
      count += found.rows.length;
      if (found.rows.length < COUNTED_AT_ONCE) return count;
    }
    throw new DrillError(
      "CHECK_NOT_RUN",
      `Cannot count the rows of ${path}: the list shows no number, and has more than ${
        MOST_PAGES * COUNTED_AT_ONCE
      } rows`,
      "Remove the constant MAIN_DISABLE_FULL_SCANLIST, so that lists show their number of rows.",
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

/** 1014 for `(1,014)`. */
function wholeNumber(text: string): number | undefined {
  const digits = text.replace(/\D/g, "");
  return digits === "" ? undefined : Number(digits);
}
