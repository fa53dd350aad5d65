/** The card of one customer invoice. */

import { readAmount } from "./amounts.ts";
import type { Erp } from "./browser.ts";
import { badgeOf } from "./invoice_status.ts";
import { PageFault, visit, type Visited, type VisitOptions } from "./visit.ts";

export interface InvoiceCard {
  visited: Visited;
  ref: string;
  /** As the page says it, in its language: `Paid`. */
  status: string;
  /** The same in every language: see `expectedBadge`. */
  badge: number | undefined;
  /** Plain decimal texts, `7788.60`; a credit note's are negative unless INVOICE_POSITIVE_CREDIT_NOTE is set. */
  totalWithoutTax: string;
  totalWithTax: string;
  /** What the page writes for the total with tax: `7,788.60 €`. */
  totalShown: string;
  /** The files that can be had from here, under `documents/facture`: `FA2511-0003/FA2511-0003.pdf`. */
  files: string[];
}

/** The reference's own text: the customer's name and links stand in the same element. On the tab of contacts it has no line below. */
export const REFERENCE = ".arearef .refid, .arearefnobottom .refid";
const STATUS = ".arearef .statusref .badge-status";
const AMOUNTS = "td.amountcard";
const FILES = "a.documentdownload";

/** Opens the card of the invoice with this `llx_facture.rowid`. */
export async function openInvoiceCard(
  erp: Erp,
  id: number,
  waitUntil?: VisitOptions["waitUntil"],
): Promise<InvoiceCard> {
  const path = `/compta/facture/card.php?id=${id}`;
  const visited = await visit(erp, path, { shows: REFERENCE, waitUntil });
  const { page } = erp;
  const ref = await referenceOn(erp);
  const badge = page.locator(STATUS).first();
  const found = await badge.count() > 0;
  // one row for each kind of amount, the company's currency first; the total with tax is the last row
  const amounts = await page.locator(AMOUNTS).evaluateAll((cells) => {
    const rows = new Map(
      cells.toReversed().map((cell) => [cell.parentElement, cell.textContent?.trim() ?? ""]),
    );
    return [...rows.values()].toReversed();
  });
  const [first, last] = [amounts[0] ?? "", amounts.at(-1) ?? ""];
  const [totalWithoutTax, totalWithTax] = [readAmount(first), readAmount(last)];
  if (totalWithoutTax === undefined || totalWithTax === undefined) {
    throw new PageFault(erp.base + path, {
      kind: "unexpected_page",
      sentence: `it shows no amount (${AMOUNTS}) of ${ref}`,
    });
  }
  const links = await page.locator(FILES).evaluateAll((anchors) =>
    anchors.map((anchor) => anchor.getAttribute("href") ?? "")
  );
  return {
    visited,
    ref,
    status: found ? (await badge.innerText()).trim() : "",
    badge: found ? badgeOf(await badge.getAttribute("class") ?? "") : undefined,
    totalWithoutTax,
    totalWithTax,
    totalShown: last,
    files: [...new Set(links.map((link) => new URL(link, visited.url).searchParams.get("file") ?? ""))]
      .filter(Boolean),
  };
}

/** The reference that the open page bears; empty where it bears none. */
export const referenceOn = ({ page }: Erp): Promise<string> =>
  page.locator(REFERENCE).first().evaluate((element) => element.firstChild?.textContent?.trim() ?? "");
