/** Checks in the browser on lists: each shows as many rows as the database has, and the same ones. */

import { type ExpectedList, type ListRow, matchesListLabel } from "../../dolibarr/books/list_rows.ts";
import { formatCount } from "../../base/numbers.ts";
import type { Erp } from "../../dolibarr/pages/visit/browser.ts";
import {
  type ListPage,
  type ListPageOptions,
  openInvoiceList,
  openSupplierInvoiceList,
  openThirdPartyList,
} from "../../dolibarr/pages/list_pages.ts";
import { nothingToCheck, type RestoreCheck, type RestoreOutcome, type Twin } from "../check.ts";
import { hiddenInvoice, hiddenSupplierInvoice, hiddenThirdParty } from "./twins.ts";
import { type BrowserContext, requireSignIn, SIGNED_IN, takeScreenshot } from "./context.ts";

/** Of a list with up to so many rows all are read, so that a missing one can be named. */
const NAMED_WITHIN = 1000;

interface ListCheck {
  id: string;
  title: string;
  /** `supplier invoices` */
  what: string;
  /** The rows that the list must show. */
  expectedList(context: BrowserContext): ExpectedList;
  open(erp: Erp, options: ListPageOptions): Promise<ListPage>;
  twin: Twin<BrowserContext>;
}

const listCheck = (
  { id, title, what, expectedList, open, twin }: ListCheck,
): RestoreCheck<BrowserContext> => ({
  id,
  part: "browser",
  judges: "restore",
  level: "standard",
  given: SIGNED_IN,
  title,
  required: true,
  async run(context) {
    requireSignIn(context);
    const { erp } = context;
    const expected = rowsOf(expectedList(context), what);
    const shown = await open(erp, { limit: FIRST_PAGE });
    const screenshots = [await takeScreenshot(erp, `The list of ${what}`)];
    const differs = shown.total !== expected.length && shown.total <= NAMED_WITHIN;
    const { rows } = differs && shown.total > shown.rows.length
      ? await open(erp, { limit: NAMED_WITHIN, as: "text" })
      : shown;
    return { ...compareList(expected, shown, what, rows), screenshots };
  },
  twin,
});

function rowsOf({ enabled, rows }: ExpectedList, what: string): ListRow[] {
  if (!enabled) throw nothingToCheck(`this ERP's module of ${what} is switched off`);
  if (rows.length === 0) throw nothingToCheck(`this ERP has no ${what}`);
  return rows;
}

export const invoiceList = listCheck({
  id: "browser.invoice_list",
  title: "The list of invoices shows all of them",
  what: "customer invoices",
  expectedList: ({ invoices }) => ({
    enabled: true,
    rows: invoices.map(({ id, ref }) => ({ id, label: ref })),
  }),
  open: openInvoiceList,
  twin: hiddenInvoice,
});

export const supplierInvoiceList = listCheck({
  id: "browser.supplier_invoice_list",
  title: "The list of supplier invoices shows all of them",
  what: "supplier invoices",
  expectedList: ({ pages }) => pages.supplierInvoices,
  open: openSupplierInvoiceList,
  twin: hiddenSupplierInvoice,
});

export const thirdPartyList = listCheck({
  id: "browser.third_party_list",
  title: "The list of third parties shows all of them",
  what: "third parties",
  expectedList: ({ pages }) => pages.thirdParties,
  open: openThirdPartyList,
  twin: hiddenThirdParty,
});

/** The rows of the first page, which are compared one by one. */
const FIRST_PAGE = 25;

type Shown = Pick<ListPage, "total" | "rows">;

/**
 * Compares a list with the rows that the database has: the total that the list shows, and each row of its first page.
 * @param all all rows of the list where they are known, so that a missing one can be named
 */
export function compareList(
  expected: readonly ListRow[],
  { total, rows }: Shown,
  what: string,
  all: Shown["rows"] = rows,
): RestoreOutcome {
  const compared = {
    expected: expected.length,
    found: total,
    with: `${what} of the database against the total that the list shows, and its first page row by row`,
  };
  const known = new Map(expected.map((row) => [row.id, row]));
  const strange = rows.find(({ id, label }) => !known.has(id) || !matchesListLabel(known.get(id)!, label));
  if (strange) {
    const { label } = known.get(strange.id) ?? { label: "no such row" };
    const message = `the list shows ${strange.label || "an empty row"}, the database has ${label}`;
    return { equal: false, compared: { ...compared, expected: label, found: strange.label }, message };
  }
  if (total !== expected.length) {
    const message = `the list shows a total of ${total}, expected ${expected.length}${
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

/** `: FA2609-0046 is not in it`, where all rows of the list are known. */
function missingFrom(expected: readonly ListRow[], total: number, all: Shown["rows"]): string {
  if (all.length < total) return "";
  const there = new Set(all.map(({ id }) => id));
  const [first, ...more] = expected.filter(({ id }) => !there.has(id));
  if (!first) return "";
  return `: ${first.label} ${more.length > 0 ? `and ${more.length} more are` : "is"} not in it`;
}
