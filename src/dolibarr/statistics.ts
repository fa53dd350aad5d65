/**
 * What Dolibarr's statistics of customer invoices say per year, from the invoices themselves. Read in 22.0.4,
 * FactureStats and Stats::_getAllByYear: drafts count too; an invoice that another replaced does not, nor any abandoned
 * one of which it is not said why; a proforma never does, and a deposit not where deposits are just payments.
 */

import type { Session } from "../postgres/session.ts";
import type { Invoice } from "./invoices.ts";
import { isOn } from "./listings.ts";
import { plainAmount } from "./pages/amounts.ts";

export interface CountingRules {
  depositsAreJustPayments: boolean;
  /** How many decimals a total is rounded to. */
  decimals: number;
}

export interface YearTotal {
  /** 0 for invoices without a date, as the page has it. */
  year: number;
  invoices: number;
  /** A plain decimal text, `445784.00`. */
  totalWithoutTax: string;
}

/** Standard, replacement, credit note, situation; and between the last two, the deposit. */
const COUNTED_TYPES = [0, 1, 2, 5];
const DEPOSIT = 3;
const ABANDONED = 3;
/** As many decimals as the database keeps of an amount. */
const STORED_DECIMALS = 8;

export async function readCountingRules(session: Session): Promise<CountingRules> {
  const rows = await session.query<{ name: string; value: string | null }>(
    `SELECT name, value FROM public.llx_const WHERE entity IN (0, 1)
       AND name IN ('FACTURE_DEPOSITS_ARE_JUST_PAYMENTS', 'MAIN_MAX_DECIMALS_TOT') ORDER BY entity`,
  );
  const value = (name: string) => rows.findLast((row) => row.name === name)?.value;
  const decimals = parseInt(value("MAIN_MAX_DECIMALS_TOT") ?? "", 10);
  return {
    depositsAreJustPayments: isOn(value("FACTURE_DEPOSITS_ARE_JUST_PAYMENTS")),
    decimals: Number.isNaN(decimals) ? 2 : Math.min(Math.max(decimals, 0), STORED_DECIMALS),
  };
}

/** Number and total per year, the newest first. Pure; no amount passes through a floating-point number. */
export function yearTotals(invoices: readonly Invoice[], rules: CountingRules): YearTotal[] {
  const years = new Map<number, { invoices: number; total: bigint }>();
  for (const invoice of invoices.filter((invoice) => isCounted(invoice, rules))) {
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
    totalWithoutTax: rounded(total, rules.decimals),
  }));
}

/** Whether the statistics count this invoice. Pure. */
export function isCounted(
  { status, type, closeCode }: Invoice,
  { depositsAreJustPayments }: CountingRules,
): boolean {
  const replaced = status === ABANDONED && (closeCode === null || closeCode === "replaced");
  const typed = COUNTED_TYPES.includes(type) || type === DEPOSIT && !depositsAreJustPayments;
  return status >= 0 && typed && !replaced;
}

/** `-12.5` in the smallest unit that the database keeps. */
function unitsOf(amount: string): bigint {
  const [, sign = "", whole = "0", decimals = ""] = amount.match(/^(-?)(\d*)\.?(\d*)$/) ?? [];
  const units = BigInt((whole || "0") + decimals.slice(0, STORED_DECIMALS).padEnd(STORED_DECIMALS, "0"));
  return sign ? -units : units;
}

/** Half away from zero, as PHP rounds. */
function rounded(units: bigint, decimals: number): string {
  const [sign, size] = units < 0n ? ["-", -units] : ["", units];
  const step = 10n ** BigInt(STORED_DECIMALS - decimals);
  const digits = String((size + step / 2n) / step).padStart(decimals + 1, "0");
  const cut = digits.length - decimals;
  return plainAmount(`${sign}${digits.slice(0, cut)}.${digits.slice(cut)}`);
}
