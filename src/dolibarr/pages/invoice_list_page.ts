/** The list of customer invoices. */

import type { Erp } from "./browser.ts";
import { visit, type Visited, type VisitOptions } from "./visit.ts";

export interface ListedInvoice {
  /** `llx_facture.rowid` */
  id: number;
  ref: string;
}

export interface InvoiceList {
  visited: Visited;
  /** How many invoices there are, as the title says it, on all pages of the list. */
  total: number;
  /** How many pages the list has. */
  pages: number;
  /** The invoices of this page, from top to bottom: the newest first. */
  invoices: ListedInvoice[];
}

const PATH = "/compta/facture/list.php";
const TABLE = "table.tagtable.liste";
const ROWS = `${TABLE} tr.oddeven[data-rowid]`;

export interface ListOptions {
  /** Invoices on a page. Default 100. */
  limit?: number;
  /** From 0, which is the default. */
  page?: number;
  /** A part of a reference. */
  search?: string;
  /** Default `load`; `domcontentloaded` is enough to read, not for a picture of it. */
  waitUntil?: VisitOptions["waitUntil"];
}

/** Opens the list of invoices. */
export async function openInvoiceList(
  erp: Erp,
  { limit = 100, page = 0, search = "", waitUntil }: ListOptions = {},
): Promise<InvoiceList> {
  const query = new URLSearchParams({ limit: String(limit), page: String(page) });
  if (search) query.set("search_ref", search);
  const visited = await visit(erp, `${PATH}?${query}`, { shows: TABLE, waitUntil });
  const invoices = await erp.page.locator(ROWS).evaluateAll((rows) =>
    rows.map((row) => ({
      id: Number(row.getAttribute("data-rowid")),
      ref: row.querySelector('a[href*="/compta/facture/card.php?id="]')?.textContent?.trim() ?? "",
    }))
  );
  const total = await numberIn(erp, ".totalnboflines");
  const pages = await numberIn(erp, ".paginationlastpage a");
  return { visited, total: total ?? invoices.length, pages: Math.max(pages ?? 1, page + 1), invoices };
}

/** The whole number in the first element, `(1,014)` is 1014. */
async function numberIn(erp: Erp, selector: string): Promise<number | undefined> {
  const element = erp.page.locator(selector).first();
  if (await element.count() === 0) return undefined;
  const digits = (await element.textContent() ?? "").replace(/\D/g, "");
  return digits === "" ? undefined : Number(digits);
}
