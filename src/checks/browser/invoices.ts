/** Checks in the browser on invoices: their cards, their PDFs. */

import { sha256Of } from "../../base/streams.ts";
import { type AmountRules, totalOnCard } from "../../dolibarr/books/amount_rules.ts";
import type { Invoice } from "../../dolibarr/books/invoices.ts";
import type { Erp } from "../../dolibarr/pages/visit/browser.ts";
import { fetchDocument } from "../../dolibarr/pages/served_files.ts";
import { openInvoiceCard } from "../../dolibarr/pages/invoice_card_page.ts";
import { expectedBadge } from "../../dolibarr/pages/invoice_status.ts";
import { expectNone, nothingToCheck, type RestoreCheck } from "../check.ts";
import type { Screenshot } from "../result.ts";
import { otherPdf, raisedTotal } from "./twins.ts";
import { type BrowserContext, requireSignIn, SIGNED_IN, takeScreenshot } from "./context.ts";

/** How many cards are in the report as pictures: the newest and the oldest, so that the report stays small. */
const PICTURED_CARDS = 2;

export const invoiceCards: RestoreCheck<BrowserContext> = {
  id: "browser.invoices",
  part: "browser",
  judges: "restore",
  level: "fast",
  given: SIGNED_IN,
  title: "Invoices open, with the reference, status and total of the database",
  required: true,
  async run(context) {
    requireSignIn(context);
    const { amounts } = context.pages.counting;
    const [pictured, read] = [
      context.samples.slice(0, PICTURED_CARDS),
      context.samples.slice(PICTURED_CARDS),
    ];
    const screenshots: Screenshot[] = [];
    const problems = await eachCard(context.erp, pictured, amounts, async ({ ref }) => {
      const which = screenshots.length === 0 ? "The newest" : "The oldest";
      screenshots.push(
        await takeScreenshot(context.erp, `${which} invoice, ${ref}`, screenshots.length === 0),
      );
    });
    problems.push(...await eachCard(context.erp, read, amounts));
    return {
      ...expectNone(
        problems,
        context.samples.length,
        "reference, status and total with tax of each opened invoice against the database",
      ),
      details: problems.length > 0 ? problems : [context.samples.map(({ ref }) => ref).join(", ")],
      screenshots,
    };
  },
  twin: raisedTotal,
};

export const servedPdfs: RestoreCheck<BrowserContext> = {
  id: "browser.pdfs",
  part: "browser",
  judges: "restore",
  level: "fast",
  given: SIGNED_IN,
  title: "The PDFs of these invoices are served, and are the restored files",
  required: true,
  async run(context) {
    requireSignIn(context);
    const { there, lacking } = context.pages.papers;
    if (there.length === 0) {
      throw nothingToCheck(
        lacking.length === 0
          ? "none of the invoices that are opened names a PDF"
          : `no invoice that is opened has its PDF in the backup: ${lacking.join(", ")}`,
      );
    }
    const problems: string[] = [];
    for (const { invoice: { ref }, path, sha256 } of there) {
      const [part = "", ...rest] = path.split("/");
      const served = await fetchDocument(context.erp, part, rest.join("/"));
      if (sha256Of(served.bytes) !== sha256) problems.push(`${ref}: the ERP serves other bytes than ${path}`);
    }
    const outcome = expectNone(
      problems,
      there.length,
      "SHA-256 of each PDF as served against the file that was backed up and restored",
    );
    return { ...outcome, details: [...outcome.details ?? [], ...lacksPdf(lacking)] };
  },
  twin: otherPdf,
};

/** The invoices whose PDF the backup does not have: they are not looked for. */
const lacksPdf = (lacking: readonly string[]): string[] =>
  lacking.length === 0 ? [] : [`not in the backup, so not served: the PDF of ${lacking.join(", ")}`];

/** Opens each card, and returns where it differs from the database. Without `onShown` only the text of the page is waited for. */
async function eachCard(
  erp: Erp,
  invoices: readonly Invoice[],
  amounts: AmountRules,
  onShown?: (invoice: Invoice) => Promise<void>,
): Promise<string[]> {
  const problems: string[] = [];
  for (const invoice of invoices) {
    const card = await openInvoiceCard(erp, invoice.id, onShown ? "load" : "text", amounts.leastDecimals);
    const { badge, meaning } = expectedBadge(invoice);
    const expected = [invoice.ref, meaning, totalOnCard(invoice, amounts)].join(", ");
    const found = [card.ref, card.badge === badge ? meaning : card.status || "no status", card.totalWithTax]
      .join(", ");
    if (expected !== found) {
      problems.push(`${invoice.ref}: the page shows ${found}; the database has ${expected}`);
    }
    await onShown?.(invoice);
  }
  return problems;
}
