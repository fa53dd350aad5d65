/** The tabs beside the card of one customer invoice. */

import type { Erp } from "./visit/browser.ts";
import type { PagePart } from "./visit/in_page.ts";
import { REFERENCE_TEXT } from "./invoice_card_page.ts";
import { visitAndRead, type VisitOptions } from "./visit/visit.ts";

export interface InvoiceTab {
  /** In the language of the page: `Linked files`. */
  title: string;
  /** `/compta/facture/document.php?id=48` */
  path: string;
}

/** The folder of Dolibarr's own pages of invoices; the tabs that modules add lie elsewhere. */
const OWN = "/compta/facture/";
const CARD = `${OWN}card.php`;
/** The tabs, with those that a narrow card moves to "More". */
const TABS = "a.tab, .popuptab a";
/** The links of the names; the link of a preview beside one has another class. */
const FILES = '#tablelines a[href*="/document.php?modulepart="]:not(.documentpreview)';

interface InvoiceTabs {
  /** The reference on the card, which is the first tab. */
  ref: string;
  card: InvoiceTab | undefined;
  others: InvoiceTab[];
}

/** Opens the card and reads which tabs of Dolibarr this invoice has. */
export async function openInvoiceTabs(erp: Erp, id: number): Promise<InvoiceTabs> {
  const arg = { reference: REFERENCE_TEXT, tabs: TABS };
  const path = `${CARD}?id=${id}`;
  const { visited, found } = await visitAndRead(erp, path, {
    shows: REFERENCE_TEXT,
    as: "text",
    read: readTabs,
    arg,
  });
  const links = found.tabs.map(({ title, href }) => ({ title, url: new URL(href, visited.url).href }));
  const own = links.filter(({ url }) => url.startsWith(erp.base + OWN));
  const byPath = new Map(own.map(({ title, url }) => [url.slice(erp.base.length), title]));
  const tabs = [...byPath].map(([path, title]) => ({ title, path }));
  const isCard = ({ path }: InvoiceTab) => path.startsWith(CARD);
  return { ref: found.ref, card: tabs.find(isCard), others: tabs.filter((tab) => !isCard(tab)) };
}

/** Runs in the browser. */
function readTabs(root: PagePart, selectors: { reference: string; tabs: string }) {
  return {
    ref: root.querySelector(selectors.reference)?.firstChild?.textContent?.trim() ?? "",
    tabs: [...root.querySelectorAll(selectors.tabs)].map((tab) => ({
      title: tab.getAttribute("title") || (tab.firstChild?.textContent?.trim() ?? ""),
      href: tab.getAttribute("href") ?? "",
    })),
  };
}

/** Whether it is the tab of linked files. Pure. */
export const isFilesTab = ({ path }: InvoiceTab): boolean => path.startsWith(`${OWN}document.php`);

interface OpenedTab {
  /** The reference that the tab shows. */
  ref: string;
  /** The names of the files that the tab lists, sorted. */
  files: string[];
}

/** Opens a tab. */
export async function openInvoiceTab(
  erp: Erp,
  { path }: InvoiceTab,
  as: VisitOptions["as"] = "text",
): Promise<OpenedTab> {
  const arg = { reference: REFERENCE_TEXT, files: FILES };
  const { visited, found } = await visitAndRead(erp, path, { shows: REFERENCE_TEXT, as, read: readTab, arg });
  const files = found.links.map((link) => new URL(link, visited.url).searchParams.get("file") ?? "");
  return {
    ref: found.ref,
    files: [...new Set(files.map((file) => file.slice(file.lastIndexOf("/") + 1)))].toSorted(),
  };
}

/** Runs in the browser. */
function readTab(root: PagePart, selectors: { reference: string; files: string }) {
  return {
    ref: root.querySelector(selectors.reference)?.firstChild?.textContent?.trim() ?? "",
    links: [...root.querySelectorAll(selectors.files)].map((link) => link.getAttribute("href") ?? ""),
  };
}
