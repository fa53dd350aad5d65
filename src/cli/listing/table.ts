/** The sets of a store as a table for a person. */

import { type Alignment, displayWidth, shorten, table } from "../../base/columns.ts";
import { formatAge, formatBytes, formatCount } from "../../base/numbers.ts";
import { causeOf } from "../../store/sets/damage.ts";
import { acceptedInWords, kindOf, seenAt, suspectOf } from "../../store/sets/sets.ts";
import type { ListedHalf, ListedSet } from "./sets.ts";
import type { Shell } from "../command/shell.ts";

/** A column: its head, its side, and a set's cell. */
type Column = [head: string, side: Alignment, cell: (one: ListedSet, now: Date) => string];

/** In the order of their worth: what does not fit a terminal is left out from the right. */
const COLUMNS: readonly Column[] = [
  ["SET", "left", ({ set }) => set.name],
  ["AGE", "right", ({ set }, now) => formatAge(now.getTime() - seenAt(set).getTime())],
  ["", "left", stateOf],
  ["FINDINGS", "left", findingsText],
  ["PROVED", "left", provedText],
  ["KEPT", "left", keptText],
  ["DATABASE", "right", ({ db }) => halfText(db)],
  ["DOCUMENTS", "right", ({ docs }) => halfText(docs)],
  ["HOLDS", "left", holdsText],
  ["DUE", "left", dueText],
];
/** So much is shown at any width. */
const FEWEST_COLUMNS = 6;

/**
 * The sets as aligned lines. What is wrong with one is below it; where the sets before have the same wrong with them it is
 * written once, with their number. Nothing is left out where no terminal limits it.
 */
export function listLines(
  listed: readonly ListedSet[],
  now: Date,
  { width, isTerminal, colours }: Pick<Shell, "width" | "isTerminal" | "colours">,
): string[] {
  if (listed.length === 0) return [];
  let lines: string[] = [];
  for (let count = COLUMNS.length; count >= FEWEST_COLUMNS; count--) {
    const columns = COLUMNS.slice(0, count);
    const rows = [
      columns.map(([head]) => head),
      ...listed.map((one) => columns.map(([, , cell]) => cell(one, now))),
    ];
    lines = table(rows, columns.map(([, side]) => side));
    if (!isTerminal || lines.every((line) => displayWidth(line) <= width)) break;
  }
  const [head = "", ...rows] = isTerminal ? lines.map((line) => shorten(line, width)) : lines;
  const causes = listed.map(({ flaws }) => flaws.map(causeOf).join("\n"));
  return [
    colours.dim(head),
    ...rows.flatMap((line, at) => {
      const { flaws } = listed[at]!;
      const accepted = acceptedInWords(listed[at]!.set);
      if (flaws.length === 0) return accepted === undefined ? [line] : [line, colours.dim(`  ${accepted}`)];
      if (causes[at] === causes[at - 1]) return [colours.red(line)];
      const end = causes.findIndex((cause, other) => other > at && cause !== causes[at]);
      const alike = (end === -1 ? causes.length : end) - at - 1;
      const last = flaws.length - 1;
      const more = alike > 0 ? `; the same of the ${formatCount(alike, "set")} before` : "";
      return [
        colours.red(line),
        ...flaws.map((flaw, no) => colours.red(`  ${flaw}${no === last ? more : ""}`)),
      ];
    }),
  ];
}

/** What a person must not miss about it. */
function stateOf({ set, latest, flaws, held }: ListedSet): string {
  const kind = kindOf(set);
  return [
    latest ? "latest" : "",
    flaws.length === 0 ? "" : suspectOf(set).length > 0 ? "suspect" : "bad",
    held ? "held" : "",
    kind === "scheduled" ? "" : kind,
  ].filter((word) => word !== "").join(", ");
}

function provedText({ verified }: ListedSet, now: Date): string {
  if (!verified) return "never";
  const failed = verified.verdict === "fail" ? "FAILED, " : "";
  return `${failed}${verified.verb}, ${formatAge(now.getTime() - verified.at.getTime())}`;
}

/** How many are open, then how many are accepted; `–`: nothing ever looked. */
function findingsText({ findings }: ListedSet): string {
  if (!findings) return "–";
  const { open, accepted } = findings;
  return [
    ...(open > 0 || accepted === 0 ? [`${open}`] : []),
    ...(accepted > 0 ? [`${accepted} accepted`] : []),
  ]
    .join(", ");
}

/** When the rota restores it again at the latest. */
function dueText({ turn }: ListedSet, now: Date): string {
  if (!turn) return "";
  const left = turn.dueAt.getTime() - now.getTime();
  if (Math.abs(left) < 60_000) return "now";
  return left < 0 ? `${formatAge(-left)} late` : `in ${formatAge(left)}`;
}

function keptText({ kept }: ListedSet): string {
  return kept.length > 0 ? kept.join(", ") : "no longer";
}

function halfText({ bytes, state }: ListedHalf): string {
  return state === "none" ? state : `${state === "new" ? "" : `${state}, `}${formatBytes(bytes)}`;
}

function holdsText({ rows, files }: ListedSet): string {
  if (rows === undefined || files === undefined) return "not recorded";
  return `${formatCount(rows, "row")}, ${formatCount(files, "file")}`;
}
