/** Dolibarr's sign-in page. */

import type { Erp } from "./visit/browser.ts";
import { type Disguise, fallbackLogo } from "./visit/disguises.ts";
import { HOME, type HomePage, homePage } from "./home_page.ts";
import { arriveByAction, fetchAndRead, PageFault, visit, type Visited } from "./visit/visit.ts";
import { limits } from "../../base/limits.ts";

/** A picture as the browser has it. */
export interface PagePicture {
  /** Its address. */
  source: string;
  /** In pixels; 0 when it could not be shown. */
  naturalWidth: number;
  naturalHeight: number;
}

export interface SignInPage {
  visited: Visited;
  /** The constant MAIN_HOME, as text; empty when there is none. */
  message: string;
  logo: PagePicture;
  /** The version of the code that made the page, which its styles and scripts are asked for with; empty where it does not say. */
  version: string;
  /** Said when the logo is Dolibarr's own, which is what it shows when the company's is lost. */
  logoFault: Disguise | undefined;
  /**
   * Signs in.
   * @throws PageFault `wrong_password` with Dolibarr's own words, or what else came instead of the home page.
   */
  signIn(login: string, password: string): Promise<HomePage>;
}

const FORM = "form#login";
const SUBMIT = `${FORM} input[type="submit"]`;
const MESSAGE = ".login_main_home";
const LOGO = "#img_logo";
const VERSION_ASKED = /[?&;]version=(\d+\.\d+\.\d+[\w.-]*)/;
const REFUSAL = ".jnotify-message, .login_main_message .error";

/** Opens the sign-in page. Nobody may be signed in. */
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

/** Waits until the picture is there or is known to fail, and reads its size. */
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
 * Signs in by sending the form without showing it: for one more visitor, after a first one was seen to sign in as a
 * person does.
 * @throws PageFault as `signIn`, without Dolibarr's words for a refusal
 */
export async function signInByFetch(erp: Erp, login: string, password: string): Promise<HomePage> {
  const form = { selector: FORM, fields: { username: login, password } };
  const { visited } = await fetchAndRead(erp, `${erp.base}/index.php?mainmenu=home`, HOME, form);
  return homePage(erp, visited);
}

/** The form came back: in Dolibarr's own words, why. */
async function refused(erp: Erp, url: string, login: string): Promise<PageFault> {
  const refusal = erp.page.locator(REFUSAL).first();
  const timeout = limits.refusalIsWritten;
  await refusal.waitFor({ state: "attached", timeout }).catch(() => undefined); // a script writes it; it may say nothing
  const words = await refusal.count() > 0 ? (await refusal.innerText()).trim() : "without a word";
  return new PageFault(url, { kind: "wrong_password", sentence: `the login ${login} was refused: ${words}` });
}
