/**
 * Finds missing numbers of customer invoices. It judges by the references and by the masks that make them: Dolibarr's module
 * "mercure" numbers by a mask of each type of invoice, "terre" and "mars" by a prefix of each type. References that fit none
 * of these are judged where they show the mask of earlier years that made them (`earlier_masks.ts`), which is nowhere
 * recorded, and otherwise not. Read in 22.0.4: an invoice that is set back to a draft
 * keeps its reference, so drafts count too; only the last invoice of a series can be deleted, unless
 * INVOICE_CAN_ALWAYS_BE_REMOVED is set.
 */

import type { Session } from "../../../postgres/connection/session.ts";
import type { Fault } from "../../fault.ts";
import { earlierMasks } from "./earlier_masks.ts";
import { formOf, type NumberForm, STANDARD_FORM } from "./mask.ts";
import { type Numbered, type Series, seriesOf } from "./series.ts";

interface NumbersFound {
  /** References that were judged. */
  checked: number;
  /** Final references of another form, which were not judged. */
  otherForms: number;
  /** `FA: 14 is missing between FA2511-0013 and FA2512-0015`, `FA: FA2511-0013 is there 2 times` */
  faults: Fault[];
  /** Each prefix with its number of references: `FA 42`. */
  series: string[];
  /** The masks of earlier years that the references show, with their number of references. */
  earlier: Map<string, number>;
}

/** How references are made. */
export interface NumberingRules {
  /** The masks of each entity. */
  forms: ReadonlyMap<number, readonly NumberForm[]>;
  /** Whether all entities count with one counter. */
  shared: boolean;
}

/** Without a mask: references of the modules that have none. */
export const NO_MASKS: NumberingRules = { forms: new Map(), shared: false };

export interface InvoiceReferences extends NumberingRules {
  refs: string[];
  /** Whether Dolibarr lets people delete any invoice. */
  removable: boolean;
  /** How many entities have a customer invoice. */
  entities: number;
}

/**
 * Every final reference of a customer invoice, with its entity before it where that is not the first, `2/FA2511-0003`, and
 * how they are made.
 */
export async function readInvoiceReferences(session: Session): Promise<InvoiceReferences> {
  const [row] = await session.query<
    { refs: string[]; removable: boolean; shared: boolean; ids: number[] }
  >(
    `SELECT coalesce(json_agg(CASE WHEN entity = 1 THEN ref ELSE entity || '/' || ref END), '[]'::json) AS refs,
       coalesce(json_agg(DISTINCT entity::integer), '[]'::json) AS ids,
       EXISTS (SELECT FROM public.llx_const WHERE name = 'INVOICE_CAN_ALWAYS_BE_REMOVED' AND value NOT IN ('', '0')) AS removable,
       EXISTS (SELECT FROM public.llx_const WHERE name = 'MULTICOMPANY_INVOICENUMBER_SHARING_ENABLED' AND value NOT IN ('', '0')) AS shared
       FROM public.llx_facture WHERE ref NOT LIKE '(PROV%'`,
  );
  const settings = await session.query<{ entity: number; name: string; value: string }>(
    `SELECT entity, name, value FROM public.llx_const WHERE value <> ''
       AND (name ~ '^FACTURE_[A-Z0-9]+_MASK_' OR name = 'SOCIETE_FISCAL_MONTH_START') ORDER BY entity, name`,
  );
  const { ids, ...read } = row!;
  const rules = { forms: formsOf(settings), shared: read.shared };
  return { ...read, entities: ids.length, forms: withEarlierMasks(read.refs, rules, ids) };
}

/** The masks with those of earlier years that the references of these entities show. Pure. */
export function withEarlierMasks(
  refs: readonly string[],
  rules: NumberingRules,
  entities: readonly number[],
): Map<number, readonly NumberForm[]> {
  const others = entities.filter((entity) => entity !== 1);
  const byEntity = Map.groupBy(
    notJudged(refs, rules),
    (ref) => others.find((entity) => ref.startsWith(`${entity}/`)) ?? 1,
  );
  const forms = new Map<number, readonly NumberForm[]>(rules.forms);
  for (const [entity, names] of byEntity) {
    const own = names.map((name) => entity === 1 ? name : name.slice(`${entity}/`.length));
    forms.set(entity, [...(forms.get(entity) ?? []), ...earlierMasks(own)]);
  }
  return forms;
}

/** The masks of each entity; those of entity 0 are of all. Pure. */
export function formsOf(
  settings: readonly { entity: number; name: string; value: string }[],
): Map<number, NumberForm[]> {
  const entities = new Set([1, ...settings.map(({ entity }) => entity)].filter((entity) => entity > 0));
  return new Map([...entities].map((entity) => {
    const own = settings.filter((one) => one.entity === entity || one.entity === 0);
    const month = own.findLast(({ name }) => name === "SOCIETE_FISCAL_MONTH_START")?.value;
    const masks = own.filter(({ name }) => name.includes("_MASK_")).map(({ value }) => value);
    return [entity, [...new Set(masks)].flatMap((mask) => formOf(mask, Number(month) || 1) ?? [])] as const;
  }));
}

/** The numbers that are missing between the first and the last of each series, and those that occur twice. Pure. */
export function findNumberHoles(refs: readonly string[], rules: NumberingRules = NO_MASKS): NumbersFound {
  const bySeries = new Map<string, Numbered[]>();
  const byPrefix = new Map<string, number>();
  const times = Map.groupBy(refs, (ref) => ref);
  const earlier = new Map<string, number>();
  const fillers = new Map<string, Set<number>>();
  let otherForms = 0;
  for (const ref of new Set(refs)) {
    const numbered = numberedOf(ref, rules);
    noteFiller(fillers, ref, numbered, rules);
    if (numbered === undefined) {
      otherForms += times.get(ref)!.length;
      continue;
    }
    const { form: { mask, told } } = numbered;
    if (told) earlier.set(mask, (earlier.get(mask) ?? 0) + 1);
    const key = seriesKey(numbered);
    const list = bySeries.get(key) ?? [];
    list.push(numbered);
    bySeries.set(key, list);
    byPrefix.set(numbered.prefix, (byPrefix.get(numbered.prefix) ?? 0) + 1);
  }
  return {
    checked: refs.length - otherForms,
    otherForms,
    faults: [...bySeries.values()].flatMap((list) => [
      ...twiceIn(list, times),
      ...seriesOf(list).flatMap((series) => holesIn(series, fillersOf(list[0]!, fillers))),
    ]),
    series: [...byPrefix].map(([prefix, count]) => `${prefix} ${count}`),
    earlier,
  };
}

/**
 * Which of the missing references `gone` cannot have been deleted in Dolibarr: no other invoice has the number, and a later
 * number of the series exists. The last of a series may have been deleted; other forms are not judged. `gone` may be as the
 * unalterable log writes references: `2611_0002` of `2611/0002`. Pure.
 */
export function findLostReferences(
  gone: readonly string[],
  refs: readonly string[],
  rules: NumberingRules = NO_MASKS,
): string[] {
  const there = new Set(refs);
  const taken = new Set<string>();
  const all = [...refs, ...gone].flatMap((ref) => {
    const numbered = numberedOf(ref, rules);
    if (!numbered) return [];
    const { year, month, number } = numbered;
    const key = JSON.stringify([seriesKey(numbered), year, month, number]);
    if (taken.has(key)) return [];
    taken.add(key);
    return [numbered];
  });
  return [...Map.groupBy(all, seriesKey).values()].flatMap(seriesOf).flatMap(({ list }) => {
    const last = list.reduce((last, { ref, number }) => there.has(ref) ? Math.max(last, number) : last, 0);
    return list.filter(({ ref, number }) => !there.has(ref) && number < last).map(({ ref }) => ref);
  });
}

/** Those of these references of which it cannot be said to which series they belong. Pure. */
export const notJudged = (refs: readonly string[], rules: NumberingRules): string[] =>
  refs.filter((ref) => numberedOf(ref, rules) === undefined);

/** The parts of a reference by the masks of its entity, or as the modules without a mask make it; undefined for another form. */
function numberedOf(name: string, { forms, shared }: NumberingRules): Numbered | undefined {
  const [, entity, rest] = /^(\d+)\/(.+)$/s.exec(name) ?? [];
  // a mask may make `2026/0001`, in the first entity
  const ways = [[1, name], ...(entity === undefined ? [] : [[Number(entity), rest]])] as [number, string][];
  for (const [company, ref] of ways) {
    for (const form of [...(forms.get(company) ?? []), STANDARD_FORM]) {
      const parts = form.read(ref);
      if (!parts) continue;
      const letters = /^[^0-9]*/.exec(ref)![0].replace(/[-/_ .]+$/, "") || form.mask;
      const prefix = company === 1 || shared ? letters : `${company}/${letters}`;
      return { ...parts, ref: name, prefix, form, own: shared ? parts.own : `${company}|${parts.own}` };
    }
  }
  return undefined;
}

/**
 * The modules without a mask count on from the greatest number of all references like `FA____-%`, those of a mask among them:
 * after `FA2017-0120` comes `FA2501-0121`, and `FA2012-0040` looks as if it were of December 2020. So what a mask made fills a
 * hole of such a series; it has none itself.
 */
function noteFiller(
  fillers: Map<string, Set<number>>,
  ref: string,
  numbered: Numbered | undefined,
  { shared }: NumberingRules,
): void {
  if (numbered?.form === STANDARD_FORM) return;
  const [, entity = "1", prefix, number] = /^(?:(\d+)\/)?([A-Za-z]{1,10})\d{4}-(\d{1,9})$/.exec(ref) ?? [];
  if (prefix === undefined) return;
  const own = shared ? prefix : `${entity}|${prefix}`;
  fillers.set(own, (fillers.get(own) ?? new Set()).add(Number(number)));
}

const fillersOf = ({ form, own }: Numbered, fillers: ReadonlyMap<string, ReadonlySet<number>>) =>
  form === STANDARD_FORM ? fillers.get(own) ?? NONE : NONE;
const NONE: ReadonlySet<number> = new Set();

const seriesKey = ({ form, own }: Numbered): string => JSON.stringify([form.mask, own]);

/** References that occur more than once, which is possible where the unique index is missing. */
const twiceIn = (list: readonly Numbered[], times: ReadonlyMap<string, readonly string[]>): Fault[] =>
  list.flatMap(({ prefix, ref }) => {
    const count = times.get(ref)!.length;
    if (count < 2) return [];
    const sentence = `${prefix}: ${ref} is there ${count} times`;
    return [{ subject: ref, kind: "repeated", sentence, facts: { times: count } }];
  });

/**
 * One fault for each hole. Its subject is the first missing number and the reference before it: that stays the same where a
 * series is split because numbers begin anew.
 */
function holesIn({ list, begins }: Series, taken: ReadonlySet<number>): Fault[] {
  const holes = list.slice(1).flatMap((next, at) => {
    const before = list[at]!;
    return holesBetween(before, before.number + 1, next, taken);
  });
  const [earliest] = list;
  // a counter that goes on from the period before was never begun anew: the mask was another one then
  if (
    !begins || !earliest ||
    earliest.number <= begins.after.number + 1 && earliest.number > begins.after.number
  ) {
    return holes;
  }
  return [...holesBetween(begins.after, begins.first, earliest, taken), ...holes];
}

/** The numbers from `first` to the one before `next` that nothing has taken, one fault for each stretch of them. */
function holesBetween(
  before: Numbered,
  first: number,
  next: Numbered,
  taken: ReadonlySet<number>,
): Fault[] {
  const between = [...taken].filter((number) => number >= first && number < next.number).sort((a, b) =>
    a - b
  );
  const ends = [...between, next.number];
  return ends.flatMap((end, at) => {
    const from = at === 0 ? first : ends[at - 1]! + 1;
    return from < end ? holeOf(before, from, end - 1, next) : [];
  });
}

function holeOf(before: Numbered, first: number, last: number, next: Numbered): Fault[] {
  const missing = first === last ? `${first} is missing` : `${first} to ${last} are missing`;
  return [{
    subject: `${before.prefix} ${first} after ${before.ref}`,
    kind: "missing",
    sentence: `${before.prefix}: ${missing} between ${before.ref} and ${next.ref}`,
    facts: { first, last, next: next.ref },
  }];
}
