/** Which tests may run beside each other: those of the stand-in's lab, and all others. Each lab serves one test file at a time. */

/** A test file with its text. */
export interface TestFile {
  path: string;
  text: string;
}

/** The lanes that run side by side, each with its files in their order. One that is empty is left out. Pure. */
export function lanesOf(files: readonly TestFile[]): string[][] {
  const { standIn = [], others = [] } = Object.groupBy(
    files,
    ({ path, text }) => text.includes('"stand-in"') && !path.includes("/unit/") ? "standIn" : "others",
  );
  return [standIn, others].filter((lane) => lane.length > 0).map((lane) => lane.map(({ path }) => path));
}
