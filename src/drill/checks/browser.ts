/** Checks in the browser: the restored ERP as a person sees it. */

import { join } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { digestOf, md5Of, readFile, sha256Of } from "../../base/streams.ts";
import { type CompanyFacts, logoPath } from "../../dolibarr/company.ts";
import type { Invoice } from "../../dolibarr/invoices.ts";
import { plainAmount } from "../../dolibarr/pages/amounts.ts";
import { type Erp, openTab, screenshotOf } from "../../dolibarr/pages/browser.ts";
import { openCompanyPage, plainText } from "../../dolibarr/pages/company_page.ts";
import { fetchDocument, fetchPicture } from "../../dolibarr/pages/documents.ts";
import type { HomePage } from "../../dolibarr/pages/home_page.ts";
import { openInvoiceCard } from "../../dolibarr/pages/invoice_card_page.ts";
import { openInvoiceList } from "../../dolibarr/pages/invoice_list_page.ts";
import { expectedBadge } from "../../dolibarr/pages/invoice_status.ts";
import { openSignInPage, type SignInPage } from "../../dolibarr/pages/sign_in_page.ts";
import { markIn, type Marks } from "../../dolibarr/marks.ts";
import { type Check, expectEqual, expectNone, finding } from "../check.ts";
import type { Screenshot } from "../result.ts";

export interface BrowserContext {
  erp: Erp;
  /** The sandbox's documents folder. */
  documents: string;
  company: CompanyFacts;
  /** Every invoice, and those that are opened. */
  invoices: Invoice[];
  samples: Invoice[];
  account: { login: string; password: string };
  marks: Marks;
  /** Set by the sign-in; what comes after it cannot run without. */
  home?: HomePage;
  /** The sign-in page, once it was opened. */
  signIn?: SignInPage;
}

/** How many cards are kept as pictures: the newest and the oldest say enough, and the report stays small. */
const PICTURED_CARDS = 2;

const sandbox: Check<BrowserContext> = {
  id: "browser.sandbox",
  part: "browser",
  title: "The sign-in page bears this drill's mark: it is the restored ERP",
  required: true,
  async run(context) {
    const page = await openSignInPage(context.erp);
    context.signIn = page;
    return {
      ...expectEqual(
        context.marks.message,
        markIn(page.message) || page.message || "(nothing)",
        "the random message written into the sandbox's database against the sign-in page",
        "the sign-in page does not bear the mark: the address leads to another ERP",
      ),
      screenshots: [
        await picture(context.erp, "The sign-in page of the restored ERP, with this drill's mark"),
      ],
    };
  },
};

const signIn: Check<BrowserContext> = {
  id: "browser.sign_in",
  part: "browser",
  title: "A user can sign in",
  required: true,
  async run(context) {
    const page = context.signIn ?? await openSignInPage(context.erp);
    context.home = await page.signIn(context.account.login, context.account.password);
    return expectEqual(
      200,
      context.home.visited.status,
      "the home page behind the sign-in, with an account made for this drill",
    );
  },
};

const fileMark: Check<BrowserContext> = {
  id: "browser.documents_mark",
  part: "browser",
  title: "This drill's file is served: the documents are the restored ones",
  required: true,
  async run(context) {
    requireSignIn(context);
    const served = await fetchDocument(context.erp, "mycompany", context.marks.file.name);
    return expectEqual(
      context.marks.file.content.trim(),
      new TextDecoder().decode(served.bytes).trim(),
      "a random file written into the sandbox's documents against what the ERP serves",
      "the ERP serves other bytes: its documents are not those that were restored",
    );
  },
};

const company: Check<BrowserContext> = {
  id: "browser.company",
  part: "browser",
  title: "The company's page shows the company",
  required: true,
  async run(context) {
    requireSignIn(context);
    const page = await openCompanyPage(context.erp);
    return {
      ...expectEqual(
        plainText(context.company.name),
        page.name,
        "MAIN_INFO_SOCIETE_NOM against the company's page",
      ),
      screenshots: [await picture(context.erp, "The company's page, with its logo")],
    };
  },
};

const logo: Check<BrowserContext> = {
  id: "browser.logo",
  part: "browser",
  title: "The company's logo renders, and is the restored file",
  required: true,
  async run(context) {
    if (context.company.logo === "") throw finding("no logo is set in the restored database");
    const served = await fetchPicture(context.erp, "mycompany", `logos/${context.company.logo}`);
    const file = await digestOf(readFile(join(context.documents, logoPath(context.company.logo))));
    const shown = (context.signIn ?? await openSignInPage(context.erp)).logo;
    if (!shown.source.includes("viewimage.php")) {
      throw finding(`the sign-in page shows ${shown.source || "no picture"} in place of the company's logo`);
    }
    if (shown.naturalWidth === 0) throw finding("the sign-in page's logo does not render: it has no width");
    return {
      ...expectEqual(
        file.sha256,
        sha256Of(served.bytes),
        "SHA-256 of the restored file against what the ERP serves",
        "the ERP serves another picture than the restored file",
      ),
      details: [`${shown.naturalWidth} x ${shown.naturalHeight} pixels on the sign-in page`],
    };
  },
};

const list: Check<BrowserContext> = {
  id: "browser.invoice_list",
  part: "browser",
  title: "The list of invoices shows all of them",
  required: true,
  async run(context) {
    requireSignIn(context);
    const shown = await openInvoiceList(context.erp, { limit: 25 });
    const screenshots = [await picture(context.erp, "The list of customer invoices")];
    const known = new Map(context.invoices.map(({ id, ref }) => [id, ref]));
    const strange = shown.invoices.find(({ id, ref }) => known.get(id) !== ref);
    const compared =
      "invoices of the database against the number that the list tells, and its first page row by row";
    if (strange) {
      return {
        ...expectEqual(known.get(strange.id) ?? "no such invoice", strange.ref, compared),
        screenshots,
      };
    }
    if (shown.invoices.length !== Math.min(25, context.invoices.length)) {
      return {
        ...expectEqual(Math.min(25, context.invoices.length), shown.invoices.length, compared),
        message: "the first page of the list is short",
        screenshots,
      };
    }
    return { ...expectEqual(context.invoices.length, shown.total, compared), screenshots };
  },
};

const cards: Check<BrowserContext> = {
  id: "browser.invoices",
  part: "browser",
  title: "Invoices open, with the reference, status and total of the database",
  required: true,
  async run(context) {
    requireSignIn(context);
    const [pictured, read] = [
      context.samples.slice(0, PICTURED_CARDS),
      context.samples.slice(PICTURED_CARDS),
    ];
    const screenshots: Screenshot[] = [];
    const problems = await eachCard(context.erp, pictured, async ({ ref }) => {
      const which = screenshots.length === 0 ? "The newest" : "The oldest";
      screenshots.push(await picture(context.erp, `${which} invoice, ${ref}`, screenshots.length === 0));
    });
    await using tab = await openTab(context.erp, { textOnly: true });
    problems.push(...await eachCard(tab, read));
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
};

const pdfs: Check<BrowserContext> = {
  id: "browser.pdfs",
  part: "browser",
  title: "The PDFs of these invoices can be had, and are the restored files",
  required: true,
  async run(context) {
    requireSignIn(context);
    const withPdf = context.samples.filter(({ mainDocument }) => mainDocument !== null);
    const problems: string[] = [];
    for (const { ref, mainDocument, recordedMd5 } of withPdf) {
      const [part = "", ...rest] = mainDocument!.split("/");
      const served = await fetchDocument(context.erp, part, rest.join("/"));
      const file = await digestOf(readFile(join(context.documents, mainDocument!)));
      if (file.sha256 !== sha256Of(served.bytes)) {
        problems.push(`${ref}: the ERP serves other bytes than ${mainDocument}`);
      } else if (recordedMd5 && md5Of(served.bytes) !== recordedMd5) {
        problems.push(`${ref}: the PDF is not the one that Dolibarr recorded`);
      }
    }
    return expectNone(
      problems,
      withPdf.length,
      "bytes of each PDF as served against the restored file and the md5 that Dolibarr recorded",
    );
  },
};

/**
 * In the order in which they run and are shown; one after the other, for Dolibarr answers one page of a session at a time,
 * and two tabs side by side took as long as one.
 */
export const browserChecks: readonly Check<BrowserContext>[] = [
  sandbox,
  signIn,
  fileMark,
  company,
  logo,
  list,
  cards,
  pdfs,
];

/** Opens each card, and tells where it differs from the database. Without `onShown` its text is enough, and nothing else is waited for. */
async function eachCard(
  erp: Erp,
  invoices: readonly Invoice[],
  onShown?: (invoice: Invoice) => Promise<void>,
): Promise<string[]> {
  const problems: string[] = [];
  for (const invoice of invoices) {
    const card = await openInvoiceCard(erp, invoice.id, onShown ? "load" : "domcontentloaded");
    const { badge, meaning } = expectedBadge(invoice);
    const expected = [invoice.ref, meaning, plainAmount(invoice.totalWithTax)].join(", ");
    const found = [card.ref, card.badge === badge ? meaning : card.status || "no status", card.totalWithTax]
      .join(", ");
    if (expected !== found) {
      problems.push(`${invoice.ref}: the page shows ${found}; the database has ${expected}`);
    }
    await onShown?.(invoice);
  }
  return problems;
}

function requireSignIn({ home }: BrowserContext): void {
  if (!home) {
    throw new DrillError(
      "CHECK_NOT_RUN",
      "nobody is signed in, so this page cannot be looked at",
      "Look at why the sign-in failed.",
    );
  }
}

async function picture(erp: Erp, title: string, lead = false): Promise<Screenshot> {
  return { title, url: erp.page.url(), bytes: await screenshotOf(erp.page), mediaType: "image/jpeg", lead };
}
