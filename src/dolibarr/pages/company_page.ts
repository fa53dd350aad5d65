/** The page on which a company's name, address and logo are set (for administrators). */

import type { Erp } from "./browser.ts";
import { readPicture, type ShownPicture } from "./sign_in_page.ts";
import { visit, type Visited } from "./visit.ts";

export interface CompanyPage {
  visited: Visited;
  /** As plain text; compare with `plainText(MAIN_INFO_SOCIETE_NOM)`. */
  name: string;
  /** The thumbnail. Dolibarr makes it again from the picture where it is missing: it proves less than the picture. */
  logo: ShownPicture;
}

const NAME = "input#name";
const LOGO = "img#logo";

/** Opens the company's page. Looking at it may make a thumbnail again under `mycompany/logos/thumbs`. */
export async function openCompanyPage(erp: Erp): Promise<CompanyPage> {
  const visited = await visit(erp, "/admin/company.php", { shows: NAME });
  const name = await erp.page.locator(NAME).inputValue();
  return { visited, name: plainText(name), logo: await readPicture(erp, LOGO) };
}

const ENTITIES: Record<string, string> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  "#39": "'",
  "#039": "'",
};

/** What an entity as `&eacute;` adds to its letter. */
const MARKS: Record<string, string> = {
  acute: "\u0301",
  grave: "\u0300",
  circ: "\u0302",
  uml: "\u0308",
  cedil: "\u0327",
  tilde: "\u0303",
  ring: "\u030a",
};

/**
 * A text without HTML entities: 22.0.4 escapes an `&` twice in this field, and names of old versions are stored with
 * `&eacute;`, so both sides are read this way.
 */
export function plainText(text: string): string {
  const plain = text.replace(/&(amp|lt|gt|quot|apos|#0?39);/g, (_, name: string) => ENTITIES[name]!)
    .replace(
      /&([a-z])(acute|grave|circ|uml|cedil|tilde|ring);/gi,
      (_, letter: string, mark: string) => (letter + MARKS[mark.toLowerCase()]).normalize(),
    );
  return plain === text ? text.trim() : plainText(plain);
}
