/** What the page objects of the other lists, of an invoice's tabs and of the statistics rely on. */

import { assert, assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { readLinkedFiles } from "../../src/dolibarr/papers/linked_files.ts";
import {
  matchesListLabel,
  readSupplierInvoices,
  readThirdParties,
} from "../../src/dolibarr/books/list_rows.ts";
import { isFilesTab, openInvoiceTab, openInvoiceTabs } from "../../src/dolibarr/pages/invoice_tabs_page.ts";
import { openStatisticsPage } from "../../src/dolibarr/pages/statistics_page.ts";
import { readStatisticsRules, yearTotals } from "../../src/dolibarr/books/statistics.ts";
import { type ErpContext, newestInvoice } from "./erp_context.ts";
import { openSupplierInvoiceList, openThirdPartyList } from "../../src/dolibarr/pages/list_pages.ts";

/** Names as people give them, and as old versions stored them. */
const NAMES = [
  "Crêperie L'Éclipse & Fils",
  "Caf&eacute; du Ch&acirc;teau",
  `${"Très longue ".repeat(10)}SARL`,
];

export function furtherPages(context: ErpContext): void {
  it("lists the supplier invoices, the newest first, page by page", async () => {
    const { running: { session }, erp } = context;
    const { enabled, rows } = await readSupplierInvoices(session);
    const list = await openSupplierInvoiceList(erp, { limit: 2, as: "text" });
    assertEquals([enabled, list.total, list.pages], [true, rows.length, Math.ceil(rows.length / 2)]);
    assertEquals(list.rows, rows.slice(-2).reverse().map(({ id, label }) => ({ id, label })));
  });

  it("lists all third parties, closed ones too, whatever their names", async () => {
    const { running: { session }, erp } = context;
    const before = await session.query<{ id: number; nom: string }>(
      "SELECT rowid::integer AS id, nom FROM llx_societe ORDER BY rowid LIMIT $1",
      [NAMES.length],
    );
    const change = (id: number, name: string, status: number) =>
      session.query("UPDATE llx_societe SET nom = $2, status = $3 WHERE rowid = $1", [id, name, status]);
    try {
      for (const [at, { id }] of before.entries()) await change(id, NAMES[at]!, 0);
      const { rows } = await readThirdParties(session);
      const list = await openThirdPartyList(erp, { as: "text" });
      assertEquals([list.total, list.rows.length], [rows.length, rows.length]);
      for (const { id, label } of list.rows) {
        const row = rows.find((row) => row.id === id)!;
        assert(matchesListLabel(row, label), `${row.label} is shown as ${label}`);
      }
    } finally {
      for (const { id, nom } of before) await change(id, nom, 1);
    }
  });

  it("gives an invoice tabs that bear its reference, and lists the files of its folder", async () => {
    const { running, erp } = context;
    const invoice = newestInvoice(context);
    const folder = `${running.documents}/facture/${invoice.ref}`;
    const more = ["été & notes.txt", `${invoice.ref}.pdf_preview-0.png`, "x.pdf.meta", ".hidden"];
    for (const name of more) await Deno.writeTextFile(`${folder}/${name}`, "seen\n");
    await Deno.mkdir(`${folder}/below`);
    try {
      const expected = readLinkedFiles(running.documents, [invoice])!.names;
      assertEquals(expected, [`${invoice.ref}.pdf`, "été & notes.txt"]);
      const { ref, card, others } = await openInvoiceTabs(erp, invoice.id);
      assertEquals([ref, card?.path], [invoice.ref, `/compta/facture/card.php?id=${invoice.id}`]);
      assert(others.length >= 3, others.map(({ path }) => path).join(" "));
      for (const tab of others) {
        assertEquals([tab.path, (await openInvoiceTab(erp, tab)).ref], [tab.path, invoice.ref]);
      }
      assertEquals((await openInvoiceTab(erp, others.find(isFilesTab)!, "load")).files, expected);
    } finally {
      for (const name of [...more, "below"]) await Deno.remove(`${folder}/${name}`);
    }
  });

  it("counts invoices per year in its statistics, and paints them", async () => {
    const { running: { session }, erp, invoices } = context;
    const expected = yearTotals(invoices, await readStatisticsRules(session));
    const { years, pictures } = await openStatisticsPage(erp, { year: expected[0]!.year });
    assertEquals(years, expected);
    assert(pictures.length > 0);
    assertEquals(pictures.filter(({ painted }) => !painted), []);
  });
}
