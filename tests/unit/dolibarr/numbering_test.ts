import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { lineFitOf } from "../../../src/dolibarr/books/unalterable_log/chain.ts";
import { missingInPdfText } from "../../../src/dolibarr/papers/invoice_pdf.ts";
import { findLostReferences, findNumberHoles } from "../../../src/dolibarr/books/invoice_numbers.ts";
import type { LogLine } from "../../../src/dolibarr/books/unalterable_log/lines.ts";
import { pdfDamage } from "../../../src/dolibarr/papers/file_integrity.ts";

describe("the numbers of invoices", () => {
  const cases: [string, string[], string[]][] = [
    ["one series through all months", ["FA2511-0001", "FA2511-0002", "FA2512-0003"], []],
    ["a hole at the turn of a month", ["FA2511-0001", "FA2512-0003"], [
      "FA: 2 is missing between FA2511-0001 and FA2512-0003",
    ]],
    ["several missing", ["FA2511-0001", "FA2512-0005"], [
      "FA: 2 to 4 are missing between FA2511-0001 and FA2512-0005",
    ]],
    ["a series may begin anywhere", ["FA2511-0100", "FA2511-0101"], []],
    ["each type by itself", ["FA2511-0001", "AV2511-0001", "FA2511-0002"], []],
    ["anew each month", ["FA2511-0001", "FA2511-0002", "FA2512-0001", "FA2512-0002"], []],
    ["anew each month, with a hole", ["FA2511-0001", "FA2511-0003", "FA2512-0001"], [
      "FA: 2 is missing between FA2511-0001 and FA2511-0003",
    ]],
    ["anew each year", ["FA2511-0001", "FA2512-0002", "FA2601-0001", "FA2603-0002"], []],
    ["anew each year, with a hole", ["FA2511-0001", "FA2512-0003", "FA2601-0001"], [
      "FA: 2 is missing between FA2511-0001 and FA2512-0003",
    ]],
    ["another company by itself", ["FA2511-0001", "2/FA2511-0001", "FA2511-0002"], []],
    ["a number given twice", ["FA2511-0001", "FA2511-0002", "FA2511-0002"], [
      "FA: FA2511-0002 is there 2 times",
    ]],
    ["another form is not judged", ["INV-2025-1", "INV-2025-9", "FA2513-0009"], []],
  ];
  for (const [what, refs, holes] of cases) it(what, () => assertEquals(findNumberHoles(refs).holes, holes));

  it("are counted, also those of another form", () =>
    assertEquals(findNumberHoles(["FA2511-0001", "FA2511-0002", "X1"]), {
      checked: 2,
      otherForms: 1,
      holes: [],
      series: ["FA 2"],
    }));
});

describe("an invoice that is gone", () => {
  const refs = ["FA2511-0001", "FA2511-0003", "FA2512-0004", "AV2511-0001"];
  const cases: [string, string[], string[], string[]][] = [
    ["between two others", ["FA2511-0002"], refs, ["FA2511-0002"]],
    ["the first of its series", ["FA2511-0001"], refs.slice(1), ["FA2511-0001"]],
    ["the last of its series could be deleted", ["FA2512-0005", "AV2511-0002"], refs, []],
    ["its number is another invoice's now", ["FA2511-0003"], refs, []],
    [
      "the last of a year whose numbers begin anew",
      ["FA2512-0005"],
      [...refs, "FA2601-0001", "FA2601-0006"],
      [],
    ],
    ["of a form that cannot be read", ["2025/7"], ["2025/8"], []],
  ];
  for (const [what, gone, there, lost] of cases) {
    it(what, () => assertEquals(findLostReferences(gone, there), lost));
  }
});

describe("an invoice's PDF", () => {
  const pdf = (text: string) => pdfDamage(new TextEncoder().encode(text));
  it("is whole from its header to its trailer", () => {
    assertEquals(pdf("%PDF-1.4\n...\n%%EOF\n"), undefined);
    assertEquals(pdf(""), "is empty");
    assertEquals(pdf("<html>%%EOF"), "has no PDF header");
    assertEquals(pdf("%PDF-1.4\n..."), "is truncated: it has no PDF trailer");
  });

  for (const amount of ["1,234.50", "1 234,50", "1\u202f234,50 €", "1.234,50", "1'234.50", "-1234.50"]) {
    it(`says its total as ${amount}`, () =>
      assertEquals(
        missingInPdfText(`FA2511-0003\n${amount}`, { ref: "FA2511-0003", total: "-1234.50000000" }),
        [],
      ));
  }
  for (const amount of ["1,234.51", "11,234.50", "1,234.500", "234.50"]) {
    it(`does not say it as ${amount}`, () =>
      assertEquals(missingInPdfText(`FA2511-0003 ${amount}`, { ref: "FA2511-0003", total: "1234.5" }), [
        "the total 1234.50",
      ]));
  }
  it("says another reference", () =>
    assertEquals(missingInPdfText("FA2511-0002 12.00", { ref: "FA2511-0003", total: "12" }), [
      "the reference FA2511-0003",
    ]));
  it("says a whole total with another's cents", () =>
    assertEquals(missingInPdfText("A 12.50", { ref: "A", total: "12.00000000" }), ["the total 12.00"]));
});

describe("a line of the unalterable log", () => {
  const line: LogLine = {
    ...{
      id: 1,
      entity: 1,
      created: ["1762160400"],
      about: [],
      action: "MODULE_SET",
      amount: "0",
      ref: "systemevent",
    },
    ...{ user: "SuperAdmin", data: "{}", version: "22.0.4" },
    signature: "8b2d",
    lineSignature: "77",
  };
  it("that fits neither signature was altered", () =>
    assertEquals(lineFitOf(line, "first", "salt"), "altered"));
});
