/** What a run of the tests came to, counted from what each `it` said itself and from Deno's JUnit. Pure. */

import type { ItRecord } from "../tests/support/std/records.ts";

export interface Counts {
  passed: number;
  /** Names with what went wrong. */
  failed: string[];
  /** Names with the reason. */
  skipped: string[];
}

/** Adds `more` to `counts`. */
export function addCounts(counts: Counts, more: Counts): void {
  counts.passed += more.passed;
  counts.failed.push(...more.failed);
  counts.skipped.push(...more.skipped);
}

/** One case of Deno's JUnit: a test, or a step as `outer > inner`. */
export interface JunitCase {
  name: string;
  failure?: string;
  skipped: boolean;
}

/**
 * Counts each `it` once.
 *
 * @param records what bdd.ts wrote: the only one that knows which steps are tests, and why one was skipped.
 * @param cases what Deno says: the only one that knows of leaks, of hooks, and of plain `Deno.test`.
 * @param exit the status that `deno test` ended with: the only one that knows of a file that could not be loaded.
 * @param printed what `deno test` printed: the only one that names an error which no test caught.
 */
export function countTests(
  records: readonly ItRecord[],
  cases: readonly JunitCase[],
  exit: number,
  printed = "",
): Counts {
  const counts: Counts = { passed: 0, failed: [], skipped: [] };
  const passed: string[] = [];
  const waiting = new Map<string, { name: string; times: number }>();
  for (const { path, file, outcome, why = "" } of records) {
    const name = path.join(" > ");
    const key = `${file} ${name}`;
    const open = waiting.get(key) ?? { name, times: 0 };
    waiting.set(key, { name, times: open.times + (outcome === "declared" ? 1 : -1) });
    if (outcome === "pass") passed.push(name);
    if (outcome === "fail") counts.failed.push(`${name}: ${firstLine(why)}`);
    if (outcome === "skip") counts.skipped.push(`${name}: ${firstLine(why)}`);
  }
  for (const { name, times } of waiting.values()) {
    for (let time = 0; time < times; time++) counts.failed.push(`${name}: it never came to its end`);
  }

  const tests = new Set(records.map(({ path }) => path.join(" > ")));
  const suites = new Set(records.flatMap(({ path }) => path.map((_, at) => path.slice(0, at).join(" > "))));
  for (const { name, failure, skipped } of cases) {
    const known = tests.has(name) || suites.has(name) || isStepOfSkipped(name, tests);
    if (failure !== undefined) {
      if (/^\d+ test steps? failed$/.test(failure) || isCounted(name, counts.failed)) continue;
      const at = passed.indexOf(name);
      if (at >= 0) passed.splice(at, 1); // its body passed, and it left something open
      counts.failed.push(`${name}: ${firstLine(failure)}`);
    } else if (known) continue;
    else if (skipped) counts.skipped.push(`${name}: no reason is given`);
    else passed.push(name);
  }
  counts.passed = passed.length;
  counts.failed.push(...uncaughtErrors(printed));
  if (exit !== 0 && counts.failed.length === 0) {
    counts.failed.push(`deno test ended with ${exit}: a file could not be loaded, or the run was cut off`);
  }
  return counts;
}

/**
 * The errors that no test caught, each with its file: of a promise or a listener that outlived its test. Neither the records
 * nor JUnit's file name them. Each is printed as `FILE (uncaught error)` with the error on the next line.
 */
export const uncaughtErrors = (printed: string): string[] =>
  [...printed.replaceAll(COLOURS, "").matchAll(/^(\S+) \(uncaught error\)\nerror: (.*)$/gm)]
    .map(([, file, error]) => `${file}: an error that no test caught: ${error!.slice(0, 300)}`);

/** The failure of a hook is counted at each test that it kept from running. */
function isCounted(name: string, failed: readonly string[]): boolean {
  return failed.some((one) =>
    one.startsWith(`${name}: `) || (one.startsWith(`${name} > `) && one.includes(": beforeAll failed: "))
  );
}

/** A skipped test outside of every describe is a test with a step of the same name. */
function isStepOfSkipped(name: string, tests: ReadonlySet<string>): boolean {
  const half = name.slice(0, (name.length - " > ".length) / 2);
  return name === `${half} > ${half}` && tests.has(half);
}

/** The cases of a JUnit file as Deno writes it. */
export function readJunit(xml: string): JunitCase[] {
  return [...xml.matchAll(/<testcase name="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g)].map(
    ([, name = "", inside = ""]) => {
      const failure = /<(?:failure|error) message="([^"]*)"/.exec(inside)?.[1];
      return {
        name: unescape(name),
        ...(failure === undefined ? {} : { failure: unescape(failure) }),
        skipped: /<skipped\s*\/?>/.test(inside),
      };
    },
  );
}

/** `N passed, N failed, N skipped`, what was skipped and what failed above it. */
export function summaryLines({ passed, failed, skipped }: Counts): string[] {
  return [
    ...(skipped.length > 0 ? ["Skipped:", ...skipped.map((line) => `  ${line}`)] : []),
    ...(failed.length > 0 ? ["Failed:", ...failed.map((line) => `  ${line}`)] : []),
    ...(passed === 0 ? ["No test passed."] : []),
    `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`,
  ];
}

/** Green only when something was tested and nothing failed. */
export const isGreen = ({ passed, failed }: Counts): boolean => passed > 0 && failed.length === 0;

// deno-lint-ignore no-control-regex -- colours begin with the escape character
const COLOURS = /\x1b\[[0-9;]*m/g;

const firstLine = (text: string): string =>
  text.replaceAll(COLOURS, "").trim().split("\n")[0]?.slice(0, 300) ?? "";

function unescape(text: string): string {
  return text.replaceAll(/&#x([0-9a-f]+);/gi, (_, hex) => String.fromCodePoint(parseInt(hex, 16)))
    .replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}
