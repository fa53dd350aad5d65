import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Invoice } from "../../../src/dolibarr/books/invoices.ts";
import { pageLanguagesOf } from "../../../src/dolibarr/pages/languages.ts";
import { chooseSampleInvoices } from "../../../src/dolibarr/books/sample_invoices.ts";

const invoice = (id: number, more: Partial<Invoice> = {}): Invoice => ({
  id,
  entity: 1,
  ref: `FA${id}`,
  status: 2,
  paid: true,
  settled: "0",
  type: 0,
  date: null,
  closeCode: null,
  totalWithoutTax: "100.00",
  totalWithTax: "100.00",
  printedTotal: "100.00",
  mainDocument: null,
  recordedMd5: null,
  ...more,
});
const idsOf = (invoices: Invoice[], count: number, seed: string) =>
  chooseSampleInvoices(invoices, count, seed).map(({ id }) => id);

describe("the choice of invoices", () => {
  const alike = Array.from({ length: 50 }, (_, id) => invoice(id));
  const ids = (count: number, seed: string) => idsOf(alike, count, seed);

  it("holds the newest and the oldest, and as many as were asked for, each once", () => {
    assertEquals(ids(6, "a").slice(0, 2), [49, 0]);
    assertEquals(new Set(ids(20, "a")).size, 20);
    assertEquals(ids(1, "a"), [49]);
  });

  it("is the same for the same seed and another for another", () => {
    assertEquals(ids(6, "a"), ids(6, "a"));
    assertEquals(ids(6, "a").join() === ids(6, "b").join(), false);
  });

  it("is all of them where there are fewer", () => assertEquals(ids(60, "a").length, 50));

  it("holds the largest, and the newest of each status and of each type", () => {
    const kinds = alike.map((one) => ({ ...one }));
    Object.assign(kinds[20]!, { totalWithTax: "-9000.00" });
    Object.assign(kinds[5]!, { type: 2 });
    Object.assign(kinds[7]!, { type: 2 });
    Object.assign(kinds[9]!, { type: 3, paid: false, status: 1 });
    Object.assign(kinds[11]!, { paid: false, status: 1, settled: "1.00" });
    Object.assign(kinds[13]!, { paid: false, status: 3 });
    Object.assign(kinds[15]!, { paid: false, status: 0 });
    assertEquals(idsOf(kinds, 8, "a"), [49, 0, 20, 15, 13, 11, 9, 7]);
  });

  it("begins with the newest that is more than a draft, and is none where all are drafts", () => {
    const drafts = [invoice(1), invoice(2, { paid: false, status: 0 })];
    assertEquals(idsOf(drafts, 1, "a"), [1]);
    assertEquals(idsOf(drafts.slice(1), 3, "a"), []);
  });
});

describe("the language of a page", () => {
  it("is the user's, else the company's, else what the browser asks for", () => {
    assertEquals(pageLanguagesOf(undefined, undefined, "en-GB"), { signIn: "en", pages: "en" });
    assertEquals(pageLanguagesOf("fr_FR", undefined, "en-GB"), { signIn: "fr", pages: "fr" });
    assertEquals(pageLanguagesOf("auto", "de_DE", "en-GB"), { signIn: "en", pages: "de" });
    assertEquals(pageLanguagesOf("fr_FR", "auto", "en-GB"), { signIn: "fr", pages: "en" });
  });
});
