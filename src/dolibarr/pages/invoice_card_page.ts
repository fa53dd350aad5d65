/** The card of one customer invoice. */

import { readAmount } from "../formats/amounts.ts";
import type { Erp } from "./visit/browser.ts";
import type { PagePart } from "./visit/in_page.ts";
import { badgeOf } from "./invoice_status.ts";
import { visitAndRead, type Visited, type VisitOptions } from "./visit/visit.ts";
import { PageFault } from "./visit/page_fault.ts";

interface InvoiceCard {
  visited: Visited;
  ref: string;
  /** In the language of the page: `Paid`. */
  status: string;
  /** The number of the status badge, which does not depend on the language: see `expectedBadge`. */
  badge: number | undefined;
  /** A plain decimal text, `7788.60`; of a credit note see `totalOnCard`. */
  totalWithTax: string;
  /** The files that the card links to, relative to `documents/facture`: `FA2511-0003/FA2511-0003.pdf`. */
  files: string[];
}

/** The element whose first text is the reference; the customer's name follows in it. The tab of contacts has another class. */
export const REFERENCE_TEXT = ".arearef .refid, .arearefnobottom .refid";
const STATUS = ".arearef .statusref .badge-status";
const AMOUNTS = "td.amountcard";
const FILES = "a.documentdownload";

/**
 * Opens the card of the invoice with this `llx_facture.rowid`.
 * @param leastDecimals the decimals that an amount has at least: see `AmountRules`
 */
export async function openInvoiceCard(
  erp: Erp,
  id: number,
  as?: VisitOptions["as"],
  leastDecimals?: number,
): Promise<InvoiceCard> {
  const path = `/compta/facture/card.php?id=${id}`;
  const arg = { reference: REFERENCE_TEXT, status: STATUS, amounts: AMOUNTS, files: FILES };
  const { visited, found } = await visitAndRead(erp, path, {
    shows: REFERENCE_TEXT,
    as,
    read: readCard,
    arg,
  });
  const { ref, status, badgeClass, amounts, links } = found;
  // one row for each amount, in the company's currency first; the last row is the total with tax
  const totalWithTax = readAmount(amounts.at(-1) ?? "", leastDecimals);
  if (totalWithTax === undefined) {
    throw new PageFault(erp.base + path, {
      kind: "unexpected_page",
      sentence: `it shows no amount (${AMOUNTS}) of ${ref}`,
    });
  }
  const files = links.map((link) => new URL(link, visited.url).searchParams.get("file") ?? "");
  return {
    visited,
    ref,
    status,
    badge: badgeOf(badgeClass),
    totalWithTax,
    files: [...new Set(files)].filter(Boolean),
  };
}

/** Runs in the browser. Of each row of amounts it reads the first one. */
function readCard(root: PagePart, selectors: Record<"reference" | "status" | "amounts" | "files", string>) {
  const badge = root.querySelector(selectors.status);
  const rows = new Map<PagePart | null, string>();
  for (const cell of root.querySelectorAll(selectors.amounts)) {
    if (!rows.has(cell.parentElement)) rows.set(cell.parentElement, cell.textContent?.trim() ?? "");
  }
  return {
    ref: root.querySelector(selectors.reference)?.firstChild?.textContent?.trim() ?? "",
    status: badge?.textContent?.trim() ?? "",
    badgeClass: badge?.getAttribute("class") ?? "",
    amounts: [...rows.values()],
    links: [...root.querySelectorAll(selectors.files)].map((link) => link.getAttribute("href") ?? ""),
  };
}
