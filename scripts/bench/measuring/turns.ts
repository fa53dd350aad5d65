/** Measures two alternatives in turns, so that the load of the machine affects both alike. */

import { median } from "./table.ts";

/**
 * Runs both alternatives `runs` times, alternating which one is first.
 * @returns the medians of the numbers that each returned, by name.
 */
export async function alternate<A extends string, B extends string>(
  runs: number,
  ours: () => Promise<Record<A, number>>,
  bare: () => Promise<Record<B, number>>,
): Promise<{ ours: Record<A, number>; bare: Record<B, number> }> {
  const found = { ours: [] as Record<A, number>[], bare: [] as Record<B, number>[] };
  for (let run = 0; run < runs; run++) {
    const turns = [async () => found.ours.push(await ours()), async () => found.bare.push(await bare())];
    for (const turn of run % 2 === 0 ? turns : turns.reverse()) await turn();
  }
  return { ours: medians(found.ours), bare: medians(found.bare) };
}

/** The median of each number over several runs. */
export function medians<Name extends string>(runs: readonly Record<Name, number>[]): Record<Name, number> {
  const names = Object.keys(runs[0] ?? {}) as Name[];
  return Object.fromEntries(names.map((name) => [name, median(runs.map((run) => run[name]))])) as Record<
    Name,
    number
  >;
}
