/** Checks in the browser: the restored ERP as a person sees it. */

import type { Check } from "../check.ts";
import type { BrowserContext } from "./browser_context.ts";
import { company, fileMark, logo, sandbox, signIn, version } from "./browser_entry.ts";
import { cards, pdfs } from "./browser_invoices.ts";
import { list, supplierList, thirdPartyList } from "./browser_lists.ts";
import { statistics } from "./browser_statistics.ts";
import { tabs } from "./browser_tabs.ts";

export type { BrowserContext } from "./browser_context.ts";

/**
 * In the order in which they run and are shown; one after the other, for Dolibarr answers one page of a session at a time,
 * and two tabs side by side took as long as one.
 */
export const browserChecks: readonly Check<BrowserContext>[] = [
  sandbox,
  version,
  signIn,
  fileMark,
  company,
  logo,
  list,
  cards,
  pdfs,
  supplierList,
  thirdPartyList,
  tabs,
  statistics,
];
