import { assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { readPageLanguages } from "../../src/dolibarr/pages/languages.ts";
import { BROWSER_LANGUAGE } from "../../src/dolibarr/pages/visit/browser.ts";
import { startErp } from "../support/lab/erp.ts";
import { constantSet } from "../support/lab/erp_changes.ts";
import { whyNoDolibarr } from "../support/lab/lab.ts";
import { describeErp } from "./erp.ts";
import { type Looked, seen } from "./erp_looked.ts";
import { openInvoiceList } from "../../src/dolibarr/pages/list_pages.ts";

const skip = await whyNoDolibarr();
describeErp("Dolibarr itself", () => startErp("real"), { skip }, (looked: Looked) => {
  it("makes its pages in the language that the database says, which is seen where it is another", async () => {
    const { running: { session, drillAccount: { login } }, erp } = looked;
    await using _french = await constantSet(session, "MAIN_LANG_DEFAULT", "fr_FR");
    await seen("wrong_language", () => openInvoiceList(erp));
    assertEquals(await readPageLanguages(session, login, BROWSER_LANGUAGE), { signIn: "fr", pages: "fr" });
  });
});
