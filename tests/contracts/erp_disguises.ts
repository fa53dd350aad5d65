/** Errors in disguise, provoked on a running ERP. */

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
import { moveAway, setConstant } from "../support/lab/erp_changes.ts";
import { assertDisguise, type ErpContext, newestInvoice, pdfOf } from "./erp_context.ts";
import { openInvoiceList } from "../../src/dolibarr/pages/list_pages.ts";
import { PageFault } from "../../src/dolibarr/pages/visit/page_fault.ts";

/** Each damage is undone before the next. */
export function disguises(context: ErpContext): void {
  it("recognises a PDF that is missing", async () => {
    const { running, erp } = context;
    const invoice = newestInvoice(context);
    await using _away = await moveAway(`${running.documents}/${invoice.mainDocument}`);
    await assertDisguise("file_does_not_exist", () => fetchDocument(erp, "facture", pdfOf(invoice)));
  });

  it("recognises a logo that is missing, on the sign-in page and by its bytes", async () => {
    const { running, anonymous } = context;
    const { logo } = await readCompany(running.session);
    await using _away = await moveAway(`${running.documents}/mycompany/logos`);
    await assertDisguise("no_photo", () => fetchPicture(anonymous, "mycompany", `logos/${logo}`));
    assertEquals((await openSignInPage(anonymous)).logoFault?.kind, "fallback_logo");
  });

  it("cannot recognise a missing thumbnail on the company's page: it is created again", async () => {
    const { running, erp } = context;
    const { logo } = await readCompany(running.session);
    const thumbs = `${running.documents}/mycompany/logos/thumbs`;
    await using _away = await moveAway(thumbs);
    assert((await openCompanyPage(erp)).logo.naturalWidth > 100);
    assert(
      [...Deno.readDirSync(thumbs)].some(({ name }) => name.startsWith(logo.replace(/\.\w+$/, "_small"))),
    );
  });

  it("recognises that no account is signed in, for a page and for a PDF", async () => {
    const { anonymous } = context;
    await assertDisguise("sign_in_form", () => openInvoiceList(anonymous));
    await assertDisguise(
      "sign_in_form",
      () => fetchDocument(anonymous, "facture", pdfOf(newestInvoice(context))),
    );
  });

  it("recognises a database that lacks a table", async () => {
    const { running, erp } = context;
    await running.session.query("ALTER TABLE llx_facture RENAME TO llx_facture_gone");
    try {
      await assertDisguise("technical_error", () => openInvoiceList(erp));
    } finally {
      await running.session.query("ALTER TABLE llx_facture_gone RENAME TO llx_facture");
    }
  });

  it("recognises an invoice that is not there", async () => {
    await assertDisguise("record_not_found", () => openInvoiceCard(context.erp, 99_999_999));
  });

  it("recognises that the account may not read invoices, though it is an administrator's", async () => {
    const { running, erp } = context;
    const whose = "fk_user = (SELECT rowid FROM llx_user WHERE login = $1)";
    const { login } = running.drillAccount;
    await running.session.query(`UPDATE llx_user_rights SET entity = 77 WHERE ${whose}`, [login]);
    try {
      await assertDisguise("access_forbidden", () => openInvoiceList(erp));
      await assertDisguise(
        "access_forbidden",
        () => fetchDocument(erp, "facture", pdfOf(newestInvoice(context))),
      );
    } finally {
      await running.session.query(`UPDATE llx_user_rights SET entity = 1 WHERE ${whose}`, [login]);
    }
  });

  it("recognises pages in another language than they must be in", async () => {
    const { running, browser } = context;
    await using french = await openErp(browser, running.url, { languages: { signIn: "fr", pages: "fr" } });
    await assertDisguise("wrong_language", () => openSignInPage(french));
  });

  it("recognises a company that is not set up", async () => {
    await using _empty = await setConstant(context.running.session, "MAIN_INFO_SOCIETE_NOM", "");
    await assertDisguise("setup_page", () => openHomePage(context.erp));
  });

  it("recognises a database of an older version than the program", async () => {
    await using _old = await setConstant(context.running.session, "MAIN_VERSION_LAST_UPGRADE", "21.0.4");
    await assertDisguise("install_page", () => openHomePage(context.erp));
  });

  it("recognises that nothing answers, which is no finding about the ERP", async () => {
    await using other = await openErp(context.browser, "http://127.0.0.1:4");
    const error = await assertRejects(() => openSignInPage(other), DrillError);
    assertEquals([error.code, error instanceof PageFault], ["WEB_UNREACHABLE", false]);
  });

  it("reads all of it again when nothing is broken any more", async () => {
    const { erp, invoices } = context;
    assertEquals((await openInvoiceList(erp)).total, invoices.length);
  });
}
