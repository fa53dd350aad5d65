/** Checks in the browser on the company's own documents and data: this drill's picture, the company's page, its logo. */

import { join } from "node:path";
import { digestOf, readFile, sha256Of } from "../../base/streams.ts";
import { logoPath } from "../../dolibarr/company.ts";
import { plainText } from "../../dolibarr/formats/plain_text.ts";
import { openCompanyPage } from "../../dolibarr/pages/company_page.ts";
import { fetchPicture } from "../../dolibarr/pages/served_files.ts";
import { openSignInPage } from "../../dolibarr/pages/sign_in_page.ts";
import { checkFailed, expectEqual, nothingToCheck, type RestoreCheck } from "../check.ts";
import { type BrowserContext, requireSignIn, SIGNED_IN, SIGNED_OUT, takeScreenshot } from "./context.ts";
import { lostLogo, otherCompany, otherMarkFile } from "./twins.ts";

export const documentsMark: RestoreCheck<BrowserContext> = {
  id: "browser.documents_mark",
  part: "browser",
  judges: "restore",
  level: "fast",
  given: SIGNED_OUT,
  title: "This drill's picture is served: the documents are the restored ones",
  required: true,
  async run(context) {
    const { path, content } = context.marks.file;
    const served = await fetchPicture(context.erp, "mycompany", path);
    return expectEqual(
      sha256Of(content),
      sha256Of(served.bytes),
      "SHA-256 of a random picture written into the sandbox's documents against what the ERP serves",
      "the ERP serves other bytes: its documents are not those that were restored",
    );
  },
  twin: otherMarkFile,
};

export const companyPage: RestoreCheck<BrowserContext> = {
  id: "browser.company",
  part: "browser",
  judges: "restore",
  level: "standard",
  given: SIGNED_IN,
  title: "The company's page shows the company and its logo",
  required: true,
  async run(context) {
    requireSignIn(context);
    const page = await openCompanyPage(context.erp);
    if (context.company.logo !== "" && page.logo.naturalWidth === 0) {
      throw checkFailed("the company's page does not show the company's logo");
    }
    return {
      ...expectEqual(
        plainText(context.company.name),
        page.name,
        "MAIN_INFO_SOCIETE_NOM against the company's page",
      ),
      screenshots: [await takeScreenshot(context.erp, "The company's page, with its logo")],
    };
  },
  twin: otherCompany,
};

export const servedLogo: RestoreCheck<BrowserContext> = {
  id: "browser.logo",
  part: "browser",
  judges: "restore",
  level: "fast",
  given: SIGNED_OUT,
  title: "The company's logo renders, and is the restored file",
  required: true,
  async run(context) {
    if (context.company.logo === "") throw nothingToCheck("no logo is set");
    const served = await fetchPicture(context.erp, "mycompany", `logos/${context.company.logo}`);
    const file = await digestOf(readFile(join(context.documents, logoPath(context.company.logo))));
    const { logo: shown, logoFault } = context.signIn ?? await openSignInPage(context.erp);
    if (logoFault) throw checkFailed(logoFault.sentence);
    if (!shown.source.includes("viewimage.php")) {
      throw checkFailed(
        `the sign-in page shows ${shown.source || "no picture"} in place of the company's logo`,
      );
    }
    if (shown.naturalWidth === 0) {
      throw checkFailed("the sign-in page's logo does not render: it has no width");
    }
    return {
      ...expectEqual(
        file.sha256,
        sha256Of(served.bytes),
        "SHA-256 of the restored file against what the ERP serves",
        "the ERP serves another picture than the restored file",
      ),
      details: [`${shown.naturalWidth} x ${shown.naturalHeight} pixels on the sign-in page`],
    };
  },
  twin: lostLogo,
};
