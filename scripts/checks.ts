/**
 * Writes the README's table of checks between its two markers: what each proves, whether it judges the
 * restore or the books, from which level on it runs, and how it is seen to fail. With
 * --check it only says whether the table is current: exit status 1 when it is not.
 */

import type { Check } from "../src/checks/check.ts";
import { browserChecks } from "../src/checks/browser/browser_checks.ts";
import { codeChecks, dataChecks } from "../src/checks/all_checks.ts";
import { durationChecks } from "../src/checks/duration.ts";

/** What stands before and behind the table; the formatter leaves alone what is between its own two. */
export const MARKERS = [
  "<!-- checks: written by deno task checks -->\n<!-- deno-fmt-ignore-start -->",
  "<!-- deno-fmt-ignore-end -->\n<!-- end of checks -->",
] as const;

const README = new URL("../README.md", import.meta.url);

/** The table of all checks, in the order in which they run. */
export function tableOfChecks(): string {
  const rows = [
    ...dataChecks.map(rowOf),
    ...codeChecks.map(rowOf),
    ...browserChecks.map(rowOf),
    ...durationChecks.map(rowOf),
  ];
  return [
    "| check | judges | level | what is true when it passes | seen to fail on |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
  ]
    .join("\n");
}

/** `text` with the table between its markers. @throws Error where they are not there, in that order. */
export function withTable(text: string): string {
  const [start, end] = [text.indexOf(MARKERS[0]), text.indexOf(MARKERS[1])];
  if (start < 0 || end < start) throw new Error("README.md has not both markers of the table of checks");
  return `${text.slice(0, start)}${MARKERS[0]}\n\n${tableOfChecks()}\n\n${text.slice(end)}`;
}

function rowOf<Context>({ id, judges, level, title, required, twin }: Check<Context>): string {
  const cells = [`\`${id}\``, judges, required ? level : `${level}, optional`, title, twin.by];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

async function say(line: string): Promise<void> {
  await Deno.stderr.write(new TextEncoder().encode(line + "\n"));
}

if (import.meta.main) {
  const text = await Deno.readTextFile(README);
  const wanted = withTable(text);
  if (!Deno.args.includes("--check")) {
    await Deno.writeTextFile(README, wanted);
    await say("Wrote the table of checks in README.md");
  } else if (text !== wanted) {
    await say("README.md's table of checks is not current: run deno task checks");
    Deno.exitCode = 1;
  }
}
