/** Going to a page, and making sure that what came is that page and not an error in disguise. */

import type { Page, Response } from "@playwright/test";
import { DrillError, messageOf } from "../../../base/errors.ts";
import { limits } from "../../../base/limits.ts";
import { requestReason, untrusted } from "../../../base/web_errors.ts";
import type { Erp } from "./browser.ts";
import {
  type Disguise,
  type DisguiseKind,
  disguiseOf,
  type ExpectedContent,
  wrongLanguage,
} from "./disguises.ts";
import {
  type FilledForm,
  type PageContent,
  type PageReading,
  readFetchedPage,
  readLoadedPage,
} from "./in_page.ts";
import { HINT_OF } from "./page_hints.ts";
import { pathOf } from "./page_errors.ts";

/** A page that is not what it should be. Its message names the cause; `kind` is for programs. */
export class PageFault extends DrillError {
  readonly kind: DisguiseKind;
  readonly url: string;

  constructor(url: string, { kind, sentence }: Disguise, details: readonly string[] = []) {
    super(
      "CHECK_FAILED",
      `Cannot read ${pathOf(url)}: ${sentence}`,
      HINT_OF[kind] ?? "Open the page yourself: " + url,
      { details },
    );
    this.kind = kind;
    this.url = url;
  }
}

export interface Visited {
  /** Where it ended. */
  url: string;
  status: number;
  /** The page's source as it came, before scripts ran. */
  html: string;
  /** From the request to the page's load event, in ms. */
  ms: number;
}

/** `sign_in` for the sign-in page, `page` for every other; `shows` is a selector that only this page has. */
export interface VisitOptions {
  expect?: Extract<ExpectedContent, "sign_in" | "page">;
  shows: string;
  /**
   * `load`, the default: it is shown, with its pictures and scripts. `text`: the browser fetches and parses it, and shows
   * nothing: enough to read what it says.
   */
  as?: "load" | "text";
}

/** The same, and what is read of the page; see `Read`. */
export type PageReadOptions<Found, Arg> = VisitOptions & PageReading<Found, Arg>;

/**
 * Goes to `path` (`/compta/facture/list.php`) of the ERP and reads it.
 * @throws PageFault when it is an error in disguise, or not the page that it should be.
 * @throws DrillError `WEB_UNREACHABLE` when nothing answers, `TIME_LIMIT` when it takes too long.
 */
export async function visit(erp: Erp, path: string, options: VisitOptions): Promise<Visited> {
  return (await visitAndRead(erp, path, { ...options, read: () => null, arg: undefined })).visited;
}

/** The same, with what was read. */
export async function visitAndRead<Found, Arg>(
  erp: Erp,
  path: string,
  options: PageReadOptions<Found, Arg>,
): Promise<{ visited: Visited; found: Found }> {
  const url = erp.base + path;
  return options.as === "text"
    ? await fetchAndRead(erp, url, options)
    : await arriveByAction(erp, url, options, () => erp.page.goto(url, { waitUntil: "load" }));
}

/** The same for a page that an action leads to: a form that is sent. `url` is where it should lead. */
export async function arriveByAction<Found, Arg>(
  erp: Erp,
  url: string,
  options: PageReadOptions<Found, Arg>,
  go: () => Promise<Response | null>,
): Promise<{ visited: Visited; found: Found }> {
  const began = performance.now();
  const before = { keptOut: erp.keptOut.length, ledAway: erp.ledAway.length };
  const response = await go().catch(async (error) => {
    await settle(erp.page);
    throw notReached(erp, url, error, before);
  });
  if (!response) throw new PageFault(url, { kind: "blank_page", sentence: "no answer came" });
  const text = await response.text().catch((error) => {
    throw unreachable(url, error);
  });
  const contentType = response.headers()["content-type"] ?? "";
  const answer = { status: response.status(), url: response.url(), contentType, text };
  refuseDisguise(erp, url, answer, options);
  const found = refuseOther(erp, url, await readLoadedPage(erp.page, options), options);
  refusePageErrors(erp);
  return { visited: visitedOf(answer, began), found };
}

/** Reads a page that the browser fetches without showing it; `form`: the one that is sent from there. */
export async function fetchAndRead<Found, Arg>(
  erp: Erp,
  url: string,
  options: PageReadOptions<Found, Arg>,
  form?: FilledForm,
): Promise<{ visited: Visited; found: Found }> {
  const began = performance.now();
  const before = { keptOut: erp.keptOut.length, ledAway: erp.ledAway.length };
  const fetched = await Promise.resolve().then(async () => {
    // a page fetches what is of its own origin: where none of the ERP's is shown, the plainest of its files is
    if (!erp.page.url().startsWith(erp.base)) await erp.page.goto(`${erp.base}/robots.txt`);
    return await readFetchedPage(erp.page, url, options, form);
  }).catch((error) => {
    throw notReached(erp, url, error, before);
  });
  refuseDisguise(erp, url, fetched, options);
  const found = refuseOther(erp, url, fetched, options);
  refusePageErrors(erp, url);
  return { visited: visitedOf(fetched, began), found };
}

/** One answer, as the browser has it. */
interface Came {
  status: number;
  url: string;
  contentType: string;
  text: string;
}

const visitedOf = ({ url, status, text }: Came, began: number): Visited => ({
  url,
  status,
  html: text,
  ms: performance.now() - began,
});

/** A fetch says no more than that it failed: it was led away only where the guard saw that. */
function notReached(
  erp: Erp,
  url: string,
  error: unknown,
  before: { keptOut: number; ledAway: number },
): DrillError {
  const said = messageOf(error);
  const there = /Failed to fetch/.test(said)
    ? erp.ledAway.slice(before.ledAway).at(-1)
    : KEPT_OUT.test(said)
    ? erp.keptOut.slice(before.keptOut).at(-1)
    : undefined;
  if (there === undefined) return unreachable(url, error);
  return new PageFault(url, { kind: "another_address", sentence: `it led to another address, ${there}` });
}

/** @throws PageFault when what came is an error in disguise, or in another language. */
function refuseDisguise(
  { options: { languages }, troubles }: Erp,
  url: string,
  { status, url: there, contentType, text }: Came,
  { expect = "page" }: VisitOptions,
): void {
  const body = new TextEncoder().encode(text);
  const disguise = disguiseOf({ status, url: there, contentType, asked: url, body }, expect) ??
    wrongLanguage(text, expect === "sign_in" ? languages?.signIn : languages?.pages);
  if (disguise) throw new PageFault(url, disguise, troubles.lines.splice(0));
}

/** What was read. @throws PageFault when it is another page. */
function refuseOther<Found>(
  { troubles }: Erp,
  url: string,
  { shows: isThere, title, found }: PageContent<Found>,
  { shows }: VisitOptions,
): Found {
  if (isThere) return found as Found;
  const sentence = `it is another page ("${title}"), without ${shows}`;
  throw new PageFault(url, { kind: "unexpected_page", sentence }, troubles.lines.splice(0));
}

/** @throws PageFault when something went wrong on the page since this was asked last. */
export function refusePageErrors(erp: Erp, url: string = erp.page.url()): void {
  const troubles = erp.troubles.lines.splice(0);
  const [first] = troubles;
  if (first === undefined) return;
  const more = troubles.length > 1 ? `, and ${troubles.length - 1} more` : "";
  throw new PageFault(url, {
    kind: "page_trouble",
    sentence: `not all of it works: ${first}${more}`,
  }, troubles);
}

/** What the guard makes of a way out of the ERP: see `openErp`. */
const KEPT_OUT = /ERR_PROXY_CONNECTION_FAILED|interrupted by another navigation to "chrome-error:/;

/** After a failure the browser goes to a page of its own, a little later: that must not break the next visit. */
async function settle(page: Page): Promise<void> {
  try {
    await page.waitForURL(/^chrome-error:/, { waitUntil: "commit", timeout: limits.errorPageComes });
    await page.goto("about:blank");
  } catch {
    // it had none to go to, or the browser is closed: the failure itself is thrown by the caller
  }
}

/** The DrillError for a request that got no answer. */
export function unreachable(url: string, error: unknown): DrillError {
  const distrust = untrusted(url, error);
  if (distrust) return distrust;
  const reason = requestReason(error).replace(/^[\w.]+: /, "");
  if (/has been closed|[Tt]arget crashed|[Pp]age crashed|Connection closed/.test(reason)) {
    return new DrillError(
      "BROWSER_MISSING",
      `Cannot read ${url}: Chromium has ended`,
      "Run it again. Where it ends again, look at the machine's memory: it takes some 300 MB.",
      { cause: error },
    );
  }
  if (/Timeout \d+ms exceeded|signal timed out/.test(reason) || isTimeout(error)) {
    const seconds = limits.pageAnswers / 1000;
    return new DrillError(
      "TIME_LIMIT",
      `Cannot read ${url}: no whole answer within ${seconds} s`,
      "Look at the ERP's own log, and at the machine's load.",
      {
        cause: error,
      },
    );
  }
  return new DrillError(
    "WEB_UNREACHABLE",
    `Cannot reach ${url}: ${reason}`,
    `Is the ERP started, and is web.url its address? Try: curl -sv ${url}`,
    { cause: error },
  );
}

const isTimeout = (error: unknown) => error instanceof DOMException && error.name === "TimeoutError";
