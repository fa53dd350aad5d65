/** What the PDF of an invoice must say: its reference and its total; and what it says where its template prints it. Pure. */

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

/**
 * Whether every word of that name is in the text, in whatever case: a name may be broken into lines.
 * @param text the output of `pdftotext -layout`
 */
export function saysName(text: string, name: string): boolean {
  const plain = (one: string) => one.normalize("NFKC").toLowerCase();
  const whole = plain(text).replace(/\s/g, "");
  return plain(name).split(/\s+/).every((word) => whole.includes(word));
}

/**
 * Whether the text has that day in one of the forms in which languages write it in digits: `02/10/2026`, `10/2/2026`,
 * `2026-10-02`, `2.10.26`, `2026年10月2日`.
 * @param date `2026-10-02`
 */
export function saysDate(text: string, date: string): boolean {
  const [year = "", month = "", day = ""] = date.split("-");
  const [y, m, d] = [`(?:${year}|${year.slice(2)})`, `0?${Number(month)}`, `0?${Number(day)}`];
  const between = "[^\\d\\n]{1,3}";
  return [[y, m, d], [d, m, y], [m, d, y]].some((order) =>
    new RegExp(`(?<!\\d)${order.join(between)}(?!\\d)`).test(text)
  );
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
