/**
 * Finds missing numbers of customer invoices. It judges by the references alone: those of the form `FA2511-0003` (letters,
 * year and month, a number) make up one series for each prefix, which stands for a type of invoice. Dolibarr's module
 * "terre" counts on through all months; a mask may start again each year or month, so a series in which numbers repeat is
 * split into years, then into months. References of another form are not judged. Read in 22.0.4: an invoice that is set
 * back to a draft keeps its reference, so drafts count too; only the last invoice of a series can be deleted, unless
 * INVOICE_CAN_ALWAYS_BE_REMOVED is set.
 */

import type { Session } from "../../postgres/connection/session.ts";
import type { Fault } from "../fault.ts";

interface NumbersFound {
  /** References that were judged. */
  checked: number;
  /** Final references of another form, which were not judged. */
  otherForms: number;
  /** `FA: 14 is missing between FA2511-0013 and FA2512-0015`, `FA: FA2511-0013 is there 2 times` */
  faults: Fault[];
  /** Each prefix with its number of references: `FA 42`. */
  series: string[];
}

/**
 * Every final reference of a customer invoice, with its entity before it where that is not the first, `2/FA2511-0003`;
 * and whether Dolibarr lets people delete any invoice.
 */
export async function readInvoiceReferences(
  session: Session,
): Promise<{ refs: string[]; removable: boolean }> {
  const [row] = await session.query<{ refs: string[]; removable: boolean }>(
    `SELECT coalesce(json_agg(CASE WHEN entity = 1 THEN ref ELSE entity || '/' || ref END), '[]'::json) AS refs,
       EXISTS (SELECT FROM public.llx_const WHERE name = 'INVOICE_CAN_ALWAYS_BE_REMOVED' AND value NOT IN ('', '0')) AS removable
       FROM public.llx_facture WHERE ref NOT LIKE '(PROV%'`,
  );
  return row!;
}

interface Numbered {
  ref: string;
  /** `FA`; `2/FA` in the second entity. */
  prefix: string;
  number: number;
  year: string;
  month: string;
}

/** The numbers that are missing between the first and the last of each series, and those that occur twice. Pure. */
export function findNumberHoles(refs: readonly string[]): NumbersFound {
  const byPrefix = new Map<string, Numbered[]>();
  const times = Map.groupBy(refs, (ref) => ref);
  let otherForms = 0;
  for (const ref of new Set(refs)) {
    const numbered = numberedOf(ref);
    if (numbered === undefined) {
      otherForms += times.get(ref)!.length;
      continue;
    }
    const list = byPrefix.get(numbered.prefix) ?? [];
    list.push(numbered);
    byPrefix.set(numbered.prefix, list);
  }
  return {
    checked: refs.length - otherForms,
    otherForms,
    faults: [...byPrefix].flatMap(([, list]) => [
      ...twiceIn(list, times),
      ...seriesOf(list).flatMap(holesIn),
    ]),
    series: [...byPrefix].map(([prefix, list]) => `${prefix} ${list.length}`),
  };
}

/**
 * Which of the missing references `gone` cannot have been deleted in Dolibarr: no other invoice has the number, and a later
 * number of the series exists. The last of a series may have been deleted; other forms are not judged. Pure.
 */
export function findLostReferences(gone: readonly string[], refs: readonly string[]): string[] {
  const there = new Set(refs);
  const all = [...new Set([...gone, ...refs])].flatMap((ref) => numberedOf(ref) ?? []);
  return [...Map.groupBy(all, ({ prefix }) => prefix).values()].flatMap(seriesOf).flatMap((series) => {
    const last = series.reduce((last, { ref, number }) => there.has(ref) ? Math.max(last, number) : last, 0);
    return series.filter(({ ref, number }) => !there.has(ref) && number < last).map(({ ref }) => ref);
  });
}

/** The parts of a reference; undefined for one of another form. */
function numberedOf(ref: string): Numbered | undefined {
  const [, prefix, month, number] =
    /^((?:\d+\/)?[A-Za-z]{1,10})(\d{2}(?:0[1-9]|1[0-2]))-(\d{1,9})$/.exec(ref) ?? [];
  if (prefix === undefined) return undefined;
  return { ref, prefix, number: Number(number), month: month!, year: month!.slice(0, 2) };
}

/** References that occur more than once, which is possible where the unique index is missing. */
const twiceIn = (list: readonly Numbered[], times: ReadonlyMap<string, readonly string[]>): Fault[] =>
  list.flatMap(({ prefix, ref }) => {
    const count = times.get(ref)!.length;
    if (count < 2) return [];
    const sentence = `${prefix}: ${ref} is there ${count} times`;
    return [{ subject: ref, kind: "repeated", sentence, facts: { times: count } }];
  });

/** One series for all, for each year, or for each month: the first of these in which no number repeats. */
function seriesOf(list: readonly Numbered[]): Numbered[][] {
  const ways = [() => "", ({ year }: Numbered) => year, ({ month }: Numbered) => month];
  for (const way of ways) {
    const groups = [...Map.groupBy(list, way).values()];
    if (groups.every((group) => new Set(group.map(({ number }) => number)).size === group.length)) {
      return groups;
    }
  }
  return [...Map.groupBy(list, ways[2]!).values()];
}

/**
 * One fault for each hole. Its subject is the first missing number and the reference before it: that stays the same where a
 * series is split into years because numbers repeat since.
 */
function holesIn(series: readonly Numbered[]): Fault[] {
  const sorted = series.toSorted((a, b) => a.number - b.number);
  return sorted.slice(1).flatMap((next, at) => {
    const before = sorted[at]!;
    const [first, last] = [before.number + 1, next.number - 1];
    if (first > last) return [];
    const missing = first === last ? `${first} is missing` : `${first} to ${last} are missing`;
    return [{
      subject: `${before.prefix} ${first} after ${before.ref}`,
      kind: "missing",
      sentence: `${before.prefix}: ${missing} between ${before.ref} and ${next.ref}`,
      facts: { first, last, next: next.ref },
    }];
  });
}
