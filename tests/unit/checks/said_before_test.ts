/** What a changed PDF said in the earlier set: only what is printed there is missed in the new one. */

import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { findTool } from "../../../src/base/process/processes.ts";
import { sha256Of } from "../../../src/base/streams.ts";
import type { ProvedPapers } from "../../../src/checks/documents/proved_papers.ts";
import { saidNoMore } from "../../../src/checks/documents/said_before.ts";
import { textPdf } from "../../support/samples/pdfs.ts";
import type { Invoice } from "../../../src/dolibarr/books/invoices.ts";

const pdftotext = findTool("pdftotext");
const PATH = "facture/FA2610-0004/FA2610-0004.pdf";
const INVOICE: Invoice = {
  ...{ id: 4, entity: 1, ref: "FA2610-0004", status: 1, paid: false, settled: "0", type: 0 },
  ...{ date: "2026-10-02", closeCode: null, totalWithoutTax: "100", totalWithTax: "120" },
  ...{ printedTotal: "120", mainDocument: PATH, recordedMd5: null },
};

async function looked(now: string, before: string | undefined | "damaged") {
  const asked: string[] = [];
  const proved: ProvedPapers = {
    set: "prod/20261001T030000Z",
    read: () => Promise.resolve("not asked"),
    documents(paths) {
      asked.push(...paths);
      if (before === "damaged") {
        return Promise.resolve("the archive of prod/20261001T030000Z cannot be read: it is cut");
      }
      return Promise.resolve(new Map(before === undefined ? [] : [[PATH, textPdf(before)]]));
    },
  };
  const paper = { invoice: INVOICE, bytes: new TextEncoder().encode(now), text: now };
  const found = await saidNoMore([paper], proved, {
    parties: new Map([[4, "Lavoisier & Cie"]]),
    pdftotext: pdftotext!,
    signal: AbortSignal.timeout(60_000),
  });
  return { ...found, asked };
}

describe("a PDF that was made again", { skip: pdftotext ? false : "pdftotext is not installed" }, () => {
  const WHOLE = "FA2610-0004 of 02/10/2026 for Lavoisier & Cie, 120.00";

  it("is right with the date and the name of its invoice, and the old one is not even read", async () =>
    assertEquals(await looked(WHOLE, "damaged"), { faults: [], notes: [], asked: [] }));

  for (
    const [what, now, lacks] of [
      ["another date", WHOLE.replace("2026", "2025"), "the date 2026-10-02"],
      ["another third party", WHOLE.replace("Lavoisier", "Other"), "the third party's name"],
      ["neither", "FA2610-0004 120.00", "the date 2026-10-02 and the third party's name"],
    ] as const
  ) {
    it(`is a finding with ${what}, where the old one had them`, async () => {
      const { faults } = await looked(now, WHOLE);
      assertEquals(faults.map(({ kind, facts }) => [kind, facts?.lacks, facts?.sha256]), [
        ["other-text", lacks, sha256Of(now)],
      ]);
      assertMatch(
        faults[0]!.sentence,
        new RegExp(`does not say ${lacks}, as it did in prod/20261001T030000Z$`),
      );
    });

    it(`is not judged with ${what}, where the old one does not have them either`, async () =>
      assertEquals((await looked(now, "FA2610-0004 of 2 October for L., 120.00")).faults, []));
  }

  it("is not judged where there was none, and says so where the old ones cannot be read", async () => {
    assertEquals((await looked("FA2610-0004 120.00", undefined)).faults, []);
    const { faults, notes } = await looked("FA2610-0004 120.00", "damaged");
    assertEquals(faults, []);
    assertMatch(notes.join(), /^changed PDFs are not compared: the archive of prod/);
  });
});
