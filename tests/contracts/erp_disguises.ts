/** What looks fine and is not, provoked on an ERP that runs. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { it } from "@std/testing/bdd";
import { DrillError } from "../../src/base/errors.ts";
import { readCompany } from "../../src/dolibarr/company.ts";
import { openErp } from "../../src/dolibarr/pages/visit/browser.ts";
import { openCompanyPage } from "../../src/dolibarr/pages/company_page.ts";
import { fetchDocument, fetchPicture } from "../../src/dolibarr/pages/served_files.ts";
import { openHomePage } from "../../src/dolibarr/pages/home_page.ts";
import { openInvoiceCard } from "../../src/dolibarr/pages/invoice_card_page.ts";
import { openSignInPage } from "../../src/dolibarr/pages/sign_in_page.ts";
import { constantSet, movedAway } from "../support/lab/erp_changes.ts";
import { documentOf, type Looked, newest, seen } from "./erp_looked.ts";
import { openInvoiceList } from "../../src/dolibarr/pages/list_pages.ts";
import { PageFault } from "../../src/dolibarr/pages/visit/page_fault.ts";

/** Each damage is undone before the next. */
export function disguises(looked: Looked): void {
  it("tells a PDF that is missing", async () => {
    const { running, erp } = looked;
    const invoice = newest(looked);
    await using _away = await movedAway(`${running.documents}/${invoice.mainDocument}`);
    await seen("file_does_not_exist", () => fetchDocument(erp, "facture", documentOf(invoice)));
  });

  it("tells a logo that is missing, on the sign-in page and by its bytes", async () => {
    const { running, nobody } = looked;
    const { logo } = await readCompany(running.session);
    await using _away = await movedAway(`${running.documents}/mycompany/logos`);
    await seen("no_photo", () => fetchPicture(nobody, "mycompany", `logos/${logo}`));
    assertEquals((await openSignInPage(nobody)).logoFault?.kind, "fallback_logo");
  });

  it("cannot tell a thumbnail that is missing from the company's page: it is made again", async () => {
    const { running, erp } = looked;
    const { logo } = await readCompany(running.session);
    const thumbs = `${running.documents}/mycompany/logos/thumbs`;
    await using _away = await movedAway(thumbs);
    assert((await openCompanyPage(erp)).logo.naturalWidth > 100);
    assert(
      [...Deno.readDirSync(thumbs)].some(({ name }) => name.startsWith(logo.replace(/\.\w+$/, "_small"))),
    );
  });

  it("tells that nobody is signed in, for a page and for a PDF", async () => {
    const { nobody } = looked;
    await seen("sign_in_form", () => openInvoiceList(nobody));
    await seen("sign_in_form", () => fetchDocument(nobody, "facture", documentOf(newest(looked))));
  });

  it("tells a database that lacks a table", async () => {
    const { running, erp } = looked;
    await running.session.query("ALTER TABLE llx_facture RENAME TO llx_facture_gone");
    try {
      await seen("technical_error", () => openInvoiceList(erp));
    } finally {
      await running.session.query("ALTER TABLE llx_facture_gone RENAME TO llx_facture");
    }
  });

  it("tells an invoice that is not there", async () => {
    await seen("record_not_found", () => openInvoiceCard(looked.erp, 99_999_999));
  });

  it("tells that the account may not read invoices, though it is an administrator's", async () => {
    const { running, erp } = looked;
    const whose = "fk_user = (SELECT rowid FROM llx_user WHERE login = $1)";
    const { login } = running.drillAccount;
    await running.session.query(`UPDATE llx_user_rights SET entity = 77 WHERE ${whose}`, [login]);
    try {
      await seen("access_forbidden", () => openInvoiceList(erp));
      await seen("access_forbidden", () => fetchDocument(erp, "facture", documentOf(newest(looked))));
    } finally {
      await running.session.query(`UPDATE llx_user_rights SET entity = 1 WHERE ${whose}`, [login]);
    }
  });

  it("tells pages in another language than they must be in", async () => {
    const { running, browser } = looked;
    await using french = await openErp(browser, running.url, { languages: { signIn: "fr", pages: "fr" } });
    await seen("wrong_language", () => openSignInPage(french));
  });

  it("tells a company that is not set up", async () => {
    await using _empty = await constantSet(looked.running.session, "MAIN_INFO_SOCIETE_NOM", "");
    await seen("setup_page", () => openHomePage(looked.erp));
  });

  it("tells a database of an older version than the program", async () => {
    await using _old = await constantSet(looked.running.session, "MAIN_VERSION_LAST_UPGRADE", "21.0.4");
    await seen("install_page", () => openHomePage(looked.erp));
  });

  it("tells that nothing answers, which is no finding about the ERP", async () => {
    await using other = await openErp(looked.browser, "http://127.0.0.1:4");
    const error = await assertRejects(() => openSignInPage(other), DrillError);
    assertEquals([error.code, error instanceof PageFault], ["WEB_UNREACHABLE", false]);
  });

  it("reads all of it again when nothing is broken any more", async () => {
    const { erp, invoices } = looked;
    assertEquals((await openInvoiceList(erp)).total, invoices.length);
  });
}
