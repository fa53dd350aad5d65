/** Checks in the browser on the way in: that it is the restored ERP, of whom, and with which logo. */

import { join } from "node:path";
import { digestOf, readFile, sha256Of } from "../../base/streams.ts";
import { logoPath } from "../../dolibarr/company.ts";
import { markIn } from "../../dolibarr/sandbox/marks.ts";
import { openCompanyPage } from "../../dolibarr/pages/company_page.ts";
import { fetchDocument, fetchPicture } from "../../dolibarr/pages/served_files.ts";
import { openSignInPage } from "../../dolibarr/pages/sign_in_page.ts";
import { plainText } from "../../dolibarr/formats/plain_text.ts";
import { type Check, expectEqual, finding, nothingToLookAt } from "../check.ts";
import {
  closedAccount,
  lostLogo,
  otherCompany,
  otherMarkFile,
  otherMessage,
  otherVersion,
} from "./broken.ts";
import { type BrowserContext, requireSignIn, SERVED, STARTED, takeScreenshot } from "./context.ts";

export const sandbox: Check<BrowserContext> = {
  id: "browser.sandbox",
  part: "browser",
  level: "fast",
  given: STARTED,
  title: "The sign-in page bears this drill's mark: it is the restored ERP",
  required: true,
  async run(context) {
    const page = await openSignInPage(context.erp);
    context.signIn = page;
    return {
      ...expectEqual(
        context.marks.message,
        markIn(page.message) || page.message || "(nothing)",
        "the random message written into the sandbox's database against the sign-in page",
        "the sign-in page does not bear the mark: the address leads to another ERP",
      ),
      screenshots: [
        await takeScreenshot(context.erp, "The sign-in page of the restored ERP, with this drill's mark"),
      ],
    };
  },
  broken: otherMessage,
};

export const version: Check<BrowserContext> = {
  id: "browser.version",
  part: "browser",
  level: "fast",
  given: STARTED,
  title: "The code that serves the pages is of the version that the database is of",
  required: true,
  async run(context) {
    const page = context.signIn ?? await openSignInPage(context.erp);
    context.signIn = page;
    if (page.version === "") throw nothingToLookAt("the sign-in page does not say which version made it");
    return expectEqual(
      context.company.version,
      page.version,
      "MAIN_VERSION_LAST_UPGRADE, else MAIN_VERSION_LAST_INSTALL, against the sign-in page",
      `the database is of ${context.company.version || "no known version"}, the pages are of ${page.version}`,
    );
  },
  broken: otherVersion,
};

export const signedIn: Check<BrowserContext> = {
  id: "browser.sign_in",
  part: "browser",
  level: "fast",
  given: STARTED,
  title: "A user can sign in",
  required: true,
  async run(context) {
    const page = context.signIn ?? await openSignInPage(context.erp);
    context.signIn = page;
    context.home = await page.signIn(context.account.login, context.account.password);
    return expectEqual(
      200,
      context.home.visited.status,
      "the home page behind the sign-in, with an account made for this drill",
    );
  },
  broken: closedAccount,
};

export const markedFile: Check<BrowserContext> = {
  id: "browser.documents_mark",
  part: "browser",
  level: "fast",
  given: SERVED,
  title: "This drill's file is served: the documents are the restored ones",
  required: true,
  async run(context) {
    requireSignIn(context);
    const served = await fetchDocument(context.erp, "mycompany", context.marks.file.name);
    return expectEqual(
      context.marks.file.content.trim(),
      new TextDecoder().decode(served.bytes).trim(),
      "a random file written into the sandbox's documents against what the ERP serves",
      "the ERP serves other bytes: its documents are not those that were restored",
    );
  },
  broken: otherMarkFile,
};

export const companyPage: Check<BrowserContext> = {
  id: "browser.company",
  part: "browser",
  level: "standard",
  given: SERVED,
  title: "The company's page shows the company and its logo",
  required: true,
  async run(context) {
    requireSignIn(context);
    const page = await openCompanyPage(context.erp);
    if (context.company.logo !== "" && page.logo.naturalWidth === 0) {
      throw finding("the company's page does not show the company's logo");
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
  broken: otherCompany,
};

export const logoPicture: Check<BrowserContext> = {
  id: "browser.logo",
  part: "browser",
  level: "fast",
  given: STARTED,
  title: "The company's logo renders, and is the restored file",
  required: true,
  async run(context) {
    if (context.company.logo === "") throw finding("no logo is set in the restored database");
    const served = await fetchPicture(context.erp, "mycompany", `logos/${context.company.logo}`);
    const file = await digestOf(readFile(join(context.documents, logoPath(context.company.logo))));
    const { logo: shown, logoFault } = context.signIn ?? await openSignInPage(context.erp);
    if (logoFault) throw finding(logoFault.sentence);
    if (!shown.source.includes("viewimage.php")) {
      throw finding(`the sign-in page shows ${shown.source || "no picture"} in place of the company's logo`);
    }
    if (shown.naturalWidth === 0) throw finding("the sign-in page's logo does not render: it has no width");
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
  broken: lostLogo,
};
