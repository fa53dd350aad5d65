/** The tabs beside the card of one customer invoice. */

import type { Erp } from "./browser.ts";
import { REFERENCE, referenceOn } from "./invoice_card_page.ts";
import { visit, type VisitOptions } from "./visit.ts";

export interface InvoiceTab {
  /** As the page says it, in its language: `Linked files`. */
  title: string;
  /** `/compta/facture/document.php?id=48` */
  path: string;
}

/** The pages of invoices are Dolibarr's own; what modules add lies elsewhere. */
const OWN = "/compta/facture/";
const CARD = `${OWN}card.php`;
/** Also those that a narrow card keeps behind "More". */
const TABS = "a.tab, .popuptab a";
const FILES = '#tablelines a[href*="/document.php?modulepart="]';

export interface InvoiceTabs {
  /** The reference on the card, which is the first tab. */
  ref: string;
  card: InvoiceTab | undefined;
  others: InvoiceTab[];
}

/** Opens the card and reads which tabs Dolibarr gives this invoice. */
export async function openInvoiceTabs(erp: Erp, id: number): Promise<InvoiceTabs> {
  await visit(erp, `${CARD}?id=${id}`, { shows: REFERENCE, waitUntil: "domcontentloaded" });
  const links = await erp.page.locator(TABS).evaluateAll((anchors) =>
    anchors.map((anchor) => ({
      title: anchor.getAttribute("title") || (anchor.firstChild?.textContent?.trim() ?? ""),
      url: (anchor as unknown as { href: string }).href,
    }))
  );
  const own = links.filter(({ url }) => url.startsWith(erp.base + OWN));
  const byPath = new Map(own.map(({ title, url }) => [url.slice(erp.base.length), title]));
  const tabs = [...byPath].map(([path, title]) => ({ title, path }));
  const isCard = ({ path }: InvoiceTab) => path.startsWith(CARD);
  return { ref: await referenceOn(erp), card: tabs.find(isCard), others: tabs.filter((tab) => !isCard(tab)) };
}

/** Whether it is the tab of linked files. */
export const isFilesTab = ({ path }: InvoiceTab): boolean => path.startsWith(`${OWN}document.php`);

/** Opens a tab. @returns the reference that it bears. */
export async function openInvoiceTab(
  erp: Erp,
  { path }: InvoiceTab,
  waitUntil: VisitOptions["waitUntil"] = "domcontentloaded",
): Promise<string> {
  await visit(erp, path, { shows: REFERENCE, waitUntil });
  return await referenceOn(erp);
}

/** The names of the files that the tab which is open lists, in their order. */
export async function readFilesOnTab(erp: Erp): Promise<string[]> {
  const links = await erp.page.locator(FILES).evaluateAll((anchors) =>
    anchors.map((anchor) => (anchor as unknown as { href: string }).href)
  );
  const files = links.map((link) => new URL(link).searchParams.get("file") ?? "");
  return [...new Set(files.map((file) => file.slice(file.lastIndexOf("/") + 1)))].toSorted();
}
