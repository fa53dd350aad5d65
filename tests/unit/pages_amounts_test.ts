import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { plainAmount, readAmount } from "../../src/dolibarr/pages/amounts.ts";
import { plainText } from "../../src/dolibarr/pages/company_page.ts";
import { badgeOf, expectedBadge } from "../../src/dolibarr/pages/invoice_status.ts";

/** Thousands, decimal, and where the currency stands, as the languages of 22.0.4 have them. */
const LANGUAGES: [string, string, string, (amount: string) => string][] = [
  ["English", ",", ".", (amount) => `${amount} €`],
  ["English, dollars", ",", ".", (amount) => `$${amount}`],
  ["French", "\u00a0", ",", (amount) => `${amount}\u00a0€`],
  ["French, narrow spaces", "\u202f", ",", (amount) => `${amount} €`],
  ["German", ".", ",", (amount) => `${amount} €`],
  ["Swiss", "'", ".", (amount) => `CHF ${amount}`],
  ["Dutch", ".", ",", (amount) => `€${amount}`],
  ["Arabic", "", ".", (amount) => `${amount} د.إ`],
];

describe("an amount on a page", () => {
  for (const [language, thousands, decimal, withCurrency] of LANGUAGES) {
    it(`is read in ${language}`, () => {
      fc.assert(fc.property(fc.integer({ min: -999_999_999_99, max: 999_999_999_99 }), (cents) => {
        const digits = String(Math.abs(cents)).padStart(3, "0");
        const [whole, decimals] = [digits.slice(0, -2), digits.slice(-2)];
        const shown = `${cents < 0 ? "-" : ""}${
          whole.replace(/\B(?=(\d{3})+$)/g, thousands)
        }${decimal}${decimals}`;
        assertEquals(readAmount(withCurrency(shown)), `${cents < 0 ? "-" : ""}${whole}.${decimals}`, shown);
      }));
    });
  }

  it("keeps more decimals than two, and drops those that say nothing", () => {
    assertEquals(readAmount("1,283.6049 €"), "1283.6049");
    assertEquals(readAmount("12,5 €"), "12.50");
  });

  it("is no amount where there is no digit", () => {
    assertEquals([readAmount("€"), readAmount(""), readAmount("n/a -")], [undefined, undefined, undefined]);
  });

  it("takes a lone separator before three digits for thousands", () => {
    assertEquals(readAmount("7,788"), "7788.00");
  });

  it("has the form of the database's amounts", () => {
    const pairs = [["7788.60000000", "7788.60"], ["-0.00000000", "0.00"], ["0.5", "0.50"], ["12", "12.00"], [
      "-1599.8",
      "-1599.80",
    ], ["0007.1234", "7.1234"]];
    for (const [numeric, plain] of pairs) assertEquals(plainAmount(numeric!), plain);
  });
});

describe("an invoice's status", () => {
  const states = [
    [{ status: 0, paid: false, settled: "0" }, 0],
    [{ status: 1, paid: false, settled: "0.00000000" }, 1],
    [{ status: 1, paid: false, settled: "12.50000000" }, 3],
    [{ status: 1, paid: false, settled: "-0.01000000" }, 3],
    [{ status: 2, paid: true, settled: "254.40000000" }, 6],
    [{ status: 2, paid: false, settled: "200.00000000" }, 9],
    [{ status: 2, paid: false, settled: "-200.00000000" }, 5],
    [{ status: 3, paid: false, settled: "0" }, 5],
  ] as const;
  for (const [state, badge] of states) {
    it(`${expectedBadge(state).meaning} is badge ${badge}`, () =>
      assertEquals(expectedBadge(state).badge, badge));
  }

  it("is read from the badge's class", () => {
    assertEquals([badgeOf("badge badge-status6 badge-status"), badgeOf("badge badge-status")], [
      6,
      undefined,
    ]);
  });
});

describe("a company's name", () => {
  it("is the same however often it was escaped", () => {
    for (const shown of ["A & B's", "A &amp; B&#39;s", "A &amp;amp; B&#039;s "]) {
      assertEquals(plainText(shown), "A & B's");
    }
  });

  it("is not the same when it is another one", () => {
    assertEquals(plainText("A &amp; C") === plainText("A & B"), false);
  });
});
