/**
 * What Dolibarr's statistics of customer invoices show per year, computed from the invoices. Read in 22.0.4, FactureStats
 * and Stats::_getAllByYear: drafts count; an invoice that was replaced does not, nor an abandoned one without a reason; a
 * proforma never counts, and a deposit not where deposits are just payments.
 */

import type { Session } from "../../postgres/connection/session.ts";
import { type AmountRules, readAmountRules, STORED_DECIMALS } from "./amount_rules.ts";
import { isPhpTrue, readConstants } from "../constants.ts";
import type { Invoice } from "./invoices.ts";
import { plainAmount } from "../formats/amounts.ts";

export interface StatisticsRules {
  depositsAreJustPayments: boolean;
  amounts: AmountRules;
}

export interface YearTotal {
  /** 0 for invoices without a date, as on the page. */
  year: number;
  invoices: number;
  /** A plain decimal text, `445784.00`. */
  totalWithoutTax: string;
}

/** Standard, replacement, credit note, situation; and between the last two, the deposit. */
const COUNTED_TYPES = [0, 1, 2, 5];
const DEPOSIT = 3;
const ABANDONED = 3;

export async function readStatisticsRules(session: Session): Promise<StatisticsRules> {
  const { FACTURE_DEPOSITS_ARE_JUST_PAYMENTS } = await readConstants(session, [
    "FACTURE_DEPOSITS_ARE_JUST_PAYMENTS",
  ]);
  return {
    depositsAreJustPayments: isPhpTrue(FACTURE_DEPOSITS_ARE_JUST_PAYMENTS),
    amounts: await readAmountRules(session),
  };
}

/** Number and total per year as the page shows them, the newest year first. Pure; no amount is converted to a floating-point number. */
export function yearTotals(invoices: readonly Invoice[], rules: StatisticsRules): YearTotal[] {
  const years = new Map<number, { invoices: number; total: bigint }>();
  for (const invoice of invoices.filter((invoice) => isInStatistics(invoice, rules))) {
    const year = Number(invoice.date?.slice(0, 4) ?? 0);
    const before = years.get(year) ?? { invoices: 0, total: 0n };
    years.set(year, {
      invoices: before.invoices + 1,
      total: before.total + unitsOf(invoice.totalWithoutTax),
    });
  }
  return [...years].toSorted(([a], [b]) => b - a).map(([year, { invoices, total }]) => ({
    year,
    invoices,
    totalWithoutTax: displayedTotal(total, rules.amounts),
  }));
}

/** Whether the statistics count this invoice. Pure. */
export function isInStatistics(
  { status, type, closeCode }: Invoice,
  { depositsAreJustPayments }: StatisticsRules,
): boolean {
  const replaced = status === ABANDONED && (closeCode === null || closeCode === "replaced");
  const typed = COUNTED_TYPES.includes(type) || type === DEPOSIT && !depositsAreJustPayments;
  return status >= 0 && typed && !replaced;
}

/** `-12.5` in the smallest unit that the database stores. */
function unitsOf(amount: string): bigint {
  const [, sign = "", whole = "0", decimals = ""] = amount.match(/^(-?)(\d*)\.?(\d*)$/) ?? [];
  const units = BigInt((whole || "0") + decimals.slice(0, STORED_DECIMALS).padEnd(STORED_DECIMALS, "0"));
  return sign ? -units : units;
}

/** Rounded as a total, then as a shown amount: `price(price2num($total, 'MT'), 1)`. */
function displayedTotal(units: bigint, { decimals, mostDecimals }: AmountRules): string {
  const digits = String(absolute(rounded(rounded(units, decimals), mostDecimals))).padStart(
    STORED_DECIMALS + 1,
    "0",
  );
  return plainAmount(
    `${units < 0n ? "-" : ""}${digits.slice(0, -STORED_DECIMALS)}.${digits.slice(-STORED_DECIMALS)}`,
  );
}

/** Rounded to this number of decimals, half away from zero, as PHP rounds. */
function rounded(units: bigint, decimals: number): bigint {
  const step = 10n ** BigInt(STORED_DECIMALS - decimals);
  const size = (absolute(units) + step / 2n) / step * step;
  return units < 0n ? -size : size;
}

const absolute = (units: bigint): bigint => units < 0n ? -units : units;
