/** Checks in the browser: the restored ERP as a person sees it. */

import { refusePageErrors } from "../../dolibarr/pages/visit/visit.ts";
import type { Check } from "../check.ts";
import type { BrowserContext } from "./context.ts";
import { companyPage, logoPicture, markedFile, sandbox, signedIn, version } from "./entry.ts";
import { cards, pdfs } from "./invoices.ts";
import { list, supplierList, thirdPartyList } from "./lists.ts";
import { statistics } from "./statistics.ts";
import { tabs } from "./tabs.ts";

/**
 * What went wrong on its page after it was read (a script that ran late, a picture that came late) ends the check too;
 * what is harmless is told.
 */
const attentive = (check: Check<BrowserContext>): Check<BrowserContext> => ({
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

/** The way in, one after the other: they end in the sign-in. */
export const wayIn: readonly Check<BrowserContext>[] = [sandbox, version, signedIn].map(attentive);

/**
 * What is behind it, by visitors side by side, each with a sign-in of its own: Dolibarr answers one page of a session at
 * a time, so that two tabs of one visitor take as long as one.
 */
export const behind: readonly (readonly Check<BrowserContext>[])[] = [
  [markedFile, companyPage, logoPicture, list, supplierList, thirdPartyList, statistics],
  [cards, pdfs, tabs],
].map((visitor) => visitor.map(attentive));

/** All of them, in the order in which they are shown. */
export const browserChecks: readonly Check<BrowserContext>[] = [...wayIn, ...behind.flat()];
