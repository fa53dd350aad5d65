/** The checks on a terminal: one aligned line each, and the reason under it where it did not pass. Printed as they come. */

import type { Colours } from "../../base/terminal/colours.ts";
import type { CheckResult } from "../../checks/result.ts";
import { prepareCheck } from "../../checks/overall_verdict.ts";
import { displayWidth, padLeft, padRight, shorten, wrap } from "../../base/columns.ts";
import { formatDuration, formatNumber } from "../../base/numbers.ts";
import { oneLine } from "../../base/text.ts";
import {
  formatSide,
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

/**
 * A function that returns the lines of each check as it comes, with a heading where a new part begins. A reason
 * that is the same as that of the check before is not printed again.
 */
export function checkPrinter(width: number, colours: Colours): (check: CheckResult) => string {
  let part: CheckResult["part"] | undefined;
  let printed: string | undefined;
  return (check) => {
    const heading = check.part === part ? [] : ["", colours.bold(PART_TITLE[check.part])];
    const reason = [check.code, check.message, check.hint].join("\n");
    const again = printed === reason && !check.compared && check.details.length === 0;
    part = check.part;
    printed = check.verdict === "pass" ? printed : reason;
    return [...heading, again ? checkLine(check, width, colours) : checkBlock(check, width, colours)].join(
      "\n",
    );
  };
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
 * One check on one line with fixed columns, never wider than `width`: mark, word, title, what was found (with
 * its expectation where they differ, or why it did not run), how long. From 110 columns also against what.
 */
export function checkLine(check: CheckResult, width: number, colours: Colours): string {
  const shown = prepareCheck(check);
  const took = padLeft(formatDuration(shown.ms), TIME_COLUMNS);
  const room = Math.max(30, Math.min(width, WIDEST) - INDENT - took.length - 1);
  const colour = colourOf(toneOfCheck(shown), colours);
  const mark = colour(
    `${VERDICT_SYMBOL[shown.verdict]} ${padRight(VERDICT_WORD[shown.verdict], INDENT - 2)}`,
  );
  return `${mark}${middle(shown, room, width >= WIDE, colours)} ${colours.dim(took)}`;
}

/** Title at the left; at the right what was found, or, where there is room, a second column that begins at the same place. */
function middle(check: CheckResult, room: number, wide: boolean, colours: Colours): string {
  const title = oneLine(check.title);
  const found = oneLine(foundInShort(check));
  if (wide) {
    const column = Math.min(60, Math.round(room * 0.5));
    const against = check.compared ? `${found}: ${oneLine(check.compared.with)}` : found;
    return `${padRight(shorten(title, column), column)}  ${
      padRight(shorten(against, room - column - 2), room - column - 2)
    }`;
  }
  const kept = shorten(found, Math.max(18, room - displayWidth(title) - 2));
  const left = room - displayWidth(kept) - (kept === "" ? 0 : 2);
  return padRight(shorten(title, left), left) + (kept === "" ? "" : `  ${colours.dim(kept)}`);
}

function foundInShort(check: CheckResult): string {
  if (check.verdict === "not_run") {
    return `${check.required ? "" : "optional, "}${check.code ?? "no reason given"}`;
  }
  if (!check.compared) return check.code ?? "";
  const found = formatSide(check.compared.found);
  if (sidesEqual(check.compared)) return found;
  const expected = formatSide(check.compared.expected);
  return check.verdict === "fail" ? `${found} ≠ ${expected}` : `${found} (${expected})`;
}

function linesUnder(check: CheckResult, width: number, colours: Colours): string[] {
  if (check.verdict === "pass") return [];
  const colour = colourOf(toneOfCheck(check), colours);
  const reason = [check.code, check.message].filter((text) => text).join(": ");
  const details = check.judges === "books" && check.findings ? [] : check.details; // each is told at the end, once
  const more = details.length - DETAILS_SHOWN;
  return [
    ...indented(reason || "no reason was given", width, colour),
    ...(check.compared ? indented(comparison(check.compared), width, (text) => text) : []),
    ...details.slice(0, DETAILS_SHOWN).flatMap((detail) => indented(detail, width, colours.dim, "- ")),
    ...(more > 0 ? indented(`and ${formatNumber(more)} more, in the report`, width, colours.dim, "- ") : []),
    ...(check.hint ? indented(check.hint, width, colours.cyan) : []),
  ];
}

const comparison = (compared: NonNullable<CheckResult["compared"]>): string =>
  `expected ${formatSide(compared.expected)}, found ${formatSide(compared.found)}: ${compared.with}`;

function indented(text: string, width: number, colour: (text: string) => string, bullet = ""): string[] {
  const room = Math.max(30, Math.min(width, WIDEST) - INDENT - bullet.length);
  const lines = wrap(text, room);
  const shown = lines.length > 6 ? [...lines.slice(0, 5), "… (the rest is in the report)"] : lines;
  return shown.map((line, index) =>
    " ".repeat(INDENT) + colour((index === 0 ? bullet : " ".repeat(bullet.length)) + line)
  );
}
