/**
 * Which tests may run beside each other: those of the stand-in's lab with the stores' contracts and what needs no lab, and
 * all others. Each lab serves one test file at a time; the two lanes take about as long.
 */

/** A test file with its text. */
export interface TestFile {
  path: string;
  text: string;
}

/** Whether a test file is of those that `--long` alone runs: repetitions, soaks, whole stories. Pure. */
export const isLong = (path: string): boolean => path.endsWith("_long_test.ts");

/** The lanes that run side by side, each with its files in their order. One that is empty is left out. Pure. */
export function lanesOf(files: readonly TestFile[]): string[][] {
  const { first = [], second = [] } = Object.groupBy(
    files,
    ({ path, text }) =>
      /\/unit\/|\/contracts\/store_/.test(path) || text.includes('"stand-in"') ? "first" : "second",
  );
  return [first, second].filter((lane) => lane.length > 0).map((lane) => lane.map(({ path }) => path));
}
