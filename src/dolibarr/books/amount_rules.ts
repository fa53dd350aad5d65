/** How this company's Dolibarr rounds and shows amounts. Read in 22.0.4: `price()`, `price2num()`, Conf::setValues. */

import type { Session } from "../../postgres/connection/session.ts";
import { isPhpTrue, readConstants } from "../constants.ts";
import type { Invoice } from "./invoices.ts";
import { plainAmount } from "../formats/amounts.ts";

export interface AmountRules {
  /** How many decimals a total is rounded to: 2, or 3 for dinars. */
  decimals: number;
  /** How many `price()` writes at the least, of a whole number too. */
  leastDecimals: number;
  /** How many it writes at the most where it may round what it shows, as the statistics let it. */
  mostDecimals: number;
  /** Whether an invoice's card shows a credit note's amounts with the other sign. */
  positiveCreditNotes: boolean;
}

const NAMES = [
  "MAIN_MAX_DECIMALS_UNIT",
  "MAIN_MAX_DECIMALS_TOT",
  "MAIN_MAX_DECIMALS_SHOWN",
  "INVOICE_POSITIVE_CREDIT_NOTE_SCREEN",
] as const;

/** As many decimals as the database keeps of an amount. */
export const STORED_DECIMALS = 8;

export async function readAmountRules(session: Session): Promise<AmountRules> {
  return amountRulesOf(await readConstants(session, NAMES));
}

/** The rules that these settings make; one that is missing has Dolibarr's own value. Pure. */
export function amountRulesOf(settings: Partial<Record<typeof NAMES[number], string>>): AmountRules {
  const decimals = decimalsOf(settings.MAIN_MAX_DECIMALS_TOT ?? "2");
  return {
    decimals,
    leastDecimals: Math.min(decimalsOf(settings.MAIN_MAX_DECIMALS_UNIT ?? "5"), decimals),
    mostDecimals: decimalsOf((settings.MAIN_MAX_DECIMALS_SHOWN ?? "8").replaceAll("...", "")),
    positiveCreditNotes: isPhpTrue(settings.INVOICE_POSITIVE_CREDIT_NOTE_SCREEN),
  };
}

const CREDIT_NOTE = 2;

/**
 * The total with tax that an invoice's card shows. The card never rounds what it shows (`price()` with `$trunc` 0), and
 * turns the sign of a credit note where it is told to. Pure.
 */
export function totalOnCard({ type, totalWithTax }: Invoice, { positiveCreditNotes }: AmountRules): string {
  if (!positiveCreditNotes || type !== CREDIT_NOTE) return plainAmount(totalWithTax);
  return plainAmount(totalWithTax.startsWith("-") ? totalWithTax.slice(1) : `-${totalWithTax}`);
}

/** As PHP reads a number out of a text: 0 where there is none. */
const decimalsOf = (value: string): number =>
  Math.min(Math.max(parseInt(value, 10) || 0, 0), STORED_DECIMALS);
