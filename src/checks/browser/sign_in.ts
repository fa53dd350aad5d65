/** Checks in the browser on the way in: that it is the restored ERP, of its version, and that a user can sign in. */

import { markIn } from "../../dolibarr/sandbox/marks.ts";
import { openSignInPage } from "../../dolibarr/pages/sign_in_page.ts";
import { expectEqual, nothingToCheck, type RestoreCheck } from "../check.ts";
import { type BrowserContext, SIGNED_OUT, takeScreenshot } from "./context.ts";
import { closedAccount, otherMessage, otherVersion } from "./twins.ts";

export const signInPageMark: RestoreCheck<BrowserContext> = {
  id: "browser.sandbox",
  part: "browser",
  judges: "restore",
  level: "fast",
  given: SIGNED_OUT,
  title: "The sign-in page has this drill's mark: it is the restored ERP",
  required: true,
  async run(context) {
    const page = await openSignInPage(context.erp);
    context.signIn = page;
    const found = markIn(page.message) || page.message || "(nothing)";
    return {
      ...expectEqual(
        context.marks.message,
        found,
        "the random message written into the sandbox's database against the sign-in page",
        "the sign-in page does not have the mark: the address leads to another ERP",
      ),
      screenshots: [
        await takeScreenshot(
          context.erp,
          found === context.marks.message
            ? "The sign-in page of the restored ERP, with this drill's mark"
            : `The sign-in page at ${context.erp.base}, without this drill's mark`,
        ),
      ],
    };
  },
  twin: otherMessage,
};

export const servedVersion: RestoreCheck<BrowserContext> = {
  id: "browser.version",
  part: "browser",
  judges: "restore",
  level: "fast",
  given: SIGNED_OUT,
  title: "The code that serves the pages has the version of the database",
  required: true,
  async run(context) {
    const page = context.signIn ?? await openSignInPage(context.erp);
    context.signIn = page;
    if (page.version === "") throw nothingToCheck("the sign-in page does not say its version");
    return expectEqual(
      context.company.version,
      page.version,
      "MAIN_VERSION_LAST_UPGRADE, else MAIN_VERSION_LAST_INSTALL, against the sign-in page",
      `the database is of version ${context.company.version || "unknown"}, the pages are of ${page.version}`,
    );
  },
  twin: otherVersion,
};

export const signIn: RestoreCheck<BrowserContext> = {
  id: "browser.sign_in",
  part: "browser",
  judges: "restore",
  level: "fast",
  given: SIGNED_OUT,
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
  twin: closedAccount,
};
