/** What lists, statistics and linked files must show, decided without a page. */

import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { amountRulesOf } from "../../../src/dolibarr/books/amount_rules.ts";
import type { Invoice } from "../../../src/dolibarr/books/invoices.ts";
import { isListedFile } from "../../../src/dolibarr/papers/linked_files.ts";
import { type ExpectedList, matchesListLabel } from "../../../src/dolibarr/books/list_rows.ts";
import { readAmount } from "../../../src/dolibarr/formats/amounts.ts";
import { yearTotals } from "../../../src/dolibarr/books/statistics.ts";
import type { BrowserContext } from "../../../src/checks/browser/context.ts";
import { compareList, supplierInvoiceList } from "../../../src/checks/browser/lists.ts";
import { differingYears } from "../../../src/checks/browser/statistics.ts";
import { runCheck } from "../../../src/checks/run.ts";

const INVOICE: Invoice = {
  ...{ id: 1, entity: 1, ref: "FA2601-0001", status: 1, type: 0, date: "2026-01-31", closeCode: null },
  ...{ paid: false, settled: "0", totalWithoutTax: "0", totalWithTax: "0", printedTotal: "0" },
  ...{ mainDocument: null, recordedMd5: null },
};
const RULES = { depositsAreJustPayments: false, amounts: amountRulesOf({}) };
const of = (totalWithoutTax: string, more: Partial<Invoice> = {}) => ({
  ...INVOICE,
  totalWithoutTax,
  ...more,
});

const shown = (amount: string, MAIN_MAX_DECIMALS_TOT: string, MAIN_MAX_DECIMALS_SHOWN: string) => {
  const amounts = amountRulesOf({ MAIN_MAX_DECIMALS_TOT, MAIN_MAX_DECIMALS_SHOWN });
  return yearTotals([of(amount)], { ...RULES, amounts })[0]!.totalWithoutTax;
};

describe("totals per year", () => {
  it("are exact, the newest year first, drafts and credit notes among them", () => {
    const invoices = [
      of("0.10000000"),
      of("0.20000000", { status: 0 }),
      of("-100.30000000", { type: 2 }),
      of("9007199254740993.01000000", { date: "2025-12-31" }),
      of("5", { date: null }),
    ];
    assertEquals(yearTotals(invoices, RULES), [
      { year: 2026, invoices: 3, totalWithoutTax: "-100.00" },
      { year: 2025, invoices: 1, totalWithoutTax: "9007199254740993.01" },
      { year: 0, invoices: 1, totalWithoutTax: "5.00" },
    ]);
  });

  it("leave out what Dolibarr does: replaced ones, proformas, and deposits where they are payments", () => {
    const invoices = [
      of("1", { status: 3, closeCode: "replaced" }),
      of("2", { status: 3 }),
      of("4", { type: 4 }),
      of("8", { type: 3 }),
      of("16", { status: 3, closeCode: "badcustomer" }),
      of("32", { type: 5 }),
    ];
    const total = (depositsAreJustPayments: boolean) =>
      yearTotals(invoices, { ...RULES, depositsAreJustPayments })[0];
    assertEquals(total(false), { year: 2026, invoices: 3, totalWithoutTax: "56.00" });
    assertEquals(total(true), { year: 2026, invoices: 2, totalWithoutTax: "48.00" });
  });

  it("are rounded half away from zero to as many decimals as the setup says", () => {
    const rounded = (amount: string, decimals: number) => shown(amount, `${decimals}`, "8");
    assertEquals(
      [rounded("0.125", 2), rounded("-0.125", 2), rounded("-0.5", 0), rounded("1.23456789", 8)],
      ["0.13", "-0.13", "-1.00", "1.23456789"],
    );
  });

  it("are rounded once more where fewer decimals are shown", () => {
    assertEquals(
      ["0", "0...", "1", "2", "8"].map((most) => shown("445784.56", "2", most)),
      ["445785.00", "445785.00", "445784.60", "445784.56", "445784.56"],
    );
    assertEquals([shown("0.449", "2", "1"), shown("-0.4", "2", "0")], ["0.50", "0.00"]);
    assertEquals(readAmount("445,785...", 0), shown("445784.56", "2", "0..."));
    assertEquals(readAmount("445,784.6... €", 1), shown("445784.56", "2", "1..."));
  });

  it("that differ are named, with both sides", () => {
    const year = { year: 2026, invoices: 2, totalWithoutTax: "3.00" };
    assertEquals(differingYears([year], [year]), []);
    assertEquals(differingYears([year], []), [
      "2026: the page shows nothing; the database has 2 invoices of 3.00 without tax",
    ]);
    assertMatch(differingYears([], [year])[0]!, /^2026: .*the database has nothing$/);
  });
});

describe("a name in a list", () => {
  const row = (label: string, codes?: string[]) => ({ id: 1, label, codes });
  it("is the one of the database with its codes, its entities or its end cut off, and no other", () => {
    const long = "Très longue ".repeat(10);
    for (
      const [listed, text] of [
        [row("Crêperie L'Éclipse & Fils"), "Crêperie  L'Éclipse &amp; Fils"],
        [row("Caf&eacute; &#039;Ty Gwen&#039;"), "Café 'Ty Gwen'"],
        [row("Morvan", ["CU1", "SU1"]), "CU1 - SU1 -  Morvan"],
        [{ ...row("Morvan", ["CU1"]), codesAlone: true }, "CU1 -"],
        [{ ...row("Morvan", ["CU1", "SU1"]), codesAlone: true }, "SU1 - "],
        [row(long), `${long.slice(0, 100)}…`],
        [row(long, ["CU1"]), `CU1 -  ${long.slice(0, 93)}…`],
        [row(`${"L&#8217;".repeat(3)}${long}`), `${"L’".repeat(3)}${long.slice(0, 76)}…`],
        [row(`${"x".repeat(95)}&#8217;${long}`), `${"x".repeat(95)}&#821…`],
        [row("<b>Morvan</b>\nN&deg;1"), "Morvan\\nN°1"],
        [row(""), ""],
        [row("", ["CU1"]), "CU1 -"],
      ] as const
    ) assertEquals([text, matchesListLabel(listed, text)], [text, true]);
    for (
      const [listed, text] of [
        [row("Morvan", ["CU1"]), "Morvan!"],
        [row("Morvan"), ""],
        [row("Morvan", ["CU1"]), ""],
        [row("Morvan", ["CU1"]), "CU1 -"],
        [{ ...row("Morvan", ["CU1"]), codesAlone: true }, ""],
        [{ ...row("Morvan", ["CU1"]), codesAlone: true }, "CU2 -"],
        [row(long), `${long.slice(0, 60)}…`],
        [row(long), `X${long.slice(1, 100)}…`],
        [row("Morvan & Fils"), "Morv…"],
        [row("Morvan", ["CU1"]), "CU2 - Morvan"],
      ] as const
    ) assertEquals([text, matchesListLabel(listed, text)], [text, false]);
  });
});

describe("a list against the database", () => {
  const expected = Array.from({ length: 30 }, (_, at) => ({ id: at, label: `FA${at}` }));
  const firstPage = expected.slice(0, 25);
  const says = (...[total, rows, all]: [number, typeof expected, (typeof expected)?]) => {
    const { equal, message } = compareList(expected, { total, rows }, "invoices", all);
    return equal ? "equal" : message;
  };
  it("is equal, or says what is missing, strange or short", () => {
    assertEquals(says(30, firstPage), "equal");
    const thrice = [...firstPage.slice(2), expected[3]!, expected[3]!];
    assertEquals(says(30, thrice), "the first page of the list has 23 rows, each counted once, expected 25");
    assertEquals(says(29, firstPage), "the list shows a total of 29, expected 30");
    assertEquals(
      says(28, firstPage, expected.slice(0, 28)),
      "the list shows a total of 28, expected 30: FA28 and 1 more are not in it",
    );
    assertEquals(says(0, []), "the list shows a total of 0, expected 30: FA0 and 29 more are not in it");
    assertEquals(
      says(30, expected.slice(0, 24)),
      "the first page of the list has 24 rows, each counted once, expected 25",
    );
    assertEquals(says(30, [{ id: 3, label: "FA4" }]), "the list shows FA4, the database has FA3");
    assertEquals(says(31, [{ id: 99, label: "FA99" }]), "the list shows FA99, the database has no such row");
  });
});

describe("a list that is not there", () => {
  it("is not run, and not required: the module is off, or there is none of its kind", async () => {
    const of = async (supplierInvoices: ExpectedList) => {
      const context = { home: {}, pages: { supplierInvoices } } as unknown as BrowserContext;
      const { verdict, required, message } = await runCheck(
        supplierInvoiceList,
        context,
        new AbortController().signal,
      );
      return [verdict, required, message];
    };
    assertEquals(await of({ enabled: false, rows: [] }), [
      "not_run",
      false,
      "this ERP's module of supplier invoices is switched off",
    ]);
    assertEquals(await of({ enabled: true, rows: [] }), [
      "not_run",
      false,
      "this ERP has no supplier invoices",
    ]);
  });
});

describe("a file of an invoice's folder", () => {
  it("is listed unless Dolibarr hides it", () =>
    assertEquals(
      ["FA1.pdf", "a.PNG", "x.meta.txt", "FA1.pdf_preview-0.png", "FA1.pdf_preview.PNG", "a.META", ".x"].map(
        isListedFile,
      ),
      [true, true, true, false, false, false, false],
    ));
});
