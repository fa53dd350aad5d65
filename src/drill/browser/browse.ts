/** The part of a drill in the browser: a browser that starts early, the sign-in, then the pages, by visitors side by side. */

import type { Browser } from "@playwright/test";
import { DrillError, messageOf } from "../../base/errors.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { checksByVisitor, entryChecks } from "../../checks/browser/browser_checks.ts";
import { type BrowserContext, type BrowserFacts, openVisitor } from "../../checks/browser/context.ts";
import type { Check } from "../../checks/check.ts";
import type { Level } from "../../checks/result.ts";
import { openHomePage } from "../../dolibarr/pages/home_page.ts";
import { signInByFetch } from "../../dolibarr/pages/sign_in_page.ts";
import { type BrowserOptions, openBrowser } from "../../dolibarr/pages/visit/browser.ts";
import type { CheckList } from "../record/check_list.ts";
import { traceFailure } from "./failure_trace.ts";

/** A browser that starts while the sandbox is being restored. Disposing closes it. */
export interface StartingBrowser extends AsyncDisposable {
  /** Rejects with the reason where it does not start. */
  ready: ReturnType<typeof openBrowser>;
}

/** Starts the browser; nothing waits for it until it is needed. */
export function startBrowser(
  options: Pick<BrowserOptions, "signal" | "certificateAuthority">,
): StartingBrowser {
  const ready = openBrowser(options);
  ready.catch(() => undefined); // the caller that awaits `ready` gets the error
  return { ready, [Symbol.asyncDispose]: () => ready.then((browser) => browser.close(), () => undefined) };
}

/** In the place of a browser, for a drill that opens no page. */
export function noBrowser(): StartingBrowser {
  const ready = Promise.reject(
    new DrillError("CHECK_NOT_RUN", "This drill opens no page", "Run it with the browser."),
  );
  ready.catch(() => undefined); // the caller that awaits `ready` gets the error
  return { ready, [Symbol.asyncDispose]: () => Promise.resolve() };
}

interface BrowseOptions {
  level: Level;
  /** True: the account is not the drill's own and stays, so each visitor signs out at the end. */
  signsOut: boolean;
  /** How many visitors there are, two at most; default: one less than there are processors. */
  visitors?: number;
  reporter: Reporter;
  signal: AbortSignal;
}

/** Runs every check in the browser. */
export async function browse(
  browser: Browser,
  facts: BrowserFacts,
  checks: CheckList,
  { level, signsOut, reporter, signal, visitors = navigator.hardwareConcurrency - 1 }: BrowseOptions,
): Promise<void> {
  await using open = new AsyncDisposableStack();
  const first = open.use(await openVisitor(browser, facts));
  await checks.run(entryChecks, first, signal, traceFailure);
  const lanes = lanesOf(level, visitors).map((checks, index) => ({
    checks,
    context: index === 0 ? Promise.resolve(first) : another(),
  }));
  await checks.runSideBySide(lanes, signal, traceFailure);
  if (!signsOut) return;
  for (const { context } of lanes) await signOut(await context.catch(() => undefined), reporter);

  /** Another visitor, who signs in where the first one could, and saw both marks. */
  async function another(): Promise<BrowserContext> {
    const visitor = open.use(await openVisitor(browser, facts));
    if (!first.home || !first.seen.file) return visitor;
    const { login, password } = facts.account;
    visitor.home = await signInByFetch(visitor.erp, login, password);
    return visitor;
  }
}

/** Signs out a visitor whose account is the ERP's own and stays: a session that a trace names is then worth nothing. */
export async function signOut(visitor: BrowserContext | undefined, reporter: Reporter): Promise<void> {
  if (!visitor?.home) return;
  try {
    await (await openHomePage(visitor.erp)).signOut();
  } catch (error) {
    reporter.warn(`The drill could not sign out of the sandbox: ${messageOf(error)}`);
  }
}

/**
 * Which visitor runs which checks. A fast drill opens so few pages that a second sign-in takes longer than it saves. Two
 * processors, which in the lab the browser shares with what serves the pages, are busy with one visitor: measured on
 * 22.0.4, a second one makes all of it slower there, and faster from three processors on.
 */
const lanesOf = (level: Level, visitors: number): readonly (readonly Check<BrowserContext>[])[] =>
  level === "fast" || visitors < 2 ? [checksByVisitor.flat()] : checksByVisitor;
