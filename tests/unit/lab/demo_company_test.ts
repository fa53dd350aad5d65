import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import {
  type DemoCompany,
  parseDemoCompany,
  planInvoices,
  readDemoCompany,
} from "../../../src/lab/demo_company.ts";

const FILE = new URL("../../../fixtures/company.json", import.meta.url).pathname;

describe("the papers of the demo company", () => {
  const company = readDemoCompany(FILE);
  const plan = planInvoices(company);
  const invoices = plan.filter((paper) => paper.kind === "invoice");

  it("are 48 invoices, the last two drafts, with a credit note after each sixteenth that is validated", () => {
    assertEquals(invoices.length, 48);
    assertEquals(invoices.filter((paper) => paper.state === "draft").map((paper) => paper.number), [47, 48]);
    const credits = plan.filter((paper) => paper.kind === "credit_note");
    assertEquals(credits.map(({ number, date }) => [number, date]), [[16, "2026-02-19"], [32, "2026-06-11"]]);
  });

  it("are in the order of their dates, so that their numbers are too", () => {
    const dates = plan.map((paper) => paper.date);
    assertEquals(dates, [...dates].sort());
    assertEquals([dates[0], dates.at(-1)], ["2025-11-03", "2026-09-28"]);
  });

  it("have one to four lines, and each fifth validated one is unpaid", () => {
    assertEquals(new Set(invoices.map((paper) => paper.lines.length)), new Set([1, 2, 3, 4]));
    const unpaid = invoices.filter((paper) => paper.state === "unpaid").map((paper) => paper.number);
    assertEquals(unpaid, [5, 10, 15, 20, 25, 30, 35, 40, 45]);
  });

  it("name customers and products that there are, each at least once", () => {
    const customers = new Set(invoices.map((paper) => paper.customer));
    const products = new Set(invoices.flatMap((paper) => paper.lines.map((line) => line.product)));
    assertEquals([...customers].sort(), company.customers.map((_, index) => index));
    assertEquals([...products].sort(), company.products.map((_, index) => index));
  });

  it("are the same every time", () => assertEquals(planInvoices(company), plan));
});

describe("a company file", () => {
  const broken: [name: string, change: (company: DemoCompany) => void, said: string][] = [
    ["without a name", (company) => company.name = "", "name is not a text"],
    ["without customers", (company) => company.customers = [], "customers is not a list"],
    [
      "with a customer without a town",
      (company) => company.customers[1]!.town = "",
      "customers[1].town is not a text",
    ],
    [
      "with a price that is no decimal",
      (company) => company.products[0]!.price = "12,50",
      "products[0].price does not match",
    ],
    [
      "with a date that is none",
      (company) => company.invoices.first = "3 November",
      "invoices.first does not match",
    ],
    [
      "with half an invoice",
      (company) => company.invoices.count = 1.5,
      "invoices.count is not a whole number",
    ],
    [
      "with a paper of an unknown supplier",
      (company) => company.supplierInvoices[0]!.supplier = "Nobody",
      "supplierInvoices[0].supplier is not one of the suppliers",
    ],
  ];
  for (const [name, change, said] of broken) {
    it(`${name} is refused`, () => {
      const company = JSON.parse(Deno.readTextFileSync(FILE)) as DemoCompany;
      change(company);
      const error = assertThrows(() => parseDemoCompany(company), Error);
      assert(error.message.includes(said), error.message);
    });
  }

  it("that is not there is an error with a hint", () => {
    const error = assertThrows(() => readDemoCompany(`${FILE}.nowhere`), DrillError);
    assertEquals(error.code, "LAB_FAILED");
    assert(error.hint.includes("git checkout"));
  });
});
