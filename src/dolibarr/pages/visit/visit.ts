/** Opens a page of the ERP, and makes sure that it is that page and not an error in disguise. */

import type { Page, Response } from "@playwright/test";
import { type DrillError, messageOf } from "../../../base/errors.ts";
import { limits } from "../../../base/limits.ts";
import type { Erp } from "./browser.ts";
import { disguiseOf, type ExpectedContent, wrongLanguage } from "./disguises.ts";
import {
  type FilledForm,
  type PageContent,
  type PageReading,
  readFetchedPage,
  readLoadedPage,
} from "./in_page.ts";
import { PageFault, unreachable } from "./page_fault.ts";

export interface Visited {
  /** The address that answered, after redirects. */
  url: string;
  status: number;
  /** The source of the page as served, before scripts ran. */
  html: string;
  /** From the request to the load event of the page, in ms. */
  ms: number;
}

export interface VisitOptions {
  /** `sign_in` for the sign-in page, `page` (the default) for every other. */
  expect?: Extract<ExpectedContent, "sign_in" | "page">;
  /** A selector that only this page has. */
  shows: string;
  /**
   * `load` (the default): the browser loads it, with its pictures and scripts. `text`: the browser only fetches and parses
   * it, which is enough to read its text.
   */
  as?: "load" | "text";
}

/** The options of a visit, and what is read of the page. */
type PageReadOptions<Found, Arg> = VisitOptions & PageReading<Found, Arg>;

/**
 * Opens `path` (`/compta/facture/list.php`) of the ERP.
 * @throws PageFault where the page is an error in disguise, or another page.
 * @throws DrillError `WEB_UNREACHABLE` where nothing answers, `TIME_LIMIT` where it takes too long.
 */
export async function visit(erp: Erp, path: string, options: VisitOptions): Promise<Visited> {
  return (await visitAndRead(erp, path, { ...options, read: () => null, arg: undefined })).visited;
}

/** Opens `path` as `visit` does, and reads the page. */
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

/** The same for a page that an action opens, such as sending a form. `url` is the address that it should open. */
export async function arriveByAction<Found, Arg>(
  erp: Erp,
  url: string,
  options: PageReadOptions<Found, Arg>,
  go: () => Promise<Response | null>,
): Promise<{ visited: Visited; found: Found }> {
  const began = performance.now();
  const before = blockedBefore(erp);
  const response = await go().catch(async (error) => {
    await leaveErrorPage(erp.page);
    throw notReached(erp, url, error, before);
  });
  if (!response) throw new PageFault(url, { kind: "blank_page", sentence: "there was no answer" });
  const text = await response.text().catch((error) => {
    throw unreachable(url, error);
  });
  const contentType = response.headers()["content-type"] ?? "";
  const answer = { status: response.status(), url: response.url(), contentType, text };
  refuseDisguise(erp, url, answer, options);
  const found = refuseOtherPage(erp, url, await readLoadedPage(erp.page, options), options);
  refusePageErrors(erp);
  return { visited: visitedOf(answer, began), found };
}

/** Reads a page that the browser fetches without loading it; with `form`, the page that follows when the form is sent. */
export async function fetchAndRead<Found, Arg>(
  erp: Erp,
  url: string,
  options: PageReadOptions<Found, Arg>,
  form?: FilledForm,
): Promise<{ visited: Visited; found: Found }> {
  const began = performance.now();
  const before = blockedBefore(erp);
  const fetched = await Promise.resolve().then(async () => {
    // a page can fetch only from its own origin: open a small file of the ERP where no page of it is open
    if (!erp.page.url().startsWith(erp.base)) await erp.page.goto(`${erp.base}/robots.txt`);
    return await readFetchedPage(erp.page, url, options, form);
  }).catch((error) => {
    throw notReached(erp, url, error, before);
  });
  refuseDisguise(erp, url, fetched, options);
  const found = refuseOtherPage(erp, url, fetched, options);
  refusePageErrors(erp, url);
  return { visited: visitedOf(fetched, began), found };
}

/** One answer to the browser. */
interface PageAnswer {
  status: number;
  url: string;
  contentType: string;
  text: string;
}

const visitedOf = ({ url, status, text }: PageAnswer, began: number): Visited => ({
  url,
  status,
  html: text,
  ms: performance.now() - began,
});

/** How many addresses and redirects were blocked before a visit. */
interface BlockedBefore {
  addresses: number;
  redirects: number;
}

const blockedBefore = ({ blockedAddresses, blockedRedirects }: Erp): BlockedBefore => ({
  addresses: blockedAddresses.length,
  redirects: blockedRedirects.length,
});

/**
 * The error for a page that the browser did not get. The error of a fetch does not say why it failed, so a redirect to
 * another address is known only from what the proxy blocked.
 */
function notReached(
  erp: Erp,
  url: string,
  error: unknown,
  before: BlockedBefore,
): DrillError {
  const message = messageOf(error);
  const there = /Failed to fetch/.test(message)
    ? erp.blockedRedirects.slice(before.redirects).at(-1)
    : BLOCKED.test(message)
    ? erp.blockedAddresses.slice(before.addresses).at(-1)
    : undefined;
  if (there === undefined) return unreachable(url, error);
  return new PageFault(url, { kind: "another_address", sentence: `it led to another address, ${there}` });
}

/** @throws PageFault where the answer is an error in disguise, or in another language. */
function refuseDisguise(
  { options: { languages }, pageErrors }: Erp,
  url: string,
  { status, url: there, contentType, text }: PageAnswer,
  { expect = "page" }: VisitOptions,
): void {
  const body = new TextEncoder().encode(text);
  const disguise = disguiseOf({ status, url: there, contentType, asked: url, body }, expect) ??
    wrongLanguage(text, expect === "sign_in" ? languages?.signIn : languages?.pages);
  if (disguise) throw new PageFault(url, disguise, pageErrors.lines.splice(0));
}

/** @returns what was read. @throws PageFault where it is another page. */
function refuseOtherPage<Found>(
  { pageErrors }: Erp,
  url: string,
  { shows: isThere, title, found }: PageContent<Found>,
  { shows }: VisitOptions,
): Found {
  if (isThere) return found as Found;
  const sentence = `it is another page ("${title}"), without ${shows}`;
  throw new PageFault(url, { kind: "unexpected_page", sentence }, pageErrors.lines.splice(0));
}

/** @throws PageFault where the page has had errors since the last call. */
export function refusePageErrors(erp: Erp, url: string = erp.page.url()): void {
  const errors = erp.pageErrors.lines.splice(0);
  const [first] = errors;
  if (first === undefined) return;
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : "";
  throw new PageFault(url, {
    kind: "page_error",
    sentence: `the page has errors: ${first}${more}`,
  }, errors);
}

/** The browser's message for an address that the proxy blocked: see `openErp`. */
const BLOCKED = /ERR_PROXY_CONNECTION_FAILED|interrupted by another navigation to "chrome-error:/;

/** After a failure the browser opens an error page of its own, a little later, which must not break the next visit. */
async function leaveErrorPage(page: Page): Promise<void> {
  try {
    await page.waitForURL(/^chrome-error:/, { waitUntil: "commit", timeout: limits.errorPageComes });
    await page.goto("about:blank");
  } catch {
    // it opened none, or the browser is closed: the caller throws the failure itself
  }
}
