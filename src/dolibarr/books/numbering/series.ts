/** References as series in which each number is followed by the next one. Pure. */

import type { NumberForm, NumberParts } from "./mask.ts";

export interface Numbered extends NumberParts {
  ref: string;
  /** `FA`; `2/FA` in the second entity. */
  prefix: string;
  form: NumberForm;
}

/** One series, in the order of its numbers. */
export interface Series {
  list: readonly Numbered[];
  /** The series before, and the first number of this one, where the mask says with which number it begins. */
  begins?: { after: Numbered; first: number };
}

/**
 * The series of the references of one prefix and form. Where the mask begins anew with a month or a year these are the series,
 * unless numbers repeat in one: then the mask was another one at that time. So it is where no mask says it: from month to
 * month, a series goes on until a number comes again, or only smaller ones come; an invoice that was dated back to a month
 * before its series began is of that series all the same.
 */
export function seriesOf(list: readonly Numbered[]): Series[] {
  const [{ form } = { form: undefined }] = list;
  if (!form) return [];
  if (form.reset === "never") return runsOf(list).map((list) => ({ list }));
  const groups = [...Map.groupBy(list, (one) => resetKey(one)).entries()]
    .toSorted(([a], [b]) => a - b).map(([, group]) => sorted(group));
  if (groups.some(hasRepeats)) return runsOf(list).map((list) => ({ list }));
  return groups.map((list, at) => {
    const after = groups[at - 1]?.at(-1);
    return after === undefined ? { list } : { list, begins: { after, first: form.offset + 1 } };
  });
}

/** The number of the period in which its counter counts. */
function resetKey({ form: { reset }, year = 0, month = 1 }: Numbered): number {
  if (reset === "month") return year * 12 + month;
  if (typeof reset === "object") return month < reset.yearFrom ? year - 1 : year;
  return reset === "printed year" ? year : 0;
}

function runsOf(list: readonly Numbered[]): Numbered[][] {
  const months = [...Map.groupBy(list, ({ year = 0, month = 0 }) => year * 12 + month).entries()]
    .toSorted(([a], [b]) => a - b);
  const runs: Numbered[][] = [];
  let numbers = new Set<number>();
  let least = 0;
  for (const [, month] of months) {
    const [smallest, greatest] = [Math.min, Math.max].map((pick) =>
      month.reduce((found, { number }) => pick(found, number), month[0]!.number)
    ) as [number, number];
    if (runs.length === 0 || greatest < least || month.some(({ number }) => numbers.has(number))) {
      runs.push([]);
      [numbers, least] = [new Set(), smallest];
    }
    for (const one of month) numbers.add(one.number);
    runs.at(-1)!.push(...month);
    least = Math.min(least, smallest);
  }
  return withDatedBack(runs.map(sorted));
}

/**
 * The month of an invoice that was dated back is no evidence of its series: it follows on nothing in that of its month, and
 * fills a hole of the next one.
 */
function withDatedBack(runs: readonly Numbered[][]): Numbered[][] {
  const result = runs.map((list) => [...list]);
  for (let at = result.length - 2; at >= 0; at--) {
    const [own, next] = [result[at]!, result[at + 1]!];
    const taken = new Set(next.map(({ number }) => number));
    const stretches = stretchesOf(own);
    const back = stretches.slice(stretches.length > 1 ? 1 : 0).filter((stretch) =>
      taken.has(stretch[0]!.number - 1) && taken.has(stretch.at(-1)!.number + 1) &&
      !stretch.some(({ number }) => taken.has(number))
    ).flat();
    result[at + 1] = sorted([...next, ...back]);
    result[at] = own.filter((one) => !back.includes(one));
  }
  return result.filter((list) => list.length > 0);
}

/** The list cut wherever a number does not follow on the one before it. */
function stretchesOf(list: readonly Numbered[]): Numbered[][] {
  const stretches: Numbered[][] = [];
  for (const one of list) {
    const stretch = stretches.at(-1);
    if (stretch && one.number <= stretch.at(-1)!.number + 1) stretch.push(one);
    else stretches.push([one]);
  }
  return stretches;
}

const sorted = (list: readonly Numbered[]): Numbered[] => list.toSorted((a, b) => a.number - b.number);
const hasRepeats = (list: readonly Numbered[]): boolean =>
  new Set(list.map(({ number }) => number)).size < list.length;
