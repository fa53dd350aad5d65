/** The part of a drill in the browser: the way in, then what is checksByVisitor it, by visitors side by side. */

import type { Browser } from "@playwright/test";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { signInByFetch } from "../../dolibarr/pages/sign_in_page.ts";
import type { Check } from "../../checks/check.ts";
import { checksByVisitor, signInChecks } from "../../checks/browser/browser_checks.ts";
import { type BrowserContext, type BrowserFacts, openVisitor } from "../../checks/browser/context.ts";
import type { DrillRecord } from "../record/record.ts";
import { traceFailure } from "./failure_trace.ts";
import { signOut } from "./sign_out.ts";
import type { Level } from "../../checks/result.ts";

export interface BrowseOptions {
  level: Level;
  /** The account is not the drill's own, and stays: whoever signed in with it signs out. */
  signsOut: boolean;
  /** How many look at the pages side by side, two at most; one less than there are processors, where none is named. */
  visitors?: number;
  reporter: Reporter;
  signal: AbortSignal;
}

/** Runs every check in the browser into `record`. */
export async function browse(
  browser: Browser,
  facts: BrowserFacts,
  record: DrillRecord,
  { level, signsOut, reporter, signal, visitors = navigator.hardwareConcurrency - 1 }: BrowseOptions,
): Promise<void> {
  await using open = new AsyncDisposableStack();
  const first = open.use(await openVisitor(browser, facts));
  await record.run(signInChecks, first, signal, traceFailure);
  const lanes = lanesOf(level, visitors).map((checks, index) => ({
    checks,
    context: index === 0 ? Promise.resolve(first) : another(),
  }));
  await record.runSideBySide(lanes, signal, traceFailure);
  if (!signsOut) return;
  for (const { context } of lanes) await signOut(await context.catch(() => undefined), reporter);

  /** Another visitor, who signs in as the first one did, if that one could. */
  async function another(): Promise<BrowserContext> {
    const visitor = open.use(await openVisitor(browser, facts));
    if (!first.home) return visitor;
    const { login, password } = facts.account;
    visitor.home = await signInByFetch(visitor.erp, login, password);
    return visitor;
  }
}

/**
 * Who looks at what. A fast drill opens so few pages that a second sign-in takes longer than it saves; and two processors,
 * which in the lab the browser shares with what serves the pages, are busy with one visitor: measured on 22.0.4, a second
 * one makes all of it slower there, and faster from three on.
 */
const lanesOf = (level: Level, visitors: number): readonly (readonly Check<BrowserContext>[])[] =>
  level === "fast" || visitors < 2 ? [checksByVisitor.flat()] : checksByVisitor;
