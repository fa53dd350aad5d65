import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { pdfDamage, pictureDamage } from "../../../src/dolibarr/papers/file_integrity.ts";
import { missingInPdfText, saysDate, saysName } from "../../../src/dolibarr/papers/invoice_pdf.ts";

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

describe("the date in an invoice's PDF", () => {
  const written = [
    "02/10/2026",
    "10/02/2026",
    "10/2/26",
    "2.10.2026",
    "2026-10-02",
    "2026年10月2日",
    "02 - 10 - 2026",
  ];
  for (const date of written) {
    it(`is found as ${date}`, () => assertEquals(saysDate(`Date ${date} Due`, "2026-10-02"), true));
  }
  for (
    const date of ["02/11/2026", "12/10/2026", "102/10/2026", "02/10/2025", "2 October 2026", "02 10\n2026"]
  ) {
    it(`is not found in ${JSON.stringify(date)}`, () => assertEquals(saysDate(date, "2026-10-02"), false));
  }
});

describe("the name in an invoice's PDF", () => {
  it("is found in whatever case, and broken into lines", () => {
    assertEquals(saysName("Bill to   LAVOISIER &\n  Total  CIE 12", "Lavoisier & Cie"), true);
    assertEquals(saysName("Étable SARL", "étable sarl"), true);
  });

  it("is not found where a word of it is missing", () =>
    assertEquals(saysName("Lavoisier & Fils", "Lavoisier & Cie"), false));
});

describe("a picture's bytes", () => {
  it("are complete, or truncated", async () => {
    const logo = await Deno.readFile(new URL("../../../fixtures/logo.png", import.meta.url));
    assertEquals(pictureDamage(logo), undefined);
    assertEquals(pictureDamage(new Uint8Array([...logo, 1, 2, 3])), undefined);
    assertEquals(pictureDamage(logo.subarray(0, 500)), "is truncated: the end of the picture is missing");
    assertEquals(pictureDamage(new Uint8Array()), "is empty");
    assertEquals(pictureDamage(new TextEncoder().encode("<svg/>")), undefined);
    const jpeg = [0xff, 0xd8, 0xff, 0xe0, 1, 2];
    assertEquals(pictureDamage(new Uint8Array([...jpeg, 0xff, 0xd9])), undefined);
    assertEquals(pictureDamage(new Uint8Array(jpeg))?.startsWith("is truncated"), true);
  });
});
