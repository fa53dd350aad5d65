/**
 * A mask by which Dolibarr numbers (`get_next_value` of 22.0.4): `FV{yyyy}-{0000}`, `{yy}{mm}-{0000@1}`,
 * `{cccc000}-{yy}`. The counter counts on through all references that fit the mask, or begins anew with a month, a year or a
 * fiscal year. Pure.
 */

/** When the counter begins anew: never, each month, each year from a month on, or with the year that is printed. */
export type Reset = "never" | "month" | "printed year" | { yearFrom: number };

/** A mask that can be read. */
export interface NumberForm {
  mask: string;
  reset: Reset;
  /** The number before the first one. */
  offset: number;
  /** Dolibarr has it no more: the references show it. */
  told?: true;
  /** The parts of a reference of this form; undefined for another one. */
  read(ref: string): NumberParts | undefined;
}

export interface NumberParts {
  number: number;
  /** `2026`; undefined where the reference says none. */
  year: number | undefined;
  /** 1 to 12 */
  month: number | undefined;
  /** What has a counter of its own beside others of the mask: a customer's code, a user. */
  own: string;
}

const COUNTER = /\{(0+)((?:[@+][0-9\-+=]+)*)\}/i;
const CLIENT = /\{(c+)(0*)\}/i;

/** @param fiscalMonth the month with which the fiscal year begins, 1 to 12. @returns undefined for a mask that cannot be read. */
export function formOf(mask: string, fiscalMonth: number): NumberForm | undefined {
  const [, zeros, options = ""] = COUNTER.exec(mask) ?? [];
  const [, , clientZeros = ""] = CLIENT.exec(mask) ?? [];
  if (zeros === undefined && clientZeros === "") return undefined;
  const reset = resetOf(options, fiscalMonth);
  if (!reset) return undefined;
  const pattern = patternOf(mask, zeros !== undefined);
  // a reference as the name of a file, which is what the unalterable log records
  const asFileName = patternOf(mask.replaceAll(/[<>/\\?*|":°$;`]/g, "_"), zeros !== undefined);
  if (!pattern || reset !== "never" && !pattern.source.includes("(?<year>")) return undefined;
  const isByMonth = reset === "month" || typeof reset === "object" && reset.yearFrom > 1;
  if (isByMonth && !pattern.source.includes("(?<month>")) return undefined;
  const offset = Number(/\+(\d+)/.exec(options)?.[1] ?? 0);
  return {
    mask,
    reset,
    offset,
    read: (ref) => partsOf(pattern, ref) ?? (asFileName && partsOf(asFileName, ref)),
  };
}

/** What follows the zeros of a counter, `@9` or `+100@1`. Undefined: what this version does not know. */
function resetOf(options: string, fiscalMonth: number): Reset | undefined {
  const [, at] = /@([0-9\-+=]+)/.exec(options) ?? [];
  if (at === undefined) return "never";
  if (/^[+-]$/.test(at)) return fiscalMonth > 1 ? "printed year" : "never";
  if (at === "=") return fiscalMonth > 1 ? { yearFrom: fiscalMonth } : "never";
  if (!/^\d+$/.test(at)) return undefined;
  if (Number(at) === 99) return "month";
  const month = Number(at) === 0 ? fiscalMonth : Number(at);
  return month >= 1 && month <= 12 ? { yearFrom: month } : undefined;
}

/** Which part of a reference is what. Undefined where the mask has a part that this version does not know. */
function patternOf(mask: string, hasCounter: boolean): RegExp | undefined {
  const seen = new Set<string>();
  let known = true;
  const named = (name: string, source: string) => {
    const again = seen.has(name);
    seen.add(name);
    return again ? `(?:${source})` : `(?<${name}>${source})`;
  };
  const own = (source: string) => named(`own${seen.size}`, source);
  const part = (text: string): string => {
    if (!text.startsWith("{")) return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
    if (COUNTER.test(text)) return named("number", `\\d{${COUNTER.exec(text)![1]!.length}}`);
    if (/^\{yyyy\}$/i.test(text)) return named("year", "\\d{4}");
    if (/^\{yy\}$/i.test(text)) return named("year", "\\d{2}");
    if (/^\{mm\}$/i.test(text)) return named("month", "0[1-9]|1[0-2]");
    if (/^\{dd\}$/i.test(text)) return "\\d{2}";
    const client = CLIENT.exec(text);
    if (client) {
      const [code, digits] = [client[1]!.length, client[2]!.length];
      if (hasCounter) return `.{${code}}\\d{${digits}}`;
      return `${own(`.{${code}}`)}${named("number", `\\d{${digits}}`)}`;
    }
    if (/^\{(t+|u+)\}$/i.test(text)) return own(`.{${text.length - 2}}`);
    const free = /^\{[A-Z]+-(\d+)\}$/.exec(text);
    if (free) return `.{${free[1]}}`;
    known = false;
    return "";
  };
  const source = mask.split(/(\{[^{}]*\})/).map(part).join("");
  return known && seen.has("number") ? new RegExp(`^${source}$`, "u") : undefined;
}

function partsOf(pattern: RegExp, ref: string): NumberParts | undefined {
  const groups = pattern.exec(ref)?.groups;
  if (!groups) return undefined;
  const { number, year, month, ...others } = groups;
  return {
    number: Number(number),
    year: year === undefined ? undefined : Number(year) + (year.length === 2 ? 2000 : 0),
    month: month === undefined ? undefined : Number(month),
    own: Object.values(others).join("|"),
  };
}

/** The form of the modules that have no mask ("terre", "mars"): `FA2511-0003`. The counter has four digits, or more. */
export const STANDARD_FORM: NumberForm = {
  mask: "{prefix}{yy}{mm}-{0000}",
  reset: "never",
  offset: 0,
  read(ref) {
    const [, prefix, year, month, number] = /^([A-Za-z]{1,10})(\d{2})(0[1-9]|1[0-2])-(\d{1,9})$/.exec(ref) ??
      [];
    if (prefix === undefined) return undefined;
    return { number: Number(number), year: 2000 + Number(year), month: Number(month), own: prefix };
  },
};
