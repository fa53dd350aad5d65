/** The page on which a company's name, address and logo are set (for administrators). */

import { plainText } from "../formats/plain_text.ts";
import type { Erp } from "./visit/browser.ts";
import { type PagePicture, readPicture } from "./sign_in_page.ts";
import { visit, type Visited } from "./visit/visit.ts";

export interface CompanyPage {
  visited: Visited;
  /** As plain text; compare with `plainText(MAIN_INFO_SOCIETE_NOM)`. */
  name: string;
  /** The thumbnail. Dolibarr makes it again from the picture where it is missing: it proves less than the picture. */
  logo: PagePicture;
}

const NAME = "input#name";
const LOGO = "img#logo";

/** Opens the company's page. Looking at it may make a thumbnail again under `mycompany/logos/thumbs`. */
export async function openCompanyPage(erp: Erp): Promise<CompanyPage> {
  const visited = await visit(erp, "/admin/company.php", { shows: NAME });
  const name = await erp.page.locator(NAME).inputValue();
  return { visited, name: plainText(name), logo: await readPicture(erp, LOGO) };
}
