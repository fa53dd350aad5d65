/** Errors on a page that leave it the right page: errors of scripts, files of the ERP that were not served. */

import type { ConsoleMessage, Frame, Page, Request, Response } from "@playwright/test";

/** Requests that end because the page is left, or because they were blocked, are no error of the ERP. */
const EXPECTED_FAILURE = /ERR_ABORTED|ERR_BLOCKED_BY_CLIENT|^inspector$/;
/** The browser repeats a failed answer in its console. */
const REPEATED = /^Failed to load resource/;

/** The most lines of each kind: a page that fails in a loop must not fill a report. */
const MOST_LINES = 20;
/** Secrets in addresses: signatures, and tokens of forms. */
const PRIVATE = /\b(token|hashp|securekey|password|pass|key)=[^&\s"'<>]+/gi;

/** One line for each error, with the path of its address. Both lists grow while the page is open, up to a limit. */
export interface PageErrors {
  /** Errors that fail a check. */
  readonly lines: string[];
  /** Errors that are known to be harmless: they are reported only. */
  readonly harmless: string[];
}

interface PageErrorOptions {
  /** Of the ERP: errors at other addresses are not its own. */
  origin: string;
  /** A line that contains one of these parts is harmless. */
  harmless?: readonly string[];
}

/** Collects the errors of `page` while it is open. */
export function collectPageErrors(
  page: Page,
  { origin, harmless = [] }: PageErrorOptions,
): PageErrors {
  const errors: PageErrors = { lines: [], harmless: [] };
  const push = (list: string[], line: string) =>
    void (list.length < MOST_LINES && list.push(line.replace(PRIVATE, "$1=…")));
  const add = (line: string) =>
    push(harmless.some((part) => line.includes(part)) ? errors.harmless : errors.lines, line);
  const own = (url: string) => url.startsWith(`${origin}/`);
  // The host of a script of another address that was blocked: errors of the page's own scripts are then our doing.
  let blockedHost: string | undefined;
  const addOfScript = (line: string) =>
    blockedHost === undefined ? add(line) : push(errors.harmless, `${line} (${blockedHost} is blocked)`);
  page.on("framenavigated", (frame: Frame) => {
    if (frame === page.mainFrame()) blockedHost = undefined;
  });
  page.on("requestfailed", (request: Request) => {
    const why = request.failure()?.errorText ?? "failed";
    if (!own(request.url()) && request.resourceType() === "script") blockedHost = new URL(request.url()).host;
    if (own(request.url()) && !EXPECTED_FAILURE.test(why)) add(`${pathOf(request.url())}: ${why}`);
  });
  page.on("response", (response: Response) => {
    if (own(response.url()) && response.status() >= 400) {
      add(`${pathOf(response.url())}: ${response.status()}`);
    }
  });
  page.on(
    "pageerror",
    (error: Error) => addOfScript(`${pathOf(page.url())}: script error: ${error.message}`),
  );
  page.on("console", (message: ConsoleMessage) => {
    const [text, { url }] = [message.text(), message.location()];
    if (message.type() !== "error" || REPEATED.test(text) || (url !== "" && !own(url))) return;
    addOfScript(`${pathOf(url || page.url())}: console error: ${text}`);
  });
  return errors;
}

/** The address without its origin: `/compta/facture/list.php?limit=5`. */
export function pathOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const { pathname, search } = new URL(url);
  return pathname + search;
}
