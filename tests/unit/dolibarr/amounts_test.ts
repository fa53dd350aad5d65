import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { amountRulesOf, totalOnCard } from "../../../src/dolibarr/books/amount_rules.ts";
import type { Invoice } from "../../../src/dolibarr/books/invoices.ts";
import { plainAmount, readAmount } from "../../../src/dolibarr/formats/amounts.ts";
import { badgeOf, expectedBadge } from "../../../src/dolibarr/pages/invoice_status.ts";
import { plainText } from "../../../src/dolibarr/formats/plain_text.ts";

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

  it("takes a lone separator before three digits for thousands where a page may write no decimals", () => {
    assertEquals(readAmount("7,788"), "7788.00");
    assertEquals(readAmount("7 788 F", 0), "7788.00");
  });

  it("takes it for the decimal one where a page always writes some: dinars have three", () => {
    assertEquals(
      ["768.000 TND", "1,768.000 DT", "0,125 KWD", "-12.345", "7,788,000.500"].map((text) =>
        readAmount(text, 3)
      ),
      ["768.00", "1768.00", "0.125", "-12.345", "7788000.50"],
    );
    assertEquals(readAmount("1.283,60 €", 2), "1283.60");
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

describe("how a company shows amounts", () => {
  const { decimals, leastDecimals, mostDecimals, positiveCreditNotes } = amountRulesOf({});
  it("is what Dolibarr does by itself, where nothing is set", () => {
    assertEquals([decimals, leastDecimals, mostDecimals, positiveCreditNotes], [2, 2, 8, false]);
  });

  it("is what its settings say", () => {
    const dinars = amountRulesOf({ MAIN_MAX_DECIMALS_TOT: "3", MAIN_MAX_DECIMALS_SHOWN: "1..." });
    assertEquals([dinars.decimals, dinars.leastDecimals, dinars.mostDecimals], [3, 3, 1]);
    assertEquals(amountRulesOf({ MAIN_MAX_DECIMALS_UNIT: "0" }).leastDecimals, 0);
    assertEquals(amountRulesOf({ MAIN_MAX_DECIMALS_SHOWN: "0" }).mostDecimals, 0);
  });

  it("turns the sign of a credit note alone, and where it is told to alone", () => {
    const shown = (type: number, totalWithTax: string, told: string) =>
      totalOnCard(
        { type, totalWithTax } as Invoice,
        amountRulesOf({ INVOICE_POSITIVE_CREDIT_NOTE_SCREEN: told }),
      );
    assertEquals(shown(2, "-10512.00000000", "1"), "10512.00");
    assertEquals(shown(2, "10512.00000000", "1"), "-10512.00");
    assertEquals(shown(2, "0.00000000", "1"), "0.00");
    assertEquals(shown(2, "-10512.00000000", "0"), "-10512.00");
    assertEquals(shown(0, "-10512.00000000", "1"), "-10512.00");
  });
});

describe("a company's name", () => {
  it("is read as a person reads it, whatever was stored", () => {
    for (
      const [stored, read] of [
        ["Stra&szlig;e N&deg;1", "Straße N°1"],
        ["A&nbsp; &euro; &rsquo;B", "A € ’B"],
        ["L&#8217;Atelier &oelig;uvre &amp;#233;", "L’Atelier œuvre é"],
        ["A <b>bold</b> & Co", "A bold & Co"],
        ["A &lt;b&gt;bold&lt;/b&gt; &amp; Co", "A bold & Co"],
        ["Line\r\nfeed", "Line feed"],
        ["Line\\r\\nfeed", "Line feed"],
        ["Line<br />\nfeed", "Line feed"],
        ["cafe\u0301 A < B > C", "café A < B > C"],
      ] as const
    ) assertEquals(plainText(stored), read);
  });

  it("differs where a letter, a sign or a word does", () => {
    for (const [one, other] of [["Stra&szlig;e", "Strase"], ["5 &euro;", "5 $"], ["A B", "AB"]] as const) {
      assertEquals(plainText(one) === plainText(other), false);
    }
  });

  it("is the same however often it was escaped", () => {
    for (const shown of ["A & B's", "A &amp; B&#39;s", "A &amp;amp; B&#039;s "]) {
      assertEquals(plainText(shown), "A & B's");
    }
  });

  it("is not the same when it is another one", () => {
    assertEquals(plainText("A &amp; C") === plainText("A & B"), false);
  });
});
