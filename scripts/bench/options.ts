/** The options of `deno task bench`. Pure. */

import { parseArgs } from "node:util";
import { DrillError, messageOf } from "../../src/base/errors.ts";
import { suggestion } from "../../src/base/nearest.ts";

/** What can be measured, in the order in which it is. */
export const BENCHES = [
  "help",
  "run",
  "stores",
  "find",
  "extract",
  "build",
  "drill",
  "many",
  "reset",
  "registers",
  "books",
  "documents",
  "database",
  "backup",
  "restore",
  "refresh",
] as const;
export type BenchName = typeof BENCHES[number];

export interface BenchOptions {
  only: readonly BenchName[];
  /** Sizes of the data for `backup`, in bytes; `database`, `restore` and `refresh` take the smallest, `documents` and
   * `extract` the largest. */
  sizes: readonly number[];
  /** How often each is measured; the median counts. */
  runs: number;
  json: boolean;
}

export const HELP = `Usage: deno task bench [options]

Measures how long things take, each beside its obvious alternative in the same run, and prints a table.
Exit status 0: within all limits. 1: over one of them. 2: could not measure.

  --only NAME    ${BENCHES.join(", ")}; may be given several times
  --size SIZE    how much data for documents, extract, backup, restore, as 500MB or 2GB; may be given several times
  --runs N       how often each is measured (default 3); the median counts
  --json         the numbers as JSON
`;

const DEFAULT_SIZES = ["500MB", "2GB"];
const UNITS = { MB: 1e6, GB: 1e9 } as const;

/**
 * Reads the command line; undefined where it asks for help.
 * @throws DrillError `USAGE`.
 */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const { help, only, size, runs, json } = parsed(args);
  if (help) return undefined;
  return {
    only: only.length === 0 ? BENCHES : BENCHES.filter((name) => only.map(readName).includes(name)),
    sizes: (size.length === 0 ? DEFAULT_SIZES : size).map(readSize).sort((a, b) => a - b),
    runs: readRuns(runs),
    json,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", short: "h", default: false },
        only: { type: "string", multiple: true, default: [] },
        size: { type: "string", multiple: true, default: [] },
        runs: { type: "string", default: "3" },
        json: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw usage(messageOf(error));
  }
}

function readName(name: string): BenchName {
  const known = BENCHES.find((bench) => bench === name);
  if (known) return known;
  throw usage(`--only ${name}: ${suggestion(name, BENCHES)}`);
}

function readSize(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?) ?(MB|GB)$/i.exec(text) ?? [];
  const bytes = Number(amount) * (UNITS[unit?.toUpperCase() as keyof typeof UNITS] ?? NaN);
  if (bytes >= SMALLEST) return bytes;
  throw usage(`--size ${text} is not a size of at least ${SMALLEST / 1e6} MB`);
}

/** The stand-in's own database has about 20 MB. */
const SMALLEST = 100e6;

function readRuns(text: string): number {
  const runs = Number(text);
  if (Number.isInteger(runs) && runs >= 1) return runs;
  throw usage(`--runs ${text} is not a whole number above 0`);
}

const usage = (state: string) =>
  new DrillError("USAGE", `Cannot read the command line: ${state}`, "Look at deno task bench --help");
