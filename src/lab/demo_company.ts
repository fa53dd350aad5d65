/** The demo company of `fixtures/company.json`, and the invoices that are planned from it. */

import { DrillError, messageOf } from "../base/errors.ts";

interface Party {
  name: string;
  address: string;
  zip: string;
  town: string;
  email: string;
}

export interface Product {
  ref: string;
  label: string;
  /** The net price as a decimal text, `640.00`. */
  price: string;
  /** VAT in percent, `20`. */
  vat: string;
}

interface SupplierInvoice {
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

/** The content of `fixtures/company.json`. */
export interface DemoCompany {
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
    /** Every n-th invoice stays unpaid. */
    unpaidEvery: number;
    /** Every n-th invoice is followed by a credit note for its first line. */
    creditNoteEvery: number;
    /** The number of invoices at the end that stay drafts. */
    draftsAtTheEnd: number;
  };
  supplierInvoices: SupplierInvoice[];
}

/** An invoice or a credit note to create. `customer` and `product` are indices into the company's lists. */
export interface PlannedInvoice {
  kind: "invoice" | "credit_note";
  /** From 1. A credit note has the number of the invoice that it corrects. */
  number: number;
  /** `2025-11-03` */
  date: string;
  customer: number;
  lines: { product: number; quantity: number }[];
  state: "draft" | "unpaid" | "paid";
}

/**
 * Plans every invoice and credit note of the company, in the order of their dates and so of their references. Pure: the
 * same company always gets the same invoices.
 */
export function planInvoices(company: DemoCompany): PlannedInvoice[] {
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
 * Reads and validates the file of the company.
 * @throws DrillError `LAB_FAILED` that names the first invalid field.
 */
export function readDemoCompany(file: string): DemoCompany {
  try {
    return parseDemoCompany(JSON.parse(Deno.readTextFileSync(file)));
  } catch (error) {
    throw new DrillError(
      "LAB_FAILED",
      `Cannot read the demo company ${file}: ${messageOf(error)}`,
      "Restore the file of the repository: git checkout fixtures",
      { cause: error },
    );
  }
}

/** The same company with `count` invoices, one a day, of which the last has the date of its own first one. */
export function withInvoiceCount(company: DemoCompany, count: number): DemoCompany {
  const first = addDays(company.invoices.first, 1 - count);
  return { ...company, invoices: { ...company.invoices, count, first, everyDays: 1 } };
}

/** Validates the parsed file. @throws Error that names the first invalid field. */
export function parseDemoCompany(value: unknown): DemoCompany {
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
    if (!suppliers.has(supplier as string)) throw new Error(`${where}.supplier is not one of the suppliers`);
  });
  return company as unknown as DemoCompany;
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
    throw new Error(`${where} is not a list, or is empty`);
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
    throw new Error(`${where} does not match ${pattern.source}`);
  }
}

function positive(value: unknown, where: string): void {
  if (!Number.isInteger(value) || (value as number) < 1) {
    throw new Error(`${where} is not a whole number above zero`);
  }
}
