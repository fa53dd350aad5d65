/** How a visitor leaves whose account is the company's own, and stays. */

import { messageOf } from "../../base/errors.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { openHomePage } from "../../dolibarr/pages/home_page.ts";
import type { BrowserContext } from "../../checks/browser/context.ts";

/** A session that a trace names is worth nothing afterwards. */
export async function signOut(visitor: BrowserContext | undefined, reporter: Reporter): Promise<void> {
  if (!visitor?.home) return;
  try {
    await (await openHomePage(visitor.erp)).signOut();
  } catch (error) {
    reporter.warn(`The drill could not sign out of the sandbox again: ${messageOf(error)}`);
  }
}
