/** The part of a drill in the browser: the way in, then what is behind it, by visitors side by side. */

import type { Browser } from "@playwright/test";
import { messageOf } from "../base/errors.ts";
import type { Reporter } from "../base/reporter.ts";
import { openHomePage } from "../dolibarr/pages/home_page.ts";
import { openSignInPage } from "../dolibarr/pages/sign_in_page.ts";
import type { Check, Level } from "./check.ts";
import { behind, wayIn } from "./checks/browser.ts";
import { type BrowserContext, type Served, visitorOf } from "./checks/browser_context.ts";
import type { DrillRecord } from "./record.ts";
import { lookTwice } from "./second_look.ts";

export interface BrowseOptions {
  level: Level;
  /** The account is not the drill's own, and stays: whoever signed in with it signs out. */
  signsOut: boolean;
  reporter: Reporter;
  signal: AbortSignal;
}

/** Runs every check in the browser into `record`. */
export async function browse(
  browser: Browser,
  served: Served,
  record: DrillRecord,
  { level, signsOut, reporter, signal }: BrowseOptions,
): Promise<void> {
  await using open = new AsyncDisposableStack();
  const first = open.use(await visitorOf(browser, served));
  await record.run(wayIn, first, signal, lookTwice);
  const visitors = lanesOf(level).map((checks, index) => ({
    checks,
    context: index === 0 ? Promise.resolve(first) : another(),
  }));
  await record.runSideBySide(visitors, signal, lookTwice);
  if (!signsOut) return;
  for (const { context } of visitors) await signOut(await context.catch(() => undefined), reporter);

  /** Another visitor, who signs in as the first one did, if that one could. */
  async function another(): Promise<BrowserContext> {
    const visitor = open.use(await visitorOf(browser, served));
    if (!first.home) return visitor;
    const { login, password } = served.account;
    visitor.home = await (await openSignInPage(visitor.erp)).signIn(login, password);
    return visitor;
  }
}

/** A fast drill opens so few pages that a second sign-in would take longer than it saves. */
const lanesOf = (level: Level): readonly (readonly Check<BrowserContext>[])[] =>
  level === "fast" ? [behind.flat()] : behind;

/** A session that a trace names is worth nothing afterwards. */
async function signOut(visitor: BrowserContext | undefined, reporter: Reporter): Promise<void> {
  if (!visitor?.home) return;
  try {
    await (await openHomePage(visitor.erp)).signOut();
  } catch (error) {
    reporter.warn(`The drill could not sign out of the sandbox again: ${messageOf(error)}`);
  }
}
