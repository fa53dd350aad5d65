/** Amounts as Dolibarr displays them in any of its languages, and as the database stores them, in one plain form. Pure. */

/**
 * The amount in a displayed text, as a plain decimal text with at least two decimals: `7788.60` for `7 788,60 €`.
 * Dolibarr 22 separates thousands by a comma, a point, an apostrophe, a space of any width, or nothing, and writes the
 * currency before or after (`price()` and the languages' `SeparatorDecimal`, `SeparatorThousand`).
 *
 * `price()` writes at least `leastDecimals` decimals: where that is one or more, the last separator is the decimal one,
 * `768.000`. Where it may write none, a single separator before exactly three digits is read as a thousands separator.
 *
 * @param leastDecimals see `AmountRules`
 * @returns undefined where the text has no amount.
 */
export function readAmount(text: string, leastDecimals = 0): string | undefined {
  const found = text.replace(/[\s\u00a0\u202f\u2009'’]/g, "").match(/[-−]?[^\d.,\-−]*\d[\d.,]*/);
  if (!found) return undefined;
  const digits = found[0].replace(/[^\d.,]/g, "").replace(/[.,]+$/, "");
  const last = Math.max(digits.lastIndexOf("."), digits.lastIndexOf(","));
  const whole = last >= 0 && isDecimal(digits, last, leastDecimals) ? digits.slice(0, last) : digits;
  const decimals = whole.length < digits.length ? digits.slice(last + 1) : "";
  const sign = /[-−]/.test(found[0]) ? "-" : "";
  return plainAmount(`${sign}${whole.replace(/[.,]/g, "")}.${decimals}`);
}

/**
 * A decimal text of the database in the same form: `7788.60` for `7788.60000000`, `0.00` for `-0.00000000`. No amount is
 * converted to a floating-point number.
 */
export function plainAmount(numeric: string): string {
  const [, sign = "", whole = "", decimals = ""] = numeric.trim().match(/^(-?)(\d*)\.?(\d*)$/) ?? [];
  if (whole === "" && decimals === "") return numeric.trim();
  const plain = `${whole.replace(/^0+(?=\d)/, "") || "0"}.${decimals.replace(/0+$/, "").padEnd(2, "0")}`;
  return /[1-9]/.test(plain) ? sign + plain : plain;
}

/** Whether the separator at `last` is the decimal one. */
function isDecimal(digits: string, last: number, leastDecimals: number): boolean {
  const separator = digits[last];
  if (digits.indexOf(separator!) !== last) return false; // it occurs twice, so it separates thousands
  if (/[.,]/.test(digits.slice(0, last))) return true; // the other separator precedes it
  return leastDecimals > 0 || digits.length - last - 1 !== 3;
}
