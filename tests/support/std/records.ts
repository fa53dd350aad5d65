/** What each `it` came to: written by bdd.ts, one JSON object a line, and counted by scripts/test.ts. */

export interface ItRecord {
  /** The describes around it, from the outermost, and its own name. */
  path: string[];
  /** The test file, as a URL. */
  file: string;
  /** `declared` stands before the first test of a suite is run; each is followed by one of the others. */
  outcome: "declared" | "pass" | "fail" | "skip";
  /** The first failure, or why it was skipped. */
  why?: string;
}

/** The variable that names the file; without it nothing is written. */
export const RECORDS_FILE = "DRILL_TEST_RECORDS";

/** Adds a line. Synchronous: a test that ends the process must not take its record with it. */
export function write(record: ItRecord): void {
  const file = Deno.env.get(RECORDS_FILE);
  if (file) Deno.writeTextFileSync(file, JSON.stringify(record) + "\n", { append: true });
}

/** The lines of a records file. */
export const parse = (text: string): ItRecord[] =>
  text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
