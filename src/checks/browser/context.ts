/** What the checks in the browser compare, and what they share. */

import type { Browser } from "@playwright/test";
import { DrillError } from "../../base/errors.ts";
import type { CompanyFacts } from "../../dolibarr/company.ts";
import { type Invoice, ofFirstCompany } from "../../dolibarr/books/invoices.ts";
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

/** A mark of the drill: the one behind the sign-in page's message, and the one in a file of the company's. */
export type Mark = "message" | "file";

/** Which marks were seen in the browser, by any visitor. */
interface SeenMarks extends Record<Mark, boolean> {
  /** Why the first of them was not. */
  unseen?: DrillError;
}

/** With what a visitor signs in. */
interface DrillLogin {
  login: string;
  password: string;
  configured?: boolean;
}

/** What is known before the first page is opened: the same for every visitor. */
export interface BrowserFacts {
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
  /** What lists, tabs and statistics must show. */
  pages: PageFacts;
  /** `configured`: it is one of the ERP's own, whose rights are not the drill's to give. */
  account: DrillLogin;
  marks: Marks;
  /** Shared by all visitors. */
  seen: SeenMarks;
  /** The languages that the pages may be in. */
  languages: PageLanguages;
  /** Parts of messages about errors on pages that are known to be harmless. */
  harmless: readonly string[];
}

/** One visitor: a browser's session of its own. */
export interface BrowserContext extends BrowserFacts {
  erp: Erp;
  /** Set by the sign-in; the checks after it need it. */
  home?: HomePage;
  /** The sign-in page, once it was opened. */
  signIn?: SignInPage;
}

/** On what the checks in the browser are run, before and after the sign-in. */
export const SIGNED_OUT = "the restored ERP, started, without a sign-in";
export const SIGNED_IN = "the restored ERP, with a user signed in";

/** What the checks in the browser compare the pages with, from what was read before the first page was opened. */
export async function readBrowserFacts(
  { session, sandbox, company, invoices, samples, pages }: Pick<
    DataContext,
    "session" | "sandbox" | "company" | "invoices" | "samples" | "pages"
  >,
  account: DrillLogin,
  marks: Marks,
  harmless: readonly string[] = [],
): Promise<BrowserFacts> {
  const { documents, web } = sandbox;
  const languages = await readPageLanguages(session, account.login, BROWSER_LANGUAGE);
  const seen: SeenMarks = { message: false, file: false };
  return {
    ...{
      web,
      session,
      documents,
      company,
      invoices: ofFirstCompany(invoices),
      samples,
      pages,
      account,
      marks,
      seen,
      languages,
      harmless,
    },
  };
}

/** A new visitor, not signed in. Disposing closes its pages. */
export async function openVisitor(
  browser: Browser,
  facts: BrowserFacts,
): Promise<BrowserContext & AsyncDisposable> {
  const { web: { url, certificateAuthority }, languages, harmless } = facts;
  const erp = await openErp(browser, url, { languages, certificateAuthority, harmless });
  return { ...facts, erp, [Symbol.asyncDispose]: () => erp[Symbol.asyncDispose]() };
}

/** @throws DrillError `CHECK_NOT_RUN` where no user is signed in. */
export function requireSignIn({ home }: BrowserContext): void {
  if (!home) {
    throw new DrillError(
      "CHECK_NOT_RUN",
      "no user is signed in, so this page cannot be opened",
      "See why the check browser.sign_in failed.",
    );
  }
}

/** The page as it is shown now. */
export async function takeScreenshot(erp: Erp, title: string, lead = false): Promise<Screenshot> {
  return { title, url: erp.page.url(), bytes: await screenshotOf(erp.page), mediaType: "image/jpeg", lead };
}

/** A picture of the page that is open; none where no page of the ERP is. */
export async function pictureNow({ erp }: Pick<BrowserContext, "erp">, title: string): Promise<Screenshot[]> {
  if (!erp.page.url().startsWith(erp.base)) return [];
  return await takeScreenshot(erp, title).then((one) => [one], () => []);
}
