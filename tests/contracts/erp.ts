/**
 * The contract of an ERP: what the page objects rely on. The same suite runs on Dolibarr and on the stand-in, so that both
 * stay alike and a PASS on the stand-in means something.
 */

import { assert, assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { logoPath, readCompany } from "../../src/dolibarr/company.ts";
import { isValidated, readInvoices } from "../../src/dolibarr/books/invoices.ts";
import { readPageLanguages } from "../../src/dolibarr/pages/languages.ts";
import { plainAmount } from "../../src/dolibarr/formats/amounts.ts";
import {
  BROWSER_LANGUAGE,
  openBrowser,
  openErp,
  screenshotOf,
} from "../../src/dolibarr/pages/visit/browser.ts";
import { openCompanyPage } from "../../src/dolibarr/pages/company_page.ts";
import { fetchDocument, fetchPicture } from "../../src/dolibarr/pages/served_files.ts";
import { openInvoiceCard } from "../../src/dolibarr/pages/invoice_card_page.ts";
import { expectedBadge } from "../../src/dolibarr/pages/invoice_status.ts";
import { readShownVersion } from "../../src/dolibarr/pages/shown_version.ts";
import { openSignInPage, type SignInPage } from "../../src/dolibarr/pages/sign_in_page.ts";
import { plainText } from "../../src/dolibarr/formats/plain_text.ts";
import type { RunningErp } from "../support/lab/erp.ts";
import { disguises } from "./erp_disguises.ts";
import { assertDisguise, type ErpContext, md5, newestInvoice, pdfOf } from "./erp_context.ts";
import { furtherPages } from "./erp_further_pages.ts";
import { changedNames, moveAway, setConstant } from "../support/lab/erp_changes.ts";
import { openInvoiceList } from "../../src/dolibarr/pages/list_pages.ts";

/**
 * Runs the suite. `skip` says why it cannot be run here.
 * @param more tests of one kind of ERP, which share the browser.
 */
export function describeErp(
  name: string,
  startErp: () => Promise<RunningErp>,
  options: { skip?: string } = {},
  more: (context: ErpContext) => void = () => {},
): void {
  const title = options.skip ? `ERP, ${name}: NOT RUN, ${options.skip}` : `ERP, ${name}`;
  describe(title, options, () => {
    const context = {} as ErpContext;
    const open = new AsyncDisposableStack();

    beforeAll(async () => {
      const running = open.use(await startErp());
      const browser = open.use(await openBrowser());
      const { login, password } = running.drillAccount;
      const languages = await readPageLanguages(running.session, login, BROWSER_LANGUAGE);
      const [erp, anonymous] = [
        open.use(await openErp(browser, running.url, { languages })),
        open.use(await openErp(browser, running.url, { languages })),
      ];
      await (await openSignInPage(erp)).signIn(login, password);
      const invoices = await readInvoices(running.session);
      Object.assign(context, { running, browser, erp, anonymous, invoices });
    });
    afterAll(() => open.disposeAsync());

    describe("signing in", () => signingIn(context));
    describe("pages read as the database says", () => reading(context));
    describe("further pages read as the database says", () => furtherPages(context));
    describe("files", () => files(context));
    describe("what looks fine and is not", () => disguises(context));
    more(context);
  });
}

function signingIn(context: ErpContext): void {
  let page: SignInPage;
  beforeAll(async () => {
    await using _message = await setConstant(context.running.session, "MAIN_HOME", "mark <b>7f3a</b> & more");
    page = await openSignInPage(context.anonymous);
  });

  it("shows the message of the database and the company's logo first", () => {
    assertEquals(page.message, "mark 7f3a & more");
    assertEquals(page.logoFault, undefined);
    assert(page.logo.naturalWidth > 100, `the logo is ${page.logo.naturalWidth} pixels wide`);
  });

  it("shows its version to everybody, asked once and without a browser", async () => {
    const { running } = context;
    const signal = AbortSignal.timeout(30_000);
    assertEquals(await readShownVersion({ url: running.url }, signal), {
      version: (await readCompany(running.session)).version,
    });
  });

  it("is refused with a wrong password, in the ERP's own words", async () => {
    const { login } = context.running.drillAccount;
    const words = await assertDisguise("wrong_password", () => page.signIn(login, "not the password"));
    assert(words.includes("Bad value for login or password"), words);
  });

  it("leads to the home page with the right one, and ends with signing out", async () => {
    const { login, password } = context.running.drillAccount;
    const home = await page.signIn(login, password);
    assertEquals(home.visited.status, 200);
    await home.signOut();
    await assertDisguise("sign_in_form", () => openInvoiceList(context.anonymous));
  });
}

function reading(context: ErpContext): void {
  it("changes no table but the account's own row", async () => {
    const { running, erp, invoices } = context;
    const before = await contentOf(running);
    await openInvoiceList(erp);
    await openInvoiceCard(erp, invoices.at(-1)!.id);
    await fetchDocument(erp, "facture", pdfOf(newestInvoice(context)));
    assertEquals(changedNames(before, await contentOf(running)), []);
  });

  it("lets no page call anybody but the ERP, nor tell it what its own ping came to", async () => {
    const { erp, running } = context;
    const [elsewhere, ping] = [running.url.replace("127.0.0.1", "localhost"), "/core/ajax/pingresult.php"];
    const answers = await erp.page.evaluate(
      (urls) =>
        Promise.all(urls.map((url) => fetch(url, { mode: "no-cors" }).then(() => "sent", () => "kept out"))),
      ["/robots.txt", `${elsewhere}/robots.txt`, `${ping}?action=firstpingko`],
    );
    assertEquals(answers, ["sent", "kept out", "kept out"]);
    assertEquals(
      erp.blockedAddresses.slice(-2).toSorted(),
      [running.url + ping, `${elsewhere}/robots.txt`].toSorted(),
    );
  });

  it("counts the invoices in the list, the newest first", async () => {
    const { erp, invoices } = context;
    const list = await openInvoiceList(erp, { limit: 10 });
    assertEquals([list.total, list.invoices.length], [invoices.length, 10]);
    assertEquals(list.pages, Math.ceil(invoices.length / 10));
    assertEquals(list.invoices, invoices.slice(-10).reverse().map(({ id, ref }) => ({ id, ref })));
  });

  it("has the rest of the list on its last page, and finds one by its reference", async () => {
    const { erp, invoices } = context;
    const last = await openInvoiceList(erp, {
      as: "text",
      limit: 20,
      page: Math.ceil(invoices.length / 20) - 1,
    });
    assertEquals(last.invoices.length, invoices.length % 20 || 20);
    const { id, ref } = invoices[3]!;
    assertEquals((await openInvoiceList(erp, { as: "text", search: ref })).invoices, [{
      id,
      ref,
    }]);
  });

  it("shows reference, status and totals on the card of every kind of invoice", async () => {
    const { erp, invoices } = context;
    const [paid, unpaid, draft] = [
      invoices.find((invoice) => invoice.paid),
      invoices.find((invoice) => isValidated(invoice) && !invoice.paid),
      invoices.find((invoice) => !isValidated(invoice)),
    ];
    const credit = invoices.find((invoice) => invoice.totalWithTax.startsWith("-"));
    for (const invoice of [newestInvoice(context), paid, unpaid, draft, credit]) {
      assert(invoice, "the demo company has every kind");
      const card = await openInvoiceCard(erp, invoice.id, "text");
      assertEquals(card.ref, invoice.ref);
      assertEquals(card.badge, expectedBadge(invoice).badge, `${invoice.ref} shows ${card.status}`);
      assertEquals(card.totalWithTax, plainAmount(invoice.totalWithTax));
      assertEquals(
        card.files.map((file) => `facture/${file}`),
        invoice.mainDocument ? [invoice.mainDocument] : [],
      );
    }
  });

  it("shows the company's name and its logo", async () => {
    const { running, erp } = context;
    const page = await openCompanyPage(erp);
    assertEquals(page.name, plainText((await readCompany(running.session)).name));
    assert(page.logo.naturalWidth > 100, `the logo is ${page.logo.naturalWidth} pixels wide`);
    const picture = await screenshotOf(erp.page);
    assertEquals([...picture.subarray(0, 3)], [0xff, 0xd8, 0xff]);
  });
}

function files(context: ErpContext): void {
  it("serves an invoice's PDF with the bytes of the file and the hash that the database recorded", async () => {
    const { running, erp } = context;
    const invoice = newestInvoice(context);
    const { bytes } = await fetchDocument(erp, "facture", pdfOf(invoice));
    assertEquals(bytes, await Deno.readFile(`${running.documents}/${invoice.mainDocument}`));
    assertEquals(md5(bytes), invoice.recordedMd5);
  });

  it("serves a PDF that was changed, with another hash than the database recorded", async () => {
    const { running, erp, invoices } = context;
    const invoice = newestInvoice(context);
    const file = `${running.documents}/${invoice.mainDocument}`;
    await using _away = await moveAway(file);
    const other = await Deno.readFile(`${running.documents}/${invoices[0]!.mainDocument}`);
    await Deno.writeFile(file, other);
    const { bytes } = await fetchDocument(erp, "facture", pdfOf(invoice));
    assertEquals(bytes, other);
    assert(md5(bytes) !== invoice.recordedMd5);
  });

  it("serves the logo with the bytes of the file, also without signing in", async () => {
    const { running, anonymous } = context;
    const { logo } = await readCompany(running.session);
    const { bytes } = await fetchPicture(anonymous, "mycompany", `logos/${logo}`);
    assertEquals(bytes, await Deno.readFile(`${running.documents}/${logoPath(logo)}`));
  });

  it("serves a text of the company's folder", async () => {
    const { running, erp } = context;
    const file = `${running.documents}/mycompany/mark-7f3a.txt`;
    await Deno.writeTextFile(file, "seen\n");
    try {
      assertEquals(
        new TextDecoder().decode((await fetchDocument(erp, "mycompany", "mark-7f3a.txt")).bytes),
        "seen\n",
      );
    } finally {
      await Deno.remove(file);
    }
  });
}

/** A hash of every table of the ERP's but the accounts. */
async function contentOf({ session }: RunningErp): Promise<Map<string, string>> {
  const tables = await session.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'llx\\_%' AND tablename <> 'llx_user'",
  );
  const parts = tables.map(({ name }) =>
    `SELECT '${name}' AS name, count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) AS content FROM ${name} t`
  );
  const rows = await session.query<{ name: string; content: string }>(parts.join(" UNION ALL "));
  return new Map(rows.map(({ name, content }) => [name, content]));
}
