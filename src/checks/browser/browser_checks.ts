/** Checks in the browser: the restored ERP as a person sees it. */

import { refusePageErrors } from "../../dolibarr/pages/visit/visit.ts";
import type { RestoreCheck } from "../check.ts";
import { companyPage, documentsMark, servedLogo } from "./company.ts";
import type { BrowserContext } from "./context.ts";
import { invoiceCards, servedPdfs } from "./invoices.ts";
import { afterMarks, lookingFor, withAccount } from "./marks_seen.ts";
import { invoiceList, supplierInvoiceList, thirdPartyList } from "./lists.ts";
import { servedVersion, signIn, signInPageMark } from "./sign_in.ts";
import { invoiceStatistics } from "./statistics.ts";
import { invoiceTabs } from "./tabs.ts";

/**
 * The check, which also fails on an error of its page that comes after the page was read: a script that ran late, a picture
 * that came late. Errors that are known to be harmless are only listed.
 */
const failingOnPageErrors = (check: RestoreCheck<BrowserContext>): RestoreCheck<BrowserContext> => ({
  ...check,
  async run(context) {
    const { erp } = context;
    try {
      const outcome = await check.run(context);
      if (outcome.equal) refusePageErrors(erp);
      const harmless = erp.pageErrors.harmless.map((line) => `known to be harmless: ${line}`);
      return {
        ...outcome,
        details: [...outcome.details ?? [], ...new Set([...erp.pageErrors.lines, ...harmless])],
      };
    } finally {
      erp.pageErrors.lines.splice(0); // the next check's page is another one
      erp.pageErrors.harmless.splice(0);
    }
  },
});

/** What each check after the marks needs. */
const BOTH = ["message", "file"] as const;

/**
 * They run one after the other. First both marks are looked for, by requests that write nothing: behind a wrong address, or
 * a wrong conf.php, is production, and nothing may be typed there.
 */
export const entryChecks: readonly RestoreCheck<BrowserContext>[] = [
  lookingFor("message", signInPageMark),
  lookingFor("file", documentsMark),
  afterMarks(BOTH, servedVersion),
  afterMarks(BOTH, withAccount(signIn)),
].map(failingOnPageErrors);

/**
 * The checks after both marks, for visitors side by side. Each visitor has a sign-in of its own: Dolibarr answers one page
 * of a session at a time, so that two tabs of one session take as long as one.
 */
export const checksByVisitor: readonly (readonly RestoreCheck<BrowserContext>[])[] = [
  [companyPage, servedLogo, invoiceList, supplierInvoiceList, thirdPartyList, invoiceStatistics],
  [invoiceCards, servedPdfs, invoiceTabs],
].map((checks) => checks.map((check) => failingOnPageErrors(afterMarks(BOTH, withAccount(check)))));

/** All of them, in the order in which they are shown. */
export const browserChecks: readonly RestoreCheck<BrowserContext>[] = [
  ...entryChecks,
  ...checksByVisitor.flat(),
];
