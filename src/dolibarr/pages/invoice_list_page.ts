/** The list of customer invoices. */

import type { Erp } from "./visit/browser.ts";
import { type ListKind, type ListPage, type ListPageOptions, openListPage } from "./list_page.ts";

export type { ListPageOptions } from "./list_page.ts";

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
