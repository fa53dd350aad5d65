/** The check in the browser on the tabs beside an invoice's card, its linked files among them. */

import type { LinkedFiles } from "../../dolibarr/papers/linked_files.ts";
import type { Erp } from "../../dolibarr/pages/visit/browser.ts";
import {
  type InvoiceTab,
  isFilesTab,
  openInvoiceTab,
  openInvoiceTabs,
} from "../../dolibarr/pages/invoice_tabs_page.ts";
import { PageFault } from "../../dolibarr/pages/visit/page_fault.ts";
import { expectNone, nothingToCheck, type RestoreCheck } from "../check.ts";
import { lostLinkedFile } from "./twins.ts";
import { type BrowserContext, requireSignIn, SIGNED_IN, takeScreenshot } from "./context.ts";

export const invoiceTabs: RestoreCheck<BrowserContext> = {
  id: "browser.tabs",
  part: "browser",
  judges: "restore",
  level: "standard",
  given: SIGNED_IN,
  title: "The tabs of an invoice open, and that of its linked files lists what was restored",
  required: true,
  async run(context) {
    requireSignIn(context);
    const { linkedFiles, papers: { lacking } } = context.pages;
    if (!linkedFiles) {
      throw nothingToCheck("none of the invoices that are opened has its PDF in the backup");
    }
    const { ref, id } = linkedFiles.invoice;
    const { erp } = context;
    const { ref: onCard, card, others } = await openInvoiceTabs(erp, id);
    const found = card ? [card, ...others] : others;
    const filesTab = others.find(isFilesTab);
    const problems = card && filesTab
      ? differing(card, onCard, ref)
      : [`${ref}: its card has no tab of linked files, but ${titlesOf(found) || "none at all"}`];
    for (const tab of others.filter((tab) => tab !== filesTab)) {
      problems.push(...await problemsOf(erp, tab, ref));
    }
    const screenshots = [];
    if (filesTab) {
      problems.push(...await problemsOf(erp, filesTab, ref, linkedFiles));
      screenshots.push(await takeScreenshot(erp, `The linked files of ${ref}`));
    }
    const outcome = expectNone(
      problems,
      found.length + linkedFiles.names.length,
      "tabs that bear the invoice's reference, and its linked files against those of its restored folder",
    );
    const details = problems.length > 0
      ? outcome.details
      : [`${ref}: ${titlesOf(found)}`, linkedFiles.names.join(", "), ...passedOver(lacking)];
    return { ...outcome, details, screenshots };
  },
  twin: lostLinkedFile,
};

/** Whose PDF the backup does not have: the tabs of another invoice are opened. */
const passedOver = (lacking: readonly string[]): string[] =>
  lacking.length === 0 ? [] : [`passed over, because its PDF is not in the backup: ${lacking.join(", ")}`];

const titlesOf = (tabs: readonly InvoiceTab[]): string => tabs.map(({ title }) => title).join(", ");

const differing = ({ title }: InvoiceTab, shown: string, ref: string): string[] =>
  shown === ref ? [] : [`${ref}: its tab "${title}" is of ${shown || "an invoice without a reference"}`];

/** With `linked` it is the tab of linked files, which is shown; any other is read. */
async function problemsOf(erp: Erp, tab: InvoiceTab, ref: string, linked?: LinkedFiles): Promise<string[]> {
  try {
    const opened = await openInvoiceTab(erp, tab, linked ? "load" : "text");
    const problems = differing(tab, opened.ref, ref);
    return problems.length > 0 || !linked ? problems : differingFiles(tab, linked, opened.files);
  } catch (error) {
    if (!(error instanceof PageFault)) throw error;
    return [`${ref}: its tab "${tab.title}" does not open: ${error.message}`];
  }
}

/** The open tab against the folder. */
function differingFiles(
  { title }: InvoiceTab,
  { invoice: { ref }, names }: LinkedFiles,
  shown: readonly string[],
): string[] {
  const lost = names.filter((name) => !shown.includes(name));
  const strange = shown.filter((name) => !names.includes(name));
  return [
    ...lost.map((name) => `${ref}: its tab "${title}" does not list ${name}, a file of this invoice`),
    ...strange.map((name) => `${ref}: its tab "${title}" lists ${name}, which was not restored`),
  ];
}
