import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { plainAmount } from "../../src/dolibarr/formats/amounts.ts";
import { openErp } from "../../src/dolibarr/pages/visit/browser.ts";
import { openCompanyPage } from "../../src/dolibarr/pages/company_page.ts";
import { fetchDocument, fetchPicture, fetchServedFile } from "../../src/dolibarr/pages/served_files.ts";
import { openHomePage } from "../../src/dolibarr/pages/home_page.ts";
import { openInvoiceCard } from "../../src/dolibarr/pages/invoice_card_page.ts";
import { expectedBadge } from "../../src/dolibarr/pages/invoice_status.ts";
import { openInvoiceTab, openInvoiceTabs } from "../../src/dolibarr/pages/invoice_tabs_page.ts";
import { openSignInPage } from "../../src/dolibarr/pages/sign_in_page.ts";
import { openStatisticsPage } from "../../src/dolibarr/pages/statistics_page.ts";
import { FAULT_MODES, type FaultMode } from "../../src/lab/stand_in/faults.ts";
import { startErp } from "../support/lab/erp.ts";
import { describeErp } from "./erp.ts";
import { assertDisguise, type ErpContext, md5, newestInvoice, pdfOf } from "./erp_context.ts";
import { openInvoiceList } from "../../src/dolibarr/pages/list_pages.ts";

describeErp("the stand-in", () => startErp("stand-in"), {}, (context) => {
  describe("pages of its own", () => {
    it("say at their foot that it is not Dolibarr", async () => {
      await openSignInPage(context.anonymous);
      assert((await context.anonymous.page.locator("footer").innerText()).includes("not Dolibarr"));
      assert((await (await openHomePage(context.erp)).text()).includes("not Dolibarr"));
    });
  });

  describe("with a fault", () => {
    for (const mode of Object.keys(FAULT_MODES) as FaultMode[]) {
      it(`is recognised: ${FAULT_MODES[mode]}`, async () => {
        await Deno.writeTextFile(context.running.faultsFile, JSON.stringify({ mode, ms: 700 }));
        try {
          await RECOGNISED[mode](context);
        } finally {
          await Deno.remove(context.running.faultsFile);
        }
      });
    }

    it("is right again without a fault", async () => {
      assertEquals((await openInvoiceList(context.erp)).total, context.invoices.length);
    });
  });
});

/** How each fault shows: as an error in disguise, or as data that differs from the database. */
const RECOGNISED: Record<FaultMode, (context: ErpContext) => Promise<unknown>> = {
  "picture-missing": ({ erp }) =>
    assertDisguise("no_photo", () => fetchPicture(erp, "mycompany", "logos/logo.png")),
  "document-missing": (context) => assertDisguise("file_does_not_exist", () => fetchPdf(context)),
  "signed-out": ({ erp }) => assertDisguise("sign_in_form", () => openInvoiceList(erp)),
  "sql-error": ({ erp }) => assertDisguise("technical_error", () => openInvoiceList(erp)),
  "sql-error-202": ({ erp }) => assertDisguise("technical_error", () => openHomePage(erp)),
  "logo-fallback": async ({ anonymous }) =>
    assertEquals((await openSignInPage(anonymous)).logoFault?.kind, "fallback_logo"),
  async "thumbnail-missing"({ erp, anonymous }) {
    const thumbnail = () => fetchPicture(anonymous, "mycompany", "logos/thumbs/logo_small.png");
    await assertDisguise("no_photo", thumbnail);
    assert((await openCompanyPage(erp)).logo.naturalWidth > 100);
    await thumbnail(); // hidden by opening the page
  },
  async slow({ erp }) {
    assert((await openInvoiceList(erp, { as: "text" })).visited.ms >= 700);
  },
  "other-company": async ({ erp }) => assertEquals((await openCompanyPage(erp)).name, "Another Company SARL"),
  "other-message": async ({ anonymous }) =>
    assertEquals((await openSignInPage(anonymous)).message, "Welcome to another ERP"),
  async "empty-list"({ erp }) {
    const { total, invoices } = await openInvoiceList(erp);
    assertEquals([total, invoices], [0, []]);
  },
  "short-list": async ({ erp, invoices }) =>
    assertEquals((await openInvoiceList(erp)).total, invoices.length - 1),
  async "wrong-total"(context) {
    const invoice = newestInvoice(context);
    const shown = (await openInvoiceCard(context.erp, invoice.id)).totalWithTax;
    assertEquals(Number(shown) - Number(plainAmount(invoice.totalWithTax)) > 0.005, true, shown);
  },
  async "wrong-status"(context) {
    const invoice = newestInvoice(context);
    const { badge } = await openInvoiceCard(context.erp, invoice.id);
    assertEquals([badge, expectedBadge(invoice).badge], [0, 6]);
  },
  async "other-invoice"({ erp, invoices }) {
    const { others: [other] } = await openInvoiceTabs(erp, invoices[0]!.id);
    assertEquals((await openInvoiceTab(erp, other!)).ref, "FA9999-0001");
  },
  async "blank-picture"({ erp }) {
    const { pictures } = await openStatisticsPage(erp, { year: 2026, paintedWithin: 100 });
    assertEquals(pictures.map(({ painted }) => painted), [false]);
  },
  async "altered-pdf"(context) {
    const { bytes } = await fetchPdf(context);
    assert(md5(bytes) !== newestInvoice(context).recordedMd5);
  },
  forbidden: ({ erp }) => assertDisguise("access_forbidden", () => openInvoiceList(erp)),
  elsewhere: ({ erp }) => assertDisguise("another_address", () => openInvoiceList(erp)),
  setup: ({ erp }) => assertDisguise("setup_page", () => openHomePage(erp)),
  install: ({ erp }) => assertDisguise("install_page", () => openInvoiceList(erp)),
  "server-error": ({ erp }) =>
    assertDisguise("server_error", () => fetchServedFile(erp, "/robots.txt", "file")),
  blank: ({ erp }) => assertDisguise("blank_page", () => openInvoiceList(erp)),
  "php-error": ({ erp }) => assertDisguise("php_error", () => openInvoiceList(erp)),
  "wrong-language": ({ anonymous }) => assertDisguise("wrong_language", () => openSignInPage(anonymous)),
  "script-error": async ({ erp }) => {
    const words = await assertDisguise("page_error", () => openInvoiceList(erp));
    assert(words.includes("script error: undefinedFunction is not defined"), words);
  },
  "script-elsewhere": async ({ browser, running }) => {
    await using anonymous = await openErp(browser, running.url);
    await openSignInPage(anonymous);
    assertEquals(anonymous.pageErrors.harmless, [
      "/index.php: script error: drawMap is not defined (localhost:9 is blocked)",
    ]);
  },
  "console-error": async ({ erp }) => {
    const words = await assertDisguise("page_error", () => openInvoiceList(erp));
    assert(words.includes("console error: the chart could not be drawn"), words);
  },
  "asset-missing": async ({ erp, browser, running }) => {
    const words = await assertDisguise("page_error", () => openInvoiceList(erp));
    assert(words.includes("/includes/gone.js: 404"), words);
    await using lenient = await openErp(browser, running.url, { harmless: ["/includes/gone.js"] });
    await openSignInPage(lenient);
    assertEquals(lenient.pageErrors.harmless, ["/includes/gone.js: 404"]);
  },
  offline: ({ anonymous }) => assertDisguise("offline", () => openSignInPage(anonymous)),
};

const fetchPdf = (context: ErpContext) =>
  fetchDocument(context.erp, "facture", pdfOf(newestInvoice(context)));
