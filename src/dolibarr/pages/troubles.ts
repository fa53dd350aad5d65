/** What goes wrong on a page without making it another page: scripts' errors, files of its own that did not come. */

import type { ConsoleMessage, Page, Request, Response } from "@playwright/test";

/** A page that is left drops what it still waits for, and what the guard refuses is no fault of the ERP. */
const NO_FAULT = /ERR_ABORTED|ERR_BLOCKED_BY_CLIENT|^inspector$/;
/** The browser says in its console again what the answer itself says. */
const SAID_ALREADY = /^Failed to load resource/;

/**
 * Listens to `page` as long as it is open.
 * @param origin of the ERP: what happens at other addresses is not its trouble.
 * @param textOnly nothing that dresses the page is asked for, so that its scripts cannot run.
 * @returns one line each, with the address below the ERP; it grows.
 */
export function collectTroubles(page: Page, origin: string, textOnly = false): string[] {
  const troubles: string[] = [];
  const own = (url: string) => url.startsWith(`${origin}/`);
  page.on("requestfailed", (request: Request) => {
    const why = request.failure()?.errorText ?? "failed";
    if (own(request.url()) && !NO_FAULT.test(why)) troubles.push(`${pathOf(request.url())}: ${why}`);
  });
  page.on("response", (response: Response) => {
    if (own(response.url()) && response.status() >= 400) {
      troubles.push(`${pathOf(response.url())}: ${response.status()}`);
    }
  });
  if (textOnly) return troubles;
  page.on(
    "pageerror",
    (error: Error) => troubles.push(`${pathOf(page.url())}: script error: ${error.message}`),
  );
  page.on("console", (message: ConsoleMessage) => {
    const [text, { url }] = [message.text(), message.location()];
    if (message.type() !== "error" || SAID_ALREADY.test(text) || (url !== "" && !own(url))) return;
    troubles.push(`${pathOf(url || page.url())}: console error: ${text}`);
  });
  return troubles;
}

/** An address without its origin: `/compta/facture/list.php?limit=5`. */
export function pathOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const { pathname, search } = new URL(url);
  return pathname + search;
}
