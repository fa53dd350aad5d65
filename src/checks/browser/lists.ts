/** Checks in the browser on lists: each shows as many rows as the database has, and the same ones. */

import type { ExpectedList, ListRow } from "../../dolibarr/books/list_rows.ts";
import type { Erp } from "../../dolibarr/pages/visit/browser.ts";
import {
  type ListPage,
  type ListPageOptions,
  openInvoiceList,
  openSupplierInvoiceList,
  openThirdPartyList,
} from "../../dolibarr/pages/list_pages.ts";
import { type Breakage, type Check, nothingToLookAt } from "../check.ts";
import { hiddenInvoice, hiddenSupplierInvoice, hiddenThirdParty } from "./broken.ts";
import { type BrowserContext, requireSignIn, SERVED, takeScreenshot } from "./context.ts";
import { compareList, FIRST_PAGE } from "./list_comparison.ts";

/** Up to so many rows are read once more to name what is missing. */
const NAMED_WITHIN = 1000;

interface ListCheck {
  id: string;
  title: string;
  /** `supplier invoices` */
  what: string;
  /** What the list must show. */
  listing(context: BrowserContext): ExpectedList;
  open(erp: Erp, options: ListPageOptions): Promise<ListPage>;
  broken: Breakage<BrowserContext>;
}

const listCheck = ({ id, title, what, listing, open, broken }: ListCheck): Check<BrowserContext> => ({
  id,
  part: "browser",
  level: "standard",
  given: SERVED,
  title,
  required: true,
  async run(context) {
    requireSignIn(context);
    const { erp } = context;
    const expected = rowsOf(listing(context), what);
    const shown = await open(erp, { limit: FIRST_PAGE });
    const screenshots = [await takeScreenshot(erp, `The list of ${what}`)];
    const differs = shown.total !== expected.length && shown.total <= NAMED_WITHIN;
    const { rows } = differs && shown.total > shown.rows.length
      ? await open(erp, { limit: NAMED_WITHIN, as: "text" })
      : shown;
    return { ...compareList(expected, shown, what, rows), screenshots };
  },
  broken,
});

function rowsOf({ enabled, rows }: ExpectedList, what: string): ListRow[] {
  if (!enabled) throw nothingToLookAt(`this ERP's module of ${what} is switched off`);
  if (rows.length === 0) throw nothingToLookAt(`this ERP has no ${what}`);
  return rows;
}

export const list = listCheck({
  id: "browser.invoice_list",
  title: "The list of invoices shows all of them",
  what: "customer invoices",
  listing: ({ invoices }) => ({ enabled: true, rows: invoices.map(({ id, ref }) => ({ id, label: ref })) }),
  open: openInvoiceList,
  broken: hiddenInvoice,
});

export const supplierList = listCheck({
  id: "browser.supplier_invoice_list",
  title: "The list of supplier invoices shows all of them",
  what: "supplier invoices",
  listing: ({ pages }) => pages.supplierInvoices,
  open: openSupplierInvoiceList,
  broken: hiddenSupplierInvoice,
});

export const thirdPartyList = listCheck({
  id: "browser.third_party_list",
  title: "The list of third parties shows all of them",
  what: "third parties",
  listing: ({ pages }) => pages.thirdParties,
  open: openThirdPartyList,
  broken: hiddenThirdParty,
});
