/** The lists of supplier invoices and of third parties. */

import type { Erp } from "./visit/browser.ts";
import { type ListKind, type ListPage, type ListPageOptions, openListPage } from "./list_page.ts";

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
