/** The page on which an administrator sets the company's name, address and logo. */

import { plainText } from "../formats/plain_text.ts";
import type { Erp } from "./visit/browser.ts";
import { type PagePicture, readPicture } from "./sign_in_page.ts";
import { visit, type Visited } from "./visit/visit.ts";

interface CompanyPage {
  visited: Visited;
  /** As plain text, to compare with `plainText` of MAIN_INFO_SOCIETE_NOM. */
  name: string;
  /** The thumbnail. Dolibarr creates a missing one again from the logo, so it proves less than the logo itself. */
  logo: PagePicture;
}

const NAME = "input#name";
const LOGO = "img#logo";

/** Opens the company's page. Dolibarr may then create a thumbnail under `mycompany/logos/thumbs`. */
export async function openCompanyPage(erp: Erp): Promise<CompanyPage> {
  const visited = await visit(erp, "/admin/company.php", { shows: NAME });
  const name = await erp.page.locator(NAME).inputValue();
  return { visited, name: plainText(name), logo: await readPicture(erp, LOGO) };
}
