/** What an invoice's PDF must be: whole from its first bytes to its last, and about that invoice. Pure. */

/** Dolibarr can also make an invoice as a text document or a table, which is none the worse for it. */
export const isPdfName = (path: string): boolean => path.toLowerCase().endsWith(".pdf");

/**
 * What of an invoice does not stand in its PDF's text: its reference, its total with tax.
 * @param text of `pdftotext -layout`
 * @param total a decimal text; how an amount is written depends on the language, so any separators are taken
 */
export function missingInPdfText(text: string, { ref, total }: { ref: string; total: string }): string[] {
  const missing: string[] = [];
  if (!text.replace(/\s/g, "").includes(ref.replace(/\s/g, ""))) missing.push(`the reference ${ref}`);
  if (!amountPattern(total).test(text)) missing.push(`the total ${shorten(total)}`);
  return missing;
}

/** An amount in any language's writing, without its sign: `1 234,56`, `1,234.56`, `1.234,56`, `1'234.56`. */
function amountPattern(total: string): RegExp {
  const [whole = "0", cents = "00"] = shorten(total).replace("-", "").split(".");
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, " ").split(" ");
  const digits = groups.join("[\\s.,'\u2019]?");
  const decimals = /^0+$/.test(cents) ? `(?:[.,]${cents})?` : `[.,]${cents}`;
  return new RegExp(`(?<![\\d])${digits}${decimals}(?!\\d|[.,]\\d)`);
}

/** `254.40000000` is `254.40`. */
function shorten(total: string): string {
  const [whole = "0", decimals = ""] = total.split(".");
  return `${whole}.${decimals.replace(/0+$/, "").padEnd(2, "0")}`;
}
