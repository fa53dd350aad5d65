/**
 * Masks of earlier years, told by the references that they made: Dolibarr keeps only the mask of now. One is told where all
 * references of a shape (`FV2017-0001`: the same signs, the same lengths of numbers) are a year or a month and a counter that
 * counts on, in one way alone. Pure.
 */

import { formOf, type NumberForm } from "./mask.ts";
import { type Numbered, seriesOf } from "./series.ts";

/** So many numbers must follow on the one before them: fewer may do so by chance. */
const FOLLOWING_AT_LEAST = 30;
/**
 * Of so many numbers one may be missing. Where more are, the numbers may lawfully have holes: invoices that came from another
 * program, or a counter that another kind of paper uses too.
 */
const ONE_HOLE_IN = 50;

/** @param refs final references of one entity of which no mask that Dolibarr has now can be the origin. */
export function earlierMasks(refs: readonly string[]): NumberForm[] {
  const shapes = Map.groupBy(new Set(refs), (ref) => ref.replaceAll(/\d/g, "0"));
  return [...shapes.values()].flatMap((list) => list.length <= FOLLOWING_AT_LEAST ? [] : maskOf(list) ?? []);
}

/** The only mask that these references of one shape can have. */
function maskOf(refs: readonly string[]): NumberForm | undefined {
  const parts = refs.map((ref) => ref.split(/(\d+)/));
  const columns = parts[0]!.map((_, at) => parts.map((part) => part[at]!));
  const told = masksOf(columns).flatMap((mask) => {
    const form = formOf(mask, 1);
    const holes = form && unbrokenBut(refs, form);
    return holes === undefined ? [] : [{ form: { ...form!, told: true as const }, holes }];
  });
  const [first] = told;
  return told.every(({ holes }) => holes === first!.holes) ? first?.form : undefined;
}

/** Every mask with one counter whose references may have these columns: texts and numbers in turn. */
function masksOf(columns: readonly string[][]): string[] {
  let masks = [""];
  for (const [at, column] of columns.entries()) {
    const texts = at % 2 === 0 ? [column[0]!] : waysToRead(column);
    masks = masks.flatMap((mask) => texts.map((text) => mask + text)).filter((mask) =>
      ["{0", "{y", "{m"].every((part) => mask.split(part).length <= 2)
    );
  }
  return masks.filter((mask) => mask.includes("{0") && (!mask.includes("{m") || mask.includes("{y")));
}

const YEAR = "(?!0[0-2])[0-9]{2}"; // the first Dolibarr is of 2003
const MONTH = "(?:0[1-9]|1[0-2])";
/** Dates that a mask can print, by their digits. */
const DATES: readonly [digits: number, mask: string, pattern: RegExp][] = [
  [2, "{yy}", new RegExp(`^${YEAR}$`)],
  [2, "{mm}", new RegExp(`^${MONTH}$`)],
  [4, "{yyyy}", new RegExp(`^20${YEAR}$`)],
  [4, "{yy}{mm}", new RegExp(`^${YEAR}${MONTH}$`)],
  [6, "{yyyy}{mm}", new RegExp(`^20${YEAR}${MONTH}$`)],
];

/** What the numbers of one column may be: always the same, a date, a counter, a date with a counter behind it. */
function waysToRead(column: readonly string[]): string[] {
  const [{ length }] = [column[0]!];
  const counter = (digits: number) => `{${"0".repeat(digits)}}`;
  const dates = DATES.filter(([digits, , pattern]) =>
    digits <= length && column.every((text) => pattern.test(text.slice(0, digits)))
  );
  return [
    ...(column.every((text) => text === column[0]) ? [column[0]!] : [counter(length)]),
    ...dates.map(([digits, mask]) => digits === length ? mask : mask + counter(length - digits)),
  ];
}

/** The holes, as a text, where almost all numbers follow on the one before them; undefined where they do not. */
function unbrokenBut(refs: readonly string[], form: NumberForm): string | undefined {
  const numbered = refs.flatMap((ref): Numbered[] => {
    const parts = form.read(ref);
    return parts ? [{ ...parts, ref, prefix: "", form }] : [];
  });
  const steps = seriesOf(numbered).flatMap(({ list }) =>
    list.slice(1).map((one, at) => ({ from: list[at]!, to: one, by: one.number - list[at]!.number }))
  );
  const holes = steps.filter(({ by }) => by !== 1);
  const following = steps.length - holes.length;
  if (numbered.length < refs.length || following < FOLLOWING_AT_LEAST) return undefined;
  if (holes.length * ONE_HOLE_IN > Math.max(steps.length, ONE_HOLE_IN)) return undefined;
  return holes.map(({ from, to }) => `${from.ref} ${to.ref}`).sort().join("\n");
}
