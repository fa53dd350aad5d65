/** The demo company's invoices and credit notes with their references, amounts and payments. Pure. */

import { type DemoCompany, planInvoices, type PlannedInvoice, type Product } from "../../demo_company.ts";

/** Whole cents; exact up to 90 thousand million euros. */
type Cents = number;

export interface PaperLine {
  /** `llx_product.rowid` */
  productId: number;
  product: Product;
  quantity: number;
  /** Negative on a credit note. */
  price: Cents;
  net: Cents;
  tax: Cents;
}

export interface Paper {
  /** `llx_facture.rowid` */
  id: number;
  /** `FA2511-0001`, `AV2602-0001`, `(PROV50)` */
  ref: string;
  /** As in Dolibarr: 0 is an invoice, 2 a credit note. */
  type: 0 | 2;
  date: string;
  /** `llx_societe.rowid` */
  customerId: number;
  lines: PaperLine[];
  net: Cents;
  tax: Cents;
  state: PlannedInvoice["state"];
  /** The invoice that a credit note corrects. */
  correctsId?: number;
  /** `PAY2511-0001`, and its date. */
  payment?: { id: number; ref: string; date: string };
}

/** Days from an invoice to its payment. */
const PAID_AFTER = 10;

/** Every invoice and credit note, in the order of their references, which are those of Dolibarr's module "terre". */
export function papersOf(company: DemoCompany): Paper[] {
  const counters = { FA: 0, AV: 0, PAY: 0 };
  const next = (prefix: keyof typeof counters, date: string) =>
    `${prefix}${date.slice(2, 4)}${date.slice(5, 7)}-${String(++counters[prefix]).padStart(4, "0")}`;
  const ids = new Map<number, number>();
  return planInvoices(company).map((planned, index) => {
    const id = index + 1;
    const credit = planned.kind === "credit_note";
    if (!credit) ids.set(planned.number, id);
    const lines = planned.lines.map(({ product, quantity }) =>
      lineOf(company.products[product]!, product + 1, quantity, credit)
    );
    const ref = planned.state === "draft" ? `(PROV${id})` : next(credit ? "AV" : "FA", planned.date);
    const paidOn = addDays(planned.date, PAID_AFTER);
    const payment = planned.state === "paid"
      ? { ref: next("PAY", paidOn), id: counters.PAY, date: paidOn }
      : undefined;
    return {
      id,
      ref,
      type: credit ? 2 : 0,
      date: planned.date,
      customerId: planned.customer + 1,
      lines,
      net: sumOf(lines.map((line) => line.net)),
      tax: sumOf(lines.map((line) => line.tax)),
      state: planned.state,
      correctsId: credit ? ids.get(planned.number) : undefined,
      payment,
    };
  });
}

/** 64000 for `640.00`. @throws RangeError for more than two decimals. */
export function centsOf(decimal: string): Cents {
  const [, sign, whole, decimals = ""] = decimal.match(/^(-?)(\d+)(?:\.(\d{1,2}))?$/) ?? [];
  if (whole === undefined) throw new RangeError(`not an amount of money: ${decimal}`);
  const cents = Number(whole) * 100 + Number(decimals.padEnd(2, "0"));
  return sign ? -cents : cents;
}

/** `640.00` for 64000. */
export function decimalOf(cents: Cents): string {
  const digits = String(Math.abs(cents)).padStart(3, "0");
  return `${cents < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** The tax on a net amount, rounded half away from zero as PHP does. `rate` in percent, `5.5`. */
export function taxOn(net: Cents, rate: string): Cents {
  return Math.sign(net) * Math.round(Math.abs(net) * centsOf(rate) / 10_000);
}

export const sumOf = (amounts: readonly Cents[]): Cents =>
  amounts.reduce((total, amount) => total + amount, 0);

/** The time at which a paper of this day was created. */
export const timeOf = (date: string): string => `${date} 09:00:00`;

function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

function lineOf(product: Product, productId: number, quantity: number, credit: boolean): PaperLine {
  const price = centsOf(product.price) * (credit ? -1 : 1);
  const net = price * quantity;
  return { productId, product, quantity, price, net, tax: taxOn(net, product.vat) };
}

export type StandInRow = Record<string, unknown>;

/** Rows by table, without its prefix. */
export type StandInRows = Map<string, StandInRow[]>;

/** A PDF that belongs to a paper. */
export interface PaperFile {
  paper: Paper;
  /** Relative to the documents folder: `facture/FA2511-0001/FA2511-0001.pdf`. */
  path: string;
  md5: string;
}

/** Where the PDF of a paper lies, relative to the documents folder. */
export const pdfPathOf = ({ ref }: Paper): string => `facture/${ref}/${ref}.pdf`;
