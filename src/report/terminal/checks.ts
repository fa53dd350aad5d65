/** The checks on a terminal: aligned, and the reason under it where it did not pass. Printed as they come. */

import type { Colours } from "../../base/terminal/colours.ts";
import type { CheckResult } from "../../checks/result.ts";
import { prepareCheck } from "../../checks/overall_verdict.ts";
import { displayWidth, padLeft, padRight, UNBROKEN, wrap } from "../../base/columns.ts";
import { formatCount, formatDuration, formatNumber } from "../../base/numbers.ts";
import { oneLine } from "../../base/text.ts";
import { withUnit } from "../units.ts";
import {
  CHECK_PARTS,
  PART_TITLE,
  sidesEqual,
  type Tone,
  toneOfCheck,
  VERDICT_SYMBOL,
  VERDICT_WORD,
} from "../words.ts";

/** A mark, a space, the longest word, two spaces: where titles begin. */
const INDENT = 11;
const TIME_COLUMNS = 8;
/** From here on a line has room to say where both sides of a comparison come from. */
const WIDE = 110;
/** Lines longer than that are hard to follow with the eye. */
const WIDEST = 160;
const DETAILS_SHOWN = 12;
const LINES_SHOWN = 6;

/** Prints checks as they come. */
export interface CheckPrinter {
  /** The lines of a check, with a heading where a new part begins; undefined where they are held back. */
  (check: CheckResult): string | undefined;
  /** What is held back, when the last check came: those that an error kept from being reached, in one line. */
  rest(): string | undefined;
}

/**
 * A printer for a terminal of `width` columns. A reason that is the same as that of the check before is not printed again.
 * An error that ends the drill ends a check, and no other one is reached: it is told at the end, so here it stands in no
 * line, and the checks that were not reached are one.
 */
export function checkPrinter(width: number, colours: Colours): CheckPrinter {
  let part: CheckResult["part"] | undefined;
  let printed: string | undefined;
  /** One that did not run, until it is known whether its error ended the drill. */
  let held: CheckResult | undefined;
  const unreached: CheckResult[] = [];

  const blockOf = (check: CheckResult): string => {
    const heading = check.part === part ? [] : ["", colours.bold(PART_TITLE[check.part])];
    const reason = [check.code, check.message, check.hint].join("\n");
    const again = printed === reason && !check.compared && check.details.length === 0;
    part = check.part;
    printed = check.verdict === "pass" ? printed : reason;
    const lines = again ? checkLine(check, width, colours) : checkBlock(check, width, colours);
    return [...heading, lines].join("\n");
  };
  const release = (): string[] => {
    const block = held && blockOf(held);
    held = undefined;
    return block === undefined ? [] : [block];
  };
  const joined = (blocks: readonly string[]) => blocks.length === 0 ? undefined : blocks.join("\n");

  const print = (check: CheckResult): string | undefined => {
    if (held && isUnreachedBy(check, held)) {
      unreached.push(held);
      held = undefined;
    }
    if (isUnreached(check)) {
      unreached.push(check);
      return joined(release());
    }
    const before = release();
    if (check.verdict === "not_run" && !check.compared) {
      held = check;
      return joined(before);
    }
    return joined([...before, blockOf(check)]);
  };
  const rest = (): string | undefined =>
    joined([
      ...release(),
      ...(unreached.length === 0 ? [] : ["", ...unreachedLines(unreached, width, colours)]),
    ]);
  return Object.assign(print, { rest });
}

const NOT_REACHED = "not reached: ";
const isUnreached = ({ code, message = "" }: CheckResult): boolean =>
  code === "CHECK_NOT_RUN" && message.startsWith(NOT_REACHED);
const isUnreachedBy = (check: CheckResult, { message }: CheckResult): boolean =>
  isUnreached(check) && check.message === NOT_REACHED + message;

/** "– NOT RUN  44 checks: the drill ended before them. The backup 4, the data 20, the documents 7, in the browser 13" */
function unreachedLines(checks: readonly CheckResult[], width: number, colours: Colours): string[] {
  const counts = CHECK_PARTS.flatMap((part) => {
    const count = checks.filter((check) => check.part === part).length;
    const [first = "", ...others] = PART_TITLE[part];
    return count === 0 ? [] : [`${first.toLowerCase()}${others.join("")}${UNBROKEN}${count}`];
  });
  const text = `${formatCount(checks.length, "check")}: an error ended the drill before them (${
    counts.join(", ")
  })`;
  const [first = "", ...others] = indented(text, width, (line) => line);
  const mark = colours.yellow(`${VERDICT_SYMBOL.not_run} ${padRight(VERDICT_WORD.not_run, INDENT - 2)}`);
  return [mark + first.trimStart(), ...others];
}

/** Green is for PASS alone, and red for what is not the ERP's own fault. */
export function colourOf(tone: Tone, colours: Colours): (text: string) => string {
  return tone === "pass" ? colours.green : tone === "fail" ? colours.red : colours.yellow;
}

/** The line of a check, and under one that did not pass its code, message, comparison, details and hint. */
export function checkBlock(check: CheckResult, width: number, colours: Colours): string {
  return [checkLine(check, width, colours), ...linesUnder(prepareCheck(check), width, colours)].join("\n");
}

/**
 * One check in fixed columns, never wider than `width`: mark, word, title, what was found (with its expectation where they
 * differ, or why it did not run), how long. From 110 columns also against what. What does not fit goes on in further lines:
 * nothing of it is cut.
 */
export function checkLine(check: CheckResult, width: number, colours: Colours): string {
  const shown = prepareCheck(check);
  const took = padLeft(formatDuration(shown.ms), TIME_COLUMNS);
  const room = Math.max(30, Math.min(width, WIDEST) - INDENT - took.length - 1);
  const colour = colourOf(toneOfCheck(shown), colours);
  const mark = colour(
    `${VERDICT_SYMBOL[shown.verdict]} ${padRight(VERDICT_WORD[shown.verdict], INDENT - 2)}`,
  );
  const [first = "", ...others] = width >= WIDE
    ? inTwoColumns(shown, room)
    : inOneColumn(shown, room, colours);
  return [
    `${mark}${first} ${colours.dim(took)}`,
    ...others.map((line) => (" ".repeat(INDENT) + line).trimEnd()),
  ]
    .join("\n");
}

/** Title, and at the right end what was found: beside the title's last line, or below it. */
function inOneColumn(check: CheckResult, room: number, colours: Colours): string[] {
  const titles = wrap(check.title, room);
  const found = foundInShort(check);
  if (found === "") return titles.map((line) => padRight(line, room));
  const last = titles.at(-1)!;
  const fits = displayWidth(last) + 2 + displayWidth(found) <= room;
  const beside = fits ? titles.slice(0, -1) : titles;
  const below = fits
    ? [padRight(last, room - displayWidth(found)) + colours.dim(found)]
    : fewLines(wrap(found, room - 2)).map((line) =>
      padLeft("", room - displayWidth(line)) + colours.dim(line)
    );
  return [...beside.map((line) => padRight(line, room)), ...below];
}

/** Title, and a second column that begins at the same place in each: what was found, and against what. */
function inTwoColumns(check: CheckResult, room: number): string[] {
  const column = Math.min(60, Math.round(room * 0.5));
  const found = foundInShort(check);
  const titles = wrap(check.title, column);
  const against = fewLines(
    wrap(check.compared ? `${found}: ${check.compared.with}` : found, room - column - 2),
  );
  return Array.from(
    { length: Math.max(titles.length, against.length) },
    (_, at) => `${padRight(titles[at] ?? "", column)}  ${padRight(against[at] ?? "", room - column - 2)}`,
  );
}

const fewLines = (lines: readonly string[]): readonly string[] =>
  lines.length > LINES_SHOWN ? [...lines.slice(0, LINES_SHOWN - 1), "… (the rest is in the report)"] : lines;

/** Enough of a SHA-256 to tell two apart by eye; where they differ, both stand whole below. */
const withoutHashes = (text: string): string => text.replaceAll(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, "$1…");

function foundInShort(check: CheckResult): string {
  if (check.verdict === "not_run") {
    return `${check.required ? "" : "optional, "}${check.code ?? "no reason given"}`;
  }
  if (!check.compared) return check.code ?? "";
  const { expected, found } = check.compared;
  const short = (side: typeof found) => withoutHashes(oneLine(withUnit(check, side)));
  if (sidesEqual(check.compared)) return short(found);
  if (check.verdict !== "fail") return `${short(found)} (${short(expected)})`;
  const areNumbers = typeof found === "number" && typeof expected === "number"; // then one unit is enough
  return `${areNumbers ? formatNumber(found) : short(found)} ≠ ${short(expected)}`;
}

function linesUnder(check: CheckResult, width: number, colours: Colours): string[] {
  if (check.verdict === "pass") return [];
  const colour = colourOf(toneOfCheck(check), colours);
  const reason = [check.code, check.message].filter((text) => text).join(": ");
  const details = check.judges === "books" && check.findings ? [] : check.details; // each is told at the end, once
  const more = details.length - DETAILS_SHOWN;
  return [
    ...indented(reason || "no reason was given", width, colour),
    ...(check.compared ? indented(comparison(check, check.compared), width, (text) => text) : []),
    ...details.slice(0, DETAILS_SHOWN).flatMap((detail) => indented(detail, width, colours.dim, "- ")),
    ...(more > 0 ? indented(`and ${formatNumber(more)} more, in the report`, width, colours.dim, "- ") : []),
    ...(check.hint ? indented(check.hint, width, colours.cyan) : []),
  ];
}

const comparison = (
  check: CheckResult,
  { expected, found, with: what }: NonNullable<CheckResult["compared"]>,
) => `expected ${withUnit(check, expected)}, found ${withUnit(check, found)}: ${what}`;

function indented(text: string, width: number, colour: (text: string) => string, bullet = ""): string[] {
  const room = Math.max(30, Math.min(width, WIDEST) - INDENT - bullet.length);
  const lines = wrap(text, room);
  return fewLines(lines).map((line, index) =>
    " ".repeat(INDENT) + colour((index === 0 ? bullet : " ".repeat(bullet.length)) + line)
  );
}
