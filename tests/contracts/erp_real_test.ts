import { assertEquals, assertGreater } from "@std/assert";
import { it } from "@std/testing/bdd";
import { readPageLanguages } from "../../src/dolibarr/pages/languages.ts";
import { BROWSER_LANGUAGE } from "../../src/dolibarr/pages/visit/browser.ts";
import { startErp } from "../support/lab/erp.ts";
import { setConstant } from "../support/lab/erp_changes.ts";
import { whyNoDolibarr } from "../support/lab/lab.ts";
import { describeErp } from "./erp.ts";
import { assertDisguise, type ErpContext } from "./erp_context.ts";
import { openInvoiceList } from "../../src/dolibarr/pages/list_pages.ts";

const skip = await whyNoDolibarr();
describeErp("Dolibarr itself", () => startErp("real"), { skip }, (context: ErpContext) => {
  it("makes its pages in the language that the database says, and another language is found", async () => {
    const { running: { session, drillAccount: { login } }, erp } = context;
    await using _french = await setConstant(session, "MAIN_LANG_DEFAULT", "fr_FR");
    await assertDisguise("wrong_language", () => openInvoiceList(erp));
    assertEquals(await readPageLanguages(session, login, BROWSER_LANGUAGE), { signIn: "fr", pages: "fr" });
  });

  it("logs its installation, each statement with its data, where only this user can read it", async () => {
    const { documents } = context.running;
    const log = await Deno.stat(`${documents}/../../log/dolibarr_install.log`).catch(() => undefined);
    if (log === undefined) return; // a lab that an earlier version built is not built again for that
    assertEquals(log.mode! & 0o777, 0o600);
    assertGreater(log.size, 100_000, "it is the file that the installer writes");
  });
});
