/**
 * Writes the tables of fixtures/broken/README.md between their markers: every broken backup, what is wrong with it, and the
 * checks that fail on it. With --check it only compares them: exit status 1 where they are not current.
 */

import { CORPUS } from "../fixtures/broken/corpus.ts";
import { HARMLESS } from "../fixtures/broken/harmless.ts";
import type { BrokenCase } from "../fixtures/broken/case.ts";
import { BROKEN_BACKUPS } from "../tests/drills/broken/backups.ts";

/** What stands before and behind the tables; the formatter leaves alone what is between its own two. */
const MARKERS = [
  "<!-- corpus: written by deno task corpus -->\n<!-- deno-fmt-ignore-start -->",
  "<!-- deno-fmt-ignore-end -->\n<!-- end of corpus -->",
] as const;

const README = new URL("../fixtures/broken/README.md", import.meta.url);

/** The tables: what restores and is damaged, what is broken as a set, and what only looks broken. */
export const tableOfCorpus = (): string =>
  [
    "| case | what is wrong | lost | made by | failing checks | code |",
    "| --- | --- | --- | --- | --- | --- |",
    ...CORPUS.map(rowOf),
    "",
    "| broken set | failing check | code | the restore |",
    "| --- | --- | --- | --- |",
    ...BROKEN_BACKUPS.map(({ name, failedBy, code, refused }) =>
      row([name, `\`${failedBy}\``, `\`${code}\``, refused ? "is refused" : "is done, and the drill fails"])
    ),
    "",
    "| passed by every check | made by |",
    "| --- | --- |",
    ...HARMLESS.map((broken) => row([broken.what, madeBy(broken)])),
  ].join("\n");

/** `text` with the tables between their markers. @throws Error where they are not there, in that order. */
export function withTable(text: string): string {
  const [start, end] = [text.indexOf(MARKERS[0]), text.indexOf(MARKERS[1])];
  if (start < 0 || end < start) throw new Error("README.md has not both markers of the corpus");
  return `${text.slice(0, start)}${MARKERS[0]}\n\n${tableOfCorpus()}\n\n${text.slice(end)}`;
}

const madeBy = ({ sql, files = [] }: BrokenCase): string =>
  [...files.map(({ act, path }) => `${act} \`${path}\``), ...(sql ? ["SQL"] : [])].join(", ");

function rowOf(broken: BrokenCase): string {
  const { id, what, lost, failedBy } = broken;
  const codes = [...new Set(failedBy.map(({ code }) => `\`${code}\``))].join(", ");
  return row([
    `\`${id}\``,
    what,
    lost,
    madeBy(broken),
    failedBy.map(({ check }) => `\`${check}\``).join(", "),
    codes,
  ]);
}

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;

if (import.meta.main) {
  const text = await Deno.readTextFile(README);
  const wanted = withTable(text);
  if (!Deno.args.includes("--check")) {
    await Deno.writeTextFile(README, wanted);
  } else if (text !== wanted) {
    await Deno.stderr.write(
      new TextEncoder().encode("fixtures/broken/README.md is not current: run deno task corpus\n"),
    );
    Deno.exitCode = 1;
  }
}
