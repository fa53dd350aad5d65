/** What goes wrong on a page without making it another page: scripts' errors, files of its own that did not come. */

import type { ConsoleMessage, Page, Request, Response } from "@playwright/test";

/** A page that is left drops what it still waits for, and what the guard refuses is no fault of the ERP. */
const NO_FAULT = /ERR_ABORTED|ERR_BLOCKED_BY_CLIENT|^inspector$/;
/** The browser says in its console again what the answer itself says. */
const SAID_ALREADY = /^Failed to load resource/;

/** One line each, with the address below the ERP; both grow while the page is open. */
export interface Troubles {
  /** What ends a check. */
  readonly lines: string[];
  /** What is known to be harmless: told, and no more. */
  readonly harmless: string[];
}

export interface TroublesOptions {
  /** Of the ERP: what happens at other addresses is not its trouble. */
  origin: string;
  /** A line with one of these parts is harmless. */
  harmless?: readonly string[];
}

/** Listens to `page` as long as it is open. */
export function collectTroubles(
  page: Page,
  { origin, harmless = [] }: TroublesOptions,
): Troubles {
  const troubles: Troubles = { lines: [], harmless: [] };
  const add = (line: string) =>
    (harmless.some((part) => line.includes(part)) ? troubles.harmless : troubles.lines).push(line);
  const own = (url: string) => url.startsWith(`${origin}/`);
  page.on("requestfailed", (request: Request) => {
    const why = request.failure()?.errorText ?? "failed";
    if (own(request.url()) && !NO_FAULT.test(why)) add(`${pathOf(request.url())}: ${why}`);
  });
  page.on("response", (response: Response) => {
    if (own(response.url()) && response.status() >= 400) {
      add(`${pathOf(response.url())}: ${response.status()}`);
    }
  });
  page.on("pageerror", (error: Error) => add(`${pathOf(page.url())}: script error: ${error.message}`));
  page.on("console", (message: ConsoleMessage) => {
    const [text, { url }] = [message.text(), message.location()];
    if (message.type() !== "error" || SAID_ALREADY.test(text) || (url !== "" && !own(url))) return;
    add(`${pathOf(url || page.url())}: console error: ${text}`);
  });
  return troubles;
}

/** An address without its origin: `/compta/facture/list.php?limit=5`. */
export function pathOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const { pathname, search } = new URL(url);
  return pathname + search;
}
