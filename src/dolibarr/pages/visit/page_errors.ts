/** What goes wrong on a page without making it another page: scripts' errors, files of its own that did not come. */

import type { ConsoleMessage, Frame, Page, Request, Response } from "@playwright/test";

/** A page that is left drops what it still waits for, and what the guard refuses is no fault of the ERP. */
const NO_FAULT = /ERR_ABORTED|ERR_BLOCKED_BY_CLIENT|^inspector$/;
/** The browser says in its console again what the answer itself says. */
const SAID_ALREADY = /^Failed to load resource/;

/** So many of each are kept: a page that fails in a loop must not fill a report. */
const MOST = 20;
/** What is nobody else's business: signed addresses, and what proves a form. */
const PRIVATE = /\b(token|hashp|securekey|password|pass|key)=[^&\s"'<>]+/gi;

/** One line each, with the address below the ERP; both grow while the page is open, to a limit. */
export interface PageErrors {
  /** What ends a check. */
  readonly lines: string[];
  /** What is known to be harmless: told, and no more. */
  readonly harmless: string[];
}

export interface PageErrorOptions {
  /** Of the ERP: what happens at other addresses is not its trouble. */
  origin: string;
  /** A line with one of these parts is harmless. */
  harmless?: readonly string[];
}

/** Listens to `page` as long as it is open. */
export function collectPageErrors(
  page: Page,
  { origin, harmless = [] }: PageErrorOptions,
): PageErrors {
  const troubles: PageErrors = { lines: [], harmless: [] };
  const keep = (list: string[], line: string) =>
    void (list.length < MOST && list.push(line.replace(PRIVATE, "$1=…")));
  const add = (line: string) =>
    keep(harmless.some((part) => line.includes(part)) ? troubles.harmless : troubles.lines, line);
  const own = (url: string) => url.startsWith(`${origin}/`);
  // A script of another address that the guard kept out: what the page's own scripts then say is our doing.
  let without: string | undefined;
  const addOfScript = (line: string) =>
    without === undefined
      ? add(line)
      : keep(troubles.harmless, `${line} (without ${without}, which is kept out)`);
  page.on("framenavigated", (frame: Frame) => {
    if (frame === page.mainFrame()) without = undefined;
  });
  page.on("requestfailed", (request: Request) => {
    const why = request.failure()?.errorText ?? "failed";
    if (!own(request.url()) && request.resourceType() === "script") without = new URL(request.url()).host;
    if (own(request.url()) && !NO_FAULT.test(why)) add(`${pathOf(request.url())}: ${why}`);
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
    if (message.type() !== "error" || SAID_ALREADY.test(text) || (url !== "" && !own(url))) return;
    addOfScript(`${pathOf(url || page.url())}: console error: ${text}`);
  });
  return troubles;
}

/** An address without its origin: `/compta/facture/list.php?limit=5`. */
export function pathOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const { pathname, search } = new URL(url);
  return pathname + search;
}
