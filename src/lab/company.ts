/** The demo company: what `fixtures/company.json` says, and which papers follow from it. */

import { DrillError, messageOf } from "../base/errors.ts";

export interface Party {
  name: string;
  address: string;
  zip: string;
  town: string;
  email: string;
}

export interface Product {
  ref: string;
  label: string;
  /** Net price as a decimal text, `640.00`, so that no cent is lost on the way. */
  price: string;
  /** VAT in percent, `20`. */
  vat: string;
}

export interface SupplierInvoice {
  /** The supplier's name, one of `suppliers`. */
  supplier: string;
  /** The supplier's own reference. */
  ref: string;
  /** `2026-02-11` */
  date: string;
  /** Net amount as a decimal text. */
  amount: string;
  vat: string;
}

/** `fixtures/company.json`, as it stands there. */
export interface Company {
  name: string;
  address: string;
  zip: string;
  town: string;
  /** Two letters, `FR`. */
  country: string;
  currency: string;
  phone: string;
  email: string;
  siren: string;
  siret: string;
  vat: string;
  /** The logo's file name, beside the company file. */
  logo: string;
  customers: Party[];
  suppliers: Party[];
  products: Product[];
  invoices: {
    count: number;
    /** Date of the first invoice, `2025-11-03`. */
    first: string;
    everyDays: number;
    linesAtMost: number;
    /** Each so many-th invoice stays unpaid. */
    unpaidEvery: number;
    /** After each so many-th invoice, a credit note for its first line. */
    creditNoteEvery: number;
    /** The last so many invoices are never validated. */
    draftsAtTheEnd: number;
  };
  supplierInvoices: SupplierInvoice[];
}

/** One paper to be made. `customer` and `product` are indices into the company's lists. */
export interface PlannedInvoice {
  kind: "invoice" | "credit_note";
  /** 1 is the first; a credit note has the number of the invoice that it corrects. */
  number: number;
  /** `2025-11-03` */
  date: string;
  customer: number;
  lines: { product: number; quantity: number }[];
  state: "draft" | "unpaid" | "paid";
}

/**
 * Every invoice and credit note of the company, in the order of their dates and so of their numbers.
 * Nothing in it is random: the same company always has the same papers.
 */
export function planInvoices(company: Company): PlannedInvoice[] {
  const { count, first, everyDays, linesAtMost, unpaidEvery, creditNoteEvery, draftsAtTheEnd } =
    company.invoices;
  const plan: PlannedInvoice[] = [];
  for (let index = 0; index < count; index++) {
    const number = index + 1;
    const draft = number > count - draftsAtTheEnd;
    const lines = Array.from({ length: 1 + index % linesAtMost }, (_, line) => ({
      product: (index * 2 + line) % company.products.length,
      quantity: 1 + (index * 7 + line * 3) % 6,
    }));
    const customer = (index * 5) % company.customers.length;
    const state = draft ? "draft" : number % unpaidEvery === 0 ? "unpaid" : "paid";
    plan.push({ kind: "invoice", number, date: addDays(first, index * everyDays), customer, lines, state });
    if (!draft && number % creditNoteEvery === 0) {
      const date = addDays(first, index * everyDays + Math.min(3, everyDays - 1));
      plan.push({ kind: "credit_note", number, date, customer, lines: lines.slice(0, 1), state: "unpaid" });
    }
  }
  return plan;
}

/**
 * Reads and checks a company file.
 * @throws DrillError `LAB_FAILED` that names the first field that is not what it should be.
 */
export function readDemoCompany(file: string): Company {
  try {
    return checkCompany(JSON.parse(Deno.readTextFileSync(file)));
  } catch (error) {
    throw new DrillError(
      "LAB_FAILED",
      `Cannot read the demo company ${file}: ${messageOf(error)}`,
      "Bring back the file as it was in the repository: git checkout fixtures",
      { cause: error },
    );
  }
}

/** The same company with `count` invoices, one a day, the last of them where its own begin. */
export function withInvoices(company: Company, count: number): Company {
  const first = addDays(company.invoices.first, 1 - count);
  return { ...company, invoices: { ...company.invoices, count, first, everyDays: 1 } };
}

/** What `readDemoCompany` does to the parsed file; throws an Error that names the field. */
export function checkCompany(value: unknown): Company {
  const company = record(value, "the company");
  for (const name of COMPANY_TEXTS) text(company[name], name);
  list(company.customers, "customers").forEach((party, index) =>
    fields(party, PARTY_TEXTS, `customers[${index}]`)
  );
  list(company.suppliers, "suppliers").forEach((party, index) =>
    fields(party, PARTY_TEXTS, `suppliers[${index}]`)
  );
  list(company.products, "products").forEach((product, index) => {
    const { price, vat } = fields(product, ["ref", "label", "price", "vat"], `products[${index}]`);
    matches(price, DECIMAL, `products[${index}].price`);
    matches(vat, DECIMAL, `products[${index}].vat`);
  });
  const invoices = record(company.invoices, "invoices");
  for (const name of INVOICE_NUMBERS) positive(invoices[name], `invoices.${name}`);
  matches(invoices.first, DATE, "invoices.first");
  const suppliers = new Set((company.suppliers as Party[]).map((party) => party.name));
  list(company.supplierInvoices, "supplierInvoices").forEach((paper, index) => {
    const where = `supplierInvoices[${index}]`;
    const { supplier, date, amount } = fields(paper, ["supplier", "ref", "date", "amount", "vat"], where);
    matches(date, DATE, `${where}.date`);
    matches(amount, DECIMAL, `${where}.amount`);
    if (!suppliers.has(supplier as string)) throw new Error(`${where}.supplier is none of the suppliers`);
  });
  return company as unknown as Company;
}

const COMPANY_TEXTS = [
  ...["name", "address", "zip", "town", "country", "currency", "phone", "email"],
  ...["siren", "siret", "vat", "logo"],
];
const PARTY_TEXTS = ["name", "address", "zip", "town", "email"];
const INVOICE_NUMBERS = [
  "count",
  "everyDays",
  "linesAtMost",
  "unpaidEvery",
  "creditNoteEvery",
  "draftsAtTheEnd",
];
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DECIMAL = /^\d+(\.\d+)?$/;

function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

function record(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${where} is not an object`);
  }
  return value as Record<string, unknown>;
}

function list(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new Error(`${where} is not a list with something in it`);
  }
  return value;
}

function text(value: unknown, where: string): void {
  if (typeof value !== "string" || value === "") throw new Error(`${where} is not a text`);
}

function fields(value: unknown, names: readonly string[], where: string): Record<string, unknown> {
  const found = record(value, where);
  for (const name of names) text(found[name], `${where}.${name}`);
  return found;
}

function matches(value: unknown, pattern: RegExp, where: string): void {
  if (typeof value !== "string" || !pattern.test(value)) {
    throw new Error(`${where} does not look like ${pattern.source}`);
  }
}

function positive(value: unknown, where: string): void {
  if (!Number.isInteger(value) || (value as number) < 1) {
    throw new Error(`${where} is not a whole number above zero`);
  }
}
