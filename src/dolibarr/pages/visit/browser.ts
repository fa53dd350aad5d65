/** Chromium for one ERP: it reaches no other address. */

import type { Browser, BrowserContext, Page } from "@playwright/test";
import { DrillError, messageOf } from "../../../base/errors.ts";
import { limits } from "../../../base/limits.ts";
import { childEnvironment, findTool } from "../../../base/process/processes.ts";
import { makeBrowserHome } from "./browser_home.ts";
import type { PageLanguages } from "../languages.ts";
import { collectPageErrors, type PageErrors } from "./page_errors.ts";

export interface BrowserOptions {
  signal?: AbortSignal;
  /** Certificates of further authorities to trust, each as PEM. */
  certificateAuthority?: readonly string[];
}

/** One ERP in a browser context of its own: with its own cookies, one page, and one origin. */
export interface Erp extends AsyncDisposable {
  /** `http://127.0.0.1:8080/htdocs`, without a slash at its end. */
  readonly base: string;
  readonly context: BrowserContext;
  readonly page: Page;
  /** Addresses outside the ERP that its pages requested, and that were blocked. */
  readonly blockedAddresses: readonly string[];
  /** Those of them to which an address of the ERP redirected. */
  readonly blockedRedirects: readonly string[];
  /** The errors on the page; they grow while it is open, and whoever reports them removes them. */
  readonly pageErrors: PageErrors;
  readonly options: ErpOptions;
}

interface ErpOptions {
  userAgent?: string;
  /** Parts of lines of page errors that are known to be harmless. */
  harmless?: readonly string[];
  /** The languages that its pages must be in; any where they are not given. */
  languages?: PageLanguages;
  /** For requests beside the browser: the authorities that `openBrowser` trusts. */
  certificateAuthority?: readonly string[];
}

/** The language that the browser requests. */
export const BROWSER_LANGUAGE = "en-GB";

const ARGUMENTS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const VIEWPORT = { width: 1280, height: 900 };
/** The port "discard": nothing listens there, and a server that did would discard everything. */
const NOWHERE = "http://127.0.0.1:9";
/** Records a failed ping to Dolibarr's makers in llx_const; it is blocked, because reading a page must not write. */
const PING_RESULT = "/core/ajax/pingresult.php";

/** Debian's headless shell takes a fifth less time for each page (measured on 22.0.4); any Chromium will do. */
const PROGRAMS = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];

/** The path of Chromium; undefined where it is not installed. */
export const findChromium = (): string | undefined => findTool(...PROGRAMS);

/**
 * Starts Chromium without a window. Disposing closes it.
 * @throws DrillError `BROWSER_MISSING` where it is not installed, or does not start.
 */
export async function openBrowser(
  { signal, certificateAuthority = [] }: BrowserOptions = {},
): Promise<Browser & AsyncDisposable> {
  const executablePath = findChromium();
  if (!executablePath) {
    throw new DrillError(
      "BROWSER_MISSING",
      "Cannot open a browser: Chromium is not on the PATH",
      "Install it: apt-get install chromium. scripts/run does it on Debian.",
    );
  }
  const { chromium } = await import("@playwright/test");
  signal?.throwIfAborted();
  await using starting = new AsyncDisposableStack();
  const home = certificateAuthority.length > 0
    ? starting.use(await makeBrowserHome(certificateAuthority))
    : undefined;
  const root = Deno.uid() === 0; // Chromium's sandbox refuses to run as root
  const browser = await chromium.launch({
    executablePath,
    headless: true,
    args: root ? ["--no-sandbox", ...ARGUMENTS] : ARGUMENTS,
    env: childEnvironment(home ? { HOME: home.path } : {}),
    timeout: limits.browserStarts,
    handleSIGINT: false, // we are interrupted ourselves, and close the browser
    handleSIGTERM: false,
    handleSIGHUP: false,
  }).catch((error) => {
    throw new DrillError(
      "BROWSER_MISSING",
      `Cannot start ${executablePath}: ${messageOf(error).split("\n")[0]}`,
      `Start it by hand: ${executablePath} --headless --no-sandbox --dump-dom about:blank`,
      { cause: error },
    );
  });
  const started = starting.move();
  const close = browser.close.bind(browser);
  let closing: Promise<void> | undefined;
  // once: a second call would return before the browser has exited, and its home would be removed while it is in use
  browser.close = (options) => closing ??= close(options).finally(() => started.disposeAsync());
  const onAbort = () => void browser.close();
  signal?.addEventListener("abort", onAbort, { once: true });
  browser.on("disconnected", () => signal?.removeEventListener("abort", onAbort));
  if (signal?.aborted) onAbort();
  return browser;
}

/**
 * Opens a context for the ERP at `url` that contacts no other origin: a restored ERP may not call home, and a link to
 * another environment must not be followed. Disposing closes it.
 *
 * Every request for another host or port goes to a proxy that does not exist. Playwright's own routing could block them
 * too, but it disables the browser's cache: measured on 22.0.4, a page then takes nearly twice as long.
 */
export async function openErp(browser: Browser, url: string, options: ErpOptions = {}): Promise<Erp> {
  const base = baseOf(url);
  const { origin } = new URL(base);
  const context = await browser.newContext({
    locale: BROWSER_LANGUAGE,
    viewport: VIEWPORT,
    userAgent: options.userAgent,
    serviceWorkers: "block",
    acceptDownloads: false,
    proxy: { server: NOWHERE, bypass: hostAndPort(base) },
  });
  context.setDefaultTimeout(limits.pageAnswers);
  const [blockedAddresses, blockedRedirects]: [string[], string[]] = [[], []];
  context.on("requestfailed", (request) => {
    const { origin: there, pathname } = new URL(request.url());
    if (there === origin && !pathname.endsWith(PING_RESULT)) return;
    blockedAddresses.push(there + pathname); // the query is left out: it may identify the ERP
    if (request.redirectedFrom()) blockedRedirects.push(there + pathname);
  });
  const page = await openPage(context);
  const pageErrors = collectPageErrors(page, { origin, harmless: options.harmless });
  return {
    base,
    context,
    page,
    blockedAddresses,
    blockedRedirects,
    pageErrors,
    options,
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** A screenshot of the page as it is now, as JPEG. */
export async function screenshotOf(page: Page, quality = 60): Promise<Uint8Array> {
  return await page.screenshot({
    type: "jpeg",
    quality,
    animations: "disabled",
    timeout: limits.pageAnswers,
  });
}

async function openPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.enable");
  await devtools.send("Network.setBlockedURLs", { urls: [`*${PING_RESULT}*`] });
  return page;
}

/** The normalised address: the host in lower case, no default port, no double or trailing slash. */
function baseOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/{2,}/g, "/").replace(/\/$/, "");
}

/** `127.0.0.1:8080`, with the default port where the address has none. */
function hostAndPort(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
}
