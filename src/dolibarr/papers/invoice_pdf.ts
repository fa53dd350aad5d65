/** What the PDF of an invoice must say: its reference and its total. Pure. */

/** Whether it is a PDF by its name. Dolibarr can also generate an invoice as a text document or a spreadsheet. */
export const isPdfName = (path: string): boolean => path.toLowerCase().endsWith(".pdf");

/**
 * What the text of an invoice's PDF lacks: the reference, the total with tax.
 * @param text the output of `pdftotext -layout`
 * @param total a decimal text. An amount is found with any separators, because they depend on the language.
 */
export function missingInPdfText(text: string, { ref, total }: { ref: string; total: string }): string[] {
  const missing: string[] = [];
  if (!text.replace(/\s/g, "").includes(ref.replace(/\s/g, ""))) missing.push(`the reference ${ref}`);
  if (!amountPattern(total).test(text)) missing.push(`the total ${shorten(total)}`);
  return missing;
}

/** Matches an amount as any language writes it, without its sign: `1 234,56`, `1,234.56`, `1.234,56`, `1'234.56`. */
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
