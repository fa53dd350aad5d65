/** Dolibarr's sign-in page. */

import type { Erp } from "./visit/browser.ts";
import { type Disguise, fallbackLogo } from "./visit/disguises.ts";
import { HOME, type HomePage, homePage } from "./home_page.ts";
import { arriveByAction, fetchAndRead, visit, type Visited } from "./visit/visit.ts";
import { VERSION_ASKED } from "./shown_version.ts";
import { PageFault } from "./visit/page_fault.ts";
import { limits } from "../../base/limits.ts";

/** A picture as the browser has it. */
export interface PagePicture {
  /** Its address. */
  source: string;
  /** In pixels; 0 where it could not be loaded. */
  naturalWidth: number;
  naturalHeight: number;
}

export interface SignInPage {
  visited: Visited;
  /** The constant MAIN_HOME as text; empty where there is none. */
  message: string;
  logo: PagePicture;
  /** The version of the code that serves the page, from the addresses of its styles and scripts; empty where they have none. */
  version: string;
  /** Set where the page shows Dolibarr's own logo, as it does where the company's is missing. */
  logoFault: Disguise | undefined;
  /**
   * Signs in.
   * @throws PageFault `wrong_password` with Dolibarr's own message, or another kind where the home page did not come.
   */
  signIn(login: string, password: string): Promise<HomePage>;
}

const FORM = "form#login";
const SUBMIT = `${FORM} input[type="submit"]`;
const MESSAGE = ".login_main_home";
const LOGO = "#img_logo";
const REFUSAL = ".jnotify-message, .login_main_message .error";

/** Opens the sign-in page; no account may be signed in. */
export async function openSignInPage(erp: Erp): Promise<SignInPage> {
  const visited = await visit(erp, "/index.php", { expect: "sign_in", shows: FORM });
  const logo = await readPicture(erp, LOGO);
  const message = erp.page.locator(MESSAGE);
  return {
    visited,
    message: await message.count() > 0 ? (await message.first().innerText()).trim() : "",
    logo,
    version: VERSION_ASKED.exec(visited.html)?.[1] ?? "",
    logoFault: fallbackLogo(logo.source),
    signIn: (login, password) => signIn(erp, login, password),
  };
}

/** Waits until the picture is loaded or has failed, and reads its size. */
export async function readPicture(erp: Erp, selector: string): Promise<PagePicture> {
  const picture = erp.page.locator(selector).first();
  if (await picture.count() === 0) return { source: "", naturalWidth: 0, naturalHeight: 0 };
  return await picture.evaluate(async (element) => {
    const image = element as unknown as {
      src: string;
      naturalWidth: number;
      naturalHeight: number;
      decode(): Promise<void>;
    };
    await image.decode().catch(() => undefined); // a picture that cannot be decoded has no natural width
    return { source: image.src, naturalWidth: image.naturalWidth, naturalHeight: image.naturalHeight };
  });
}

async function signIn(erp: Erp, login: string, password: string): Promise<HomePage> {
  const { page } = erp;
  await page.locator("#username").fill(login);
  await page.locator("#password").fill(password);
  const url = `${erp.base}/index.php?mainmenu=home`;
  const send = async () => {
    const [response] = await Promise.all([
      page.waitForNavigation({ waitUntil: "load" }),
      page.locator(SUBMIT).click(),
    ]);
    return response;
  };
  try {
    const { visited } = await arriveByAction(erp, url, HOME, send);
    return homePage(erp, visited);
  } catch (error) {
    if (error instanceof PageFault && error.kind === "sign_in_form") throw await refused(erp, url, login);
    throw error;
  }
}

/**
 * Signs in by sending the form without showing the page: for a further visitor, after the first one signed in as a person
 * does.
 * @throws PageFault as `signIn`, without Dolibarr's message for a refusal
 */
export async function signInByFetch(erp: Erp, login: string, password: string): Promise<HomePage> {
  const form = { selector: FORM, fields: { username: login, password } };
  const { visited } = await fetchAndRead(erp, `${erp.base}/index.php?mainmenu=home`, HOME, form);
  return homePage(erp, visited);
}

/** The error for a sign-in form that came back, with Dolibarr's message. */
async function refused(erp: Erp, url: string, login: string): Promise<PageFault> {
  const refusal = erp.page.locator(REFUSAL).first();
  const timeout = limits.refusalIsWritten;
  await refusal.waitFor({ state: "attached", timeout }).catch(() => undefined); // a script writes it; there may be none
  const message = await refusal.count() > 0 ? (await refusal.innerText()).trim() : "no message was shown";
  return new PageFault(url, {
    kind: "wrong_password",
    sentence: `the login ${login} was refused: ${message}`,
  });
}
