/** Dolibarr's home page, where a sign-in leads. */

import type { Erp } from "./visit/browser.ts";
import type { PageReading } from "./visit/in_page.ts";
import { visit, type Visited } from "./visit/visit.ts";

export interface HomePage {
  visited: Visited;
  /** All that is to be read on the page that is shown, with the message of the day (MAIN_MOTD) in it. */
  text(): Promise<string>;
  /** Signs out. */
  signOut(): Promise<void>;
}

/** What only a page for somebody who is signed in has. */
const SIGNED_IN = 'a[href*="/user/logout.php?token="]';

/** How it is known. */
export const HOME: PageReading<null> = { shows: SIGNED_IN, read: () => null, arg: undefined };

/** Opens the home page of the account that is signed in. */
export async function openHomePage(erp: Erp): Promise<HomePage> {
  return homePage(erp, await visit(erp, "/index.php?mainmenu=home", { shows: SIGNED_IN }));
}

/** The home page on which the browser already is. */
export const homePage = (erp: Erp, visited: Visited): HomePage => ({
  visited,
  text: () => erp.page.locator("body").innerText(),
  signOut: () => signOut(erp),
});

async function signOut(erp: Erp): Promise<void> {
  const way = await erp.page.locator(SIGNED_IN).first().getAttribute("href");
  const address = new URL(way ?? "/user/logout.php", erp.page.url());
  await visit(erp, address.href.slice(erp.base.length), { expect: "sign_in", shows: "form#login" });
}
