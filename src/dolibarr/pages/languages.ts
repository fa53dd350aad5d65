/** The languages of Dolibarr's pages, as the database sets them. */

import type { Session } from "../../postgres/connection/session.ts";

/** Two letters each, as in `<html lang="fr">`. */
export interface PageLanguages {
  /** The language of the sign-in page. */
  signIn: string;
  /** The language of every page after signing in. */
  pages: string;
}

/**
 * The languages for a browser that asks for `asked` (`en-GB`) and an account `login`. Read in 22.0.4, main.inc.php: the
 * user's MAIN_LANG_DEFAULT, else the company's; where it is `auto` or not set, the language that the browser asks for.
 */
export async function readPageLanguages(
  session: Session,
  login: string,
  asked: string,
): Promise<PageLanguages> {
  const company = await session.query<{ value: string }>(
    `SELECT value FROM public.llx_const WHERE name = 'MAIN_LANG_DEFAULT' AND entity IN (0, 1) AND value <> ''
      ORDER BY entity DESC LIMIT 1`,
  );
  const own = await session.query<{ value: string }>(
    `SELECT p.value FROM public.llx_user_param p JOIN public.llx_user u ON u.rowid = p.fk_user
      WHERE (u.login = $1 OR u.email = $1) AND p.param = 'MAIN_LANG_DEFAULT' AND p.entity IN (0, 1) AND p.value <> ''
      ORDER BY p.entity DESC LIMIT 1`,
    [login],
  );
  return pageLanguagesOf(company[0]?.value, own[0]?.value, asked);
}

/** The languages that follow from the company's and the user's own MAIN_LANG_DEFAULT. Pure. */
export function pageLanguagesOf(
  company: string | undefined,
  own: string | undefined,
  asked: string,
): PageLanguages {
  const letters = (code: string) => (code === "auto" ? asked : code).slice(0, 2).toLowerCase();
  return { signIn: letters(company ?? "auto"), pages: letters(own ?? company ?? "auto") };
}
