/** The card of one customer invoice. */

import { readAmount } from "../formats/amounts.ts";
import type { Erp } from "./visit/browser.ts";
import type { PagePart } from "./visit/in_page.ts";
import { badgeOf } from "./invoice_status.ts";
import { PageFault, visitAndRead, type Visited, type VisitOptions } from "./visit/visit.ts";

export interface InvoiceCard {
  visited: Visited;
  ref: string;
  /** As the page says it, in its language: `Paid`. */
  status: string;
  /** The same in every language: see `expectedBadge`. */
  badge: number | undefined;
  /** A plain decimal text, `7788.60`; of a credit note see `totalOnCard`. */
  totalWithTax: string;
  /** The files that can be had from here, under `documents/facture`: `FA2511-0003/FA2511-0003.pdf`. */
  files: string[];
}

/** The reference's own text: the customer's name and links stand in the same element. On the tab of contacts it has no line below. */
export const REFERENCE_TEXT = ".arearef .refid, .arearefnobottom .refid";
const STATUS = ".arearef .statusref .badge-status";
const AMOUNTS = "td.amountcard";
const FILES = "a.documentdownload";

/**
 * Opens the card of the invoice with this `llx_facture.rowid`.
 * @param leastDecimals how many decimals it writes of an amount at the least: see `AmountRules`
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
  // one row for each kind of amount, the company's currency first; the total with tax is the last row
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

/** Runs in the browser: the first amount of each row, and the rest as it is there. */
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
