/** Chooses the invoices that a drill opens in the browser. */

import { type Invoice, isValidated } from "./invoices.ts";
import { expectedBadge } from "../pages/invoice_status.ts";

/**
 * Chooses `count` invoices: the newest and the oldest validated one, the one with the largest total, the newest of each
 * status and of each type that is not among them, and others by `seed`. So a few of thousands cover each kind. Pure: the
 * same seed chooses the same invoices, so that a failure can be reproduced.
 *
 * @param invoices oldest first
 */
export function chooseSampleInvoices(invoices: readonly Invoice[], count: number, seed: string): Invoice[] {
  const validated = invoices.filter(isValidated);
  const [newest, oldest] = [validated.at(-1), validated[0]];
  if (!newest || !oldest) return []; // only drafts: none was sent to a customer
  const chosen = new Set([newest, oldest, largestOf(validated)]);
  const kindsOf = (invoice: Invoice) => [`status ${expectedBadge(invoice).badge}`, `type ${invoice.type}`];
  const kinds = new Set([...chosen].flatMap(kindsOf));
  for (const invoice of invoices.toReversed()) {
    if (kindsOf(invoice).every((kind) => kinds.has(kind))) continue;
    kindsOf(invoice).forEach((kind) => kinds.add(kind));
    chosen.add(invoice);
  }
  const next = randomFrom(seed);
  const left = invoices.filter((invoice) => !chosen.has(invoice));
  while (chosen.size < count && left.length > 0) chosen.add(left.splice(next(left.length), 1)[0]!);
  return [...chosen].slice(0, count);
}

/** The newest of those with the largest total, whatever its sign. */
const largestOf = (invoices: readonly Invoice[]): Invoice =>
  invoices.reduce((largest, one) => sizeOf(one) >= sizeOf(largest) ? one : largest);

/** Only for choosing; no amount that is shown comes from it. */
const sizeOf = ({ totalWithTax }: Invoice): number => Math.abs(Number(totalWithTax));

/** Whole numbers below a bound, derived from a text: FNV-1a for the start, mulberry32 for the sequence. */
function randomFrom(seed: string): (below: number) => number {
  let state = 2166136261;
  for (const byte of new TextEncoder().encode(seed)) state = Math.imul(state ^ byte, 16777619);
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) % below;
  };
}
