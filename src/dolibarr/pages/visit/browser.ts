/** A browser that looks at one ERP and at nothing else. */

import type { Browser, BrowserContext, Page } from "@playwright/test";
import { DrillError, messageOf } from "../../../base/errors.ts";
import { limits } from "../../../base/limits.ts";
import { childEnvironment, findTool } from "../../../base/process/processes.ts";
import { makeBrowserHome } from "./browser_home.ts";
import type { PageLanguages } from "../languages.ts";
import { collectPageErrors, type PageErrors } from "./page_errors.ts";

export interface BrowserOptions {
  signal?: AbortSignal;
  /** Certificates of authorities to trust besides the known ones, each as PEM. */
  certificateAuthority?: readonly string[];
}

/** One ERP in one browser context of its own: its own cookies, one page, one origin. */
export interface Erp extends AsyncDisposable {
  /** `http://127.0.0.1:8080/htdocs`, without a slash at its end. */
  readonly base: string;
  readonly context: BrowserContext;
  readonly page: Page;
  /** Addresses outside the ERP that its pages asked for, and did not get. */
  readonly keptOut: readonly string[];
  /** Those of them to which an address of the ERP's own led on. */
  readonly ledAway: readonly string[];
  /** What went wrong on the page since somebody took it from here; it grows while the page is open. */
  readonly troubles: PageErrors;
  readonly options: ErpOptions;
}

export interface ErpOptions {
  userAgent?: string;
  /** Parts of lines about what goes wrong on pages, and is known to be harmless. */
  harmless?: readonly string[];
  /** In which its pages must be; not looked at where they are not given. */
  languages?: PageLanguages;
  /** For what is asked beside the browser: the authorities that `openBrowser` was told to trust. */
  certificateAuthority?: readonly string[];
}

/** The language that the browser asks for. */
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
/** The port "discard": nothing listens there, and who should would throw all away. */
const NOWHERE = "http://127.0.0.1:9";
/** After a failed ping to its makers, Dolibarr writes that into llx_const: a look must not write. */
const PING_RESULT = "/core/ajax/pingresult.php";

/** Debian's Chromium without a window's parts takes a fifth less for each page (measured on 22.0.4); any other will do. */
const PROGRAMS = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];

/** The browser's program, or undefined. */
export const findChromium = (): string | undefined => findTool(...PROGRAMS);

/**
 * Starts Chromium, which shows nothing on a screen. Disposing ends it.
 * @throws DrillError `BROWSER_MISSING` when there is none, or when it does not start.
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
    handleSIGINT: false, // who started us ends us, and we end the browser
    handleSIGTERM: false,
    handleSIGHUP: false,
  }).catch((error) => {
    throw new DrillError(
      "BROWSER_MISSING",
      `Cannot start ${executablePath}: ${messageOf(error).split("\n")[0]}`,
      `Try it by hand: ${executablePath} --headless --no-sandbox --dump-dom about:blank`,
      { cause: error },
    );
  });
  const started = starting.move();
  const close = browser.close.bind(browser);
  let closing: Promise<void> | undefined;
  // once: who asks again would not wait until it has ended, and what it still uses would be removed
  browser.close = (options) => closing ??= close(options).finally(() => started.disposeAsync());
  const onAbort = () => void browser.close();
  signal?.addEventListener("abort", onAbort, { once: true });
  browser.on("disconnected", () => signal?.removeEventListener("abort", onAbort));
  if (signal?.aborted) onAbort();
  return browser;
}

/**
 * Opens a context for the ERP at `url`, in which no other origin is ever contacted: a restored ERP may not call
 * home, and a link to another environment must not be followed. Disposing closes it.
 *
 * Everything that is not for this host and this port is sent to a proxy that is not there. Playwright's own routing
 * would do it too, but it switches the browser's cache off: measured on 22.0.4, a page then takes nearly twice as long.
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
  const [keptOut, ledAway]: [string[], string[]] = [[], []];
  context.on("requestfailed", (request) => {
    const { origin: there, pathname } = new URL(request.url());
    if (there === origin && !pathname.endsWith(PING_RESULT)) return;
    keptOut.push(there + pathname); // what is behind the ? may be an identity of the ERP's
    if (request.redirectedFrom()) ledAway.push(there + pathname);
  });
  const page = await openPage(context);
  const troubles = collectPageErrors(page, { origin, harmless: options.harmless });
  return {
    base,
    context,
    page,
    keptOut,
    ledAway,
    troubles,
    options,
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** What is to be seen on the page now, as JPEG. */
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

/** The address as pages name it: its host in small letters, no port that goes without saying, no slash twice or at its end. */
function baseOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/{2,}/g, "/").replace(/\/$/, "");
}

/** `127.0.0.1:8080`, with the port that the address leaves out. */
function hostAndPort(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
}
