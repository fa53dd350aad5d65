/** What the checks in the browser look at, and what they share. */

import type { Browser } from "@playwright/test";
import { DrillError } from "../../base/errors.ts";
import type { CompanyFacts } from "../../dolibarr/company.ts";
import type { Invoice } from "../../dolibarr/books/invoices.ts";
import { type PageLanguages, readPageLanguages } from "../../dolibarr/pages/languages.ts";
import type { Marks } from "../../dolibarr/sandbox/marks.ts";
import { BROWSER_LANGUAGE, type Erp, openErp, screenshotOf } from "../../dolibarr/pages/visit/browser.ts";
import type { HomePage } from "../../dolibarr/pages/home_page.ts";
import type { SignInPage } from "../../dolibarr/pages/sign_in_page.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import type { Session } from "../../postgres/connection/session.ts";
import type { Screenshot } from "../result.ts";
import type { DataContext } from "../data/context.ts";
import type { PageFacts } from "./page_facts.ts";

/** What is known before the first page is opened: the same for every visitor. */
export interface Served {
  /** The address of the restored ERP, and whose certificates are trusted there. */
  web: Pick<OpenEnvironment["web"], "url" | "certificateAuthority">;
  /** The restored database, as the login of its owner: no check writes. */
  session: Session;
  /** The sandbox's documents folder. */
  documents: string;
  company: CompanyFacts;
  /** Every invoice, and those that are opened. */
  invoices: Invoice[];
  samples: Invoice[];
  /** What further pages must show, read before the first of them. */
  pages: PageFacts;
  account: { login: string; password: string };
  marks: Marks;
  /** In which the pages must be. */
  languages: PageLanguages;
  /** Parts of lines about what goes wrong on pages, and is known to be harmless. */
  harmless: readonly string[];
}

/** One visitor, and what it knows. */
export interface BrowserContext extends Served {
  erp: Erp;
  /** Set by the sign-in; what comes after it cannot run without. */
  home?: HomePage;
  /** The sign-in page, once it was opened. */
  signIn?: SignInPage;
}

/** Given what is looked at before and after somebody signed in. */
export const STARTED = "the restored ERP, started, and nobody signed in";
export const SERVED = "the restored ERP, and a user who has signed in";

/** What the checks in the browser compare the pages with: what was read of the restored database before the first page. */
export async function servedOf(
  { session, sandbox, company, invoices, samples, pages }: Pick<
    DataContext,
    "session" | "sandbox" | "company" | "invoices" | "samples" | "pages"
  >,
  account: { login: string; password: string },
  marks: Marks,
  harmless: readonly string[] = [],
): Promise<Served> {
  const { documents, web } = sandbox;
  const languages = await readPageLanguages(session, account.login, BROWSER_LANGUAGE);
  return { web, session, documents, company, invoices, samples, pages, account, marks, languages, harmless };
}

/** A visitor who has seen nothing yet. Disposing closes its pages. */
export async function openVisitor(
  browser: Browser,
  served: Served,
): Promise<BrowserContext & AsyncDisposable> {
  const { web: { url, certificateAuthority }, languages, harmless } = served;
  const erp = await openErp(browser, url, { languages, certificateAuthority, harmless });
  return { ...served, erp, [Symbol.asyncDispose]: () => erp[Symbol.asyncDispose]() };
}

/** @throws DrillError `CHECK_NOT_RUN` where nobody is signed in. */
export function requireSignIn({ home }: BrowserContext): void {
  if (!home) {
    throw new DrillError(
      "CHECK_NOT_RUN",
      "nobody is signed in, so this page cannot be looked at",
      "Look at why the sign-in failed.",
    );
  }
}

/** The page as it is shown now. */
export async function takeScreenshot(erp: Erp, title: string, lead = false): Promise<Screenshot> {
  return { title, url: erp.page.url(), bytes: await screenshotOf(erp.page), mediaType: "image/jpeg", lead };
}
