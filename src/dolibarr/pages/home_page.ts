/** Dolibarr's home page, which follows the sign-in. */

import type { Erp } from "./visit/browser.ts";
import type { PageReading } from "./visit/in_page.ts";
import { visit, type Visited } from "./visit/visit.ts";

export interface HomePage {
  visited: Visited;
  /** The text of the page, with the message of the day (MAIN_MOTD). */
  text(): Promise<string>;
  /** Signs out. */
  signOut(): Promise<void>;
}

/** A selector that only pages after signing in have. */
const SIGNED_IN = 'a[href*="/user/logout.php?token="]';

/** How the home page is recognised. */
export const HOME: PageReading<null> = { shows: SIGNED_IN, read: () => null, arg: undefined };

/** Opens the home page; an account must be signed in. */
export async function openHomePage(erp: Erp): Promise<HomePage> {
  return homePage(erp, await visit(erp, "/index.php?mainmenu=home", { shows: SIGNED_IN }));
}

/** The home page that the browser has open. */
export const homePage = (erp: Erp, visited: Visited): HomePage => ({
  visited,
  text: () => erp.page.locator("body").innerText(),
  signOut: () => signOut(erp),
});

async function signOut(erp: Erp): Promise<void> {
  const link = await erp.page.locator(SIGNED_IN).first().getAttribute("href");
  const address = new URL(link ?? "/user/logout.php", erp.page.url());
  await visit(erp, address.href.slice(erp.base.length), { expect: "sign_in", shows: "form#login" });
}
