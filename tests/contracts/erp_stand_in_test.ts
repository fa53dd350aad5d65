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
import { documentOf, type Looked, md5, newest, seen } from "./erp_looked.ts";
import { openInvoiceList } from "../../src/dolibarr/pages/list_pages.ts";

describeErp("the stand-in", () => startErp("stand-in"), {}, (looked) => {
  describe("pages of its own", () => {
    it("say at their foot that it is not Dolibarr", async () => {
      await openSignInPage(looked.nobody);
      assert((await looked.nobody.page.locator("footer").innerText()).includes("not Dolibarr"));
      assert((await (await openHomePage(looked.erp)).text()).includes("not Dolibarr"));
    });
  });

  describe("told to break", () => {
    for (const mode of Object.keys(FAULT_MODES) as FaultMode[]) {
      it(`is found out: ${FAULT_MODES[mode]}`, async () => {
        await Deno.writeTextFile(looked.running.faultsFile, JSON.stringify({ mode, ms: 700 }));
        try {
          await FOUND_OUT[mode](looked);
        } finally {
          await Deno.remove(looked.running.faultsFile);
        }
      });
    }

    it("is whole again without a fault", async () => {
      assertEquals((await openInvoiceList(looked.erp)).total, looked.invoices.length);
    });
  });
});

/** How each fault shows: as a fault of a page, or as a reading that is not the database's. */
const FOUND_OUT: Record<FaultMode, (looked: Looked) => Promise<unknown>> = {
  "picture-missing": ({ erp }) => seen("no_photo", () => fetchPicture(erp, "mycompany", "logos/logo.png")),
  "document-missing": (looked) => seen("file_does_not_exist", () => fetchPdf(looked)),
  "signed-out": ({ erp }) => seen("sign_in_form", () => openInvoiceList(erp)),
  "sql-error": ({ erp }) => seen("technical_error", () => openInvoiceList(erp)),
  "sql-error-202": ({ erp }) => seen("technical_error", () => openHomePage(erp)),
  "logo-fallback": async ({ nobody }) =>
    assertEquals((await openSignInPage(nobody)).logoFault?.kind, "fallback_logo"),
  async "thumbnail-missing"({ erp, nobody }) {
    const thumbnail = () => fetchPicture(nobody, "mycompany", "logos/thumbs/logo_small.png");
    await seen("no_photo", thumbnail);
    assert((await openCompanyPage(erp)).logo.naturalWidth > 100);
    await thumbnail(); // hidden by a look
  },
  async slow({ erp }) {
    assert((await openInvoiceList(erp, { as: "text" })).visited.ms >= 700);
  },
  "other-company": async ({ erp }) => assertEquals((await openCompanyPage(erp)).name, "Another Company SARL"),
  "other-message": async ({ nobody }) =>
    assertEquals((await openSignInPage(nobody)).message, "Welcome to another ERP"),
  async "empty-list"({ erp }) {
    const { total, invoices } = await openInvoiceList(erp);
    assertEquals([total, invoices], [0, []]);
  },
  "short-list": async ({ erp, invoices }) =>
    assertEquals((await openInvoiceList(erp)).total, invoices.length - 1),
  async "wrong-total"(looked) {
    const invoice = newest(looked);
    const shown = (await openInvoiceCard(looked.erp, invoice.id)).totalWithTax;
    assertEquals(Number(shown) - Number(plainAmount(invoice.totalWithTax)) > 0.005, true, shown);
  },
  async "wrong-status"(looked) {
    const invoice = newest(looked);
    const { badge } = await openInvoiceCard(looked.erp, invoice.id);
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
  async "altered-pdf"(looked) {
    const { bytes } = await fetchPdf(looked);
    assert(md5(bytes) !== newest(looked).recordedMd5);
  },
  forbidden: ({ erp }) => seen("access_forbidden", () => openInvoiceList(erp)),
  elsewhere: ({ erp }) => seen("another_address", () => openInvoiceList(erp)),
  setup: ({ erp }) => seen("setup_page", () => openHomePage(erp)),
  install: ({ erp }) => seen("install_page", () => openInvoiceList(erp)),
  "server-error": ({ erp }) => seen("server_error", () => fetchServedFile(erp, "/robots.txt", "file")),
  blank: ({ erp }) => seen("blank_page", () => openInvoiceList(erp)),
  "php-error": ({ erp }) => seen("php_error", () => openInvoiceList(erp)),
  "wrong-language": ({ nobody }) => seen("wrong_language", () => openSignInPage(nobody)),
  "script-error": async ({ erp }) => {
    const words = await seen("page_error", () => openInvoiceList(erp));
    assert(words.includes("script error: undefinedFunction is not defined"), words);
  },
  "script-elsewhere": async ({ browser, running }) => {
    await using nobody = await openErp(browser, running.url);
    await openSignInPage(nobody);
    assertEquals(nobody.pageErrors.harmless, [
      "/index.php: script error: drawMap is not defined (localhost:9 is blocked)",
    ]);
  },
  "console-error": async ({ erp }) => {
    const words = await seen("page_error", () => openInvoiceList(erp));
    assert(words.includes("console error: the chart could not be drawn"), words);
  },
  "asset-missing": async ({ erp, browser, running }) => {
    const words = await seen("page_error", () => openInvoiceList(erp));
    assert(words.includes("/includes/gone.js: 404"), words);
    await using lenient = await openErp(browser, running.url, { harmless: ["/includes/gone.js"] });
    await openSignInPage(lenient);
    assertEquals(lenient.pageErrors.harmless, ["/includes/gone.js: 404"]);
  },
  offline: ({ nobody }) => seen("offline", () => openSignInPage(nobody)),
};

const fetchPdf = (looked: Looked) => fetchDocument(looked.erp, "facture", documentOf(newest(looked)));
