/** What the checks in the browser look at, and what they share. */

import { DrillError } from "../../base/errors.ts";
import type { CompanyFacts } from "../../dolibarr/company.ts";
import type { Invoice } from "../../dolibarr/invoices.ts";
import type { Marks } from "../../dolibarr/marks.ts";
import { type Erp, screenshotOf } from "../../dolibarr/pages/browser.ts";
import type { HomePage } from "../../dolibarr/pages/home_page.ts";
import type { SignInPage } from "../../dolibarr/pages/sign_in_page.ts";
import type { Session } from "../../postgres/session.ts";
import type { Screenshot } from "../result.ts";
import type { PageFacts } from "./page_facts.ts";

export interface BrowserContext {
  erp: Erp;
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
  /** Set by the sign-in; what comes after it cannot run without. */
  home?: HomePage;
  /** The sign-in page, once it was opened. */
  signIn?: SignInPage;
}

/** Given what is looked at before and after somebody signed in. */
export const STARTED = "the restored ERP, started, and nobody signed in";
export const SERVED = "the restored ERP, and a user who has signed in";

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
export async function picture(erp: Erp, title: string, lead = false): Promise<Screenshot> {
  return { title, url: erp.page.url(), bytes: await screenshotOf(erp.page), mediaType: "image/jpeg", lead };
}
