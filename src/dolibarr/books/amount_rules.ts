/** How this Dolibarr rounds and displays amounts, by its constants. Read in 22.0.4: `price()`, `price2num()`, Conf::setValues. */

import type { Session } from "../../postgres/connection/session.ts";
import { isPhpTrue, readConstants } from "../constants.ts";
import type { Invoice } from "./invoices.ts";
import { plainAmount } from "../formats/amounts.ts";

export interface AmountRules {
  /** Decimals that a total is rounded to: 2, or 3 for dinars. */
  decimals: number;
  /** Decimals that `price()` writes at least, also of a whole number. */
  leastDecimals: number;
  /** Decimals that it writes at most where it may round, as on the page of statistics. */
  mostDecimals: number;
  /** Whether the card of a credit note shows its amounts with the opposite sign. */
  positiveCreditNotes: boolean;
}

const NAMES = [
  "MAIN_MAX_DECIMALS_UNIT",
  "MAIN_MAX_DECIMALS_TOT",
  "MAIN_MAX_DECIMALS_SHOWN",
  "INVOICE_POSITIVE_CREDIT_NOTE_SCREEN",
] as const;

/** Decimals of an amount in the database. */
export const STORED_DECIMALS = 8;

export async function readAmountRules(session: Session): Promise<AmountRules> {
  return amountRulesOf(await readConstants(session, NAMES));
}

/** The rules that follow from these constants; one that is not set has Dolibarr's default. Pure. */
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
 * The total with tax that an invoice's card shows. The card does not round (`price()` with `$trunc` 0), and shows a credit
 * note with the opposite sign where the constants say so. Pure.
 */
export function totalOnCard({ type, totalWithTax }: Invoice, { positiveCreditNotes }: AmountRules): string {
  if (!positiveCreditNotes || type !== CREDIT_NOTE) return plainAmount(totalWithTax);
  return plainAmount(totalWithTax.startsWith("-") ? totalWithTax.slice(1) : `-${totalWithTax}`);
}

/** The number that PHP reads from a text: 0 where it has none. */
const decimalsOf = (value: string): number =>
  Math.min(Math.max(parseInt(value, 10) || 0, 0), STORED_DECIMALS);
