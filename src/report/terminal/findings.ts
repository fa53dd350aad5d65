/** The findings on a terminal, under the checks: the first of them a line each, and how the first is brought back or accepted. */

import { PROGRAM } from "../../base/program_name.ts";
import type { Colours } from "../../base/terminal/colours.ts";
import { displayWidth, shorten, wrap } from "../../base/columns.ts";
import { formatNumber } from "../../base/numbers.ts";
import { oneLine } from "../../base/text.ts";
import {
  acceptCommand,
  acceptedFindings,
  extractCommand,
  mendedInWords,
  openFaults,
  openInWords,
  sinceInShort,
} from "../../checks/findings/words.ts";
import type { DrillResult } from "../../checks/result.ts";

/** The page and the store have all of them. */
const SHOWN = 10;

/** None where nothing is open, accepted or right again. */
export function findingLines(result: DrillResult, width: number, colours: Colours): string[] {
  const open = openFaults(result.checks);
  const accepted = acceptedFindings(result.checks).length;
  const { mended = [], from } = result;
  const more = open.length - SHOWN;
  const lines = [
    ...(open.length > 0 ? [colours.bold(colours.yellow(`${from} has ${openInWords(open.length)}:`))] : []),
    ...open.slice(0, SHOWN).map(({ sentence, finding }) => {
      const since = finding && sinceInShort(finding, result);
      const tail = since ? `, ${since}` : "";
      return `- ${shortenMiddle(oneLine(sentence), Math.max(20, width - 2 - tail.length))}${tail}`;
    }),
    ...(more > 0 ? [`and ${formatNumber(more)} more: report.html, or ${PROGRAM} findings`] : []),
    ...commandsOf(result, open[0]?.finding, colours),
    ...(accepted > 0 ? wrap(`${formatNumber(accepted)} accepted: ${PROGRAM} findings`, width) : []),
    ...(mended.length > 0 ? wrap(mendedInWords(mended), width) : []),
  ];
  return lines.length === 0 ? [] : ["", ...lines];
}

/** Without a part of its middle: what it is about stands first, and what is wrong last. */
function shortenMiddle(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  const characters = [...text];
  const tail: string[] = [];
  let width = 0;
  for (const character of characters.toReversed()) {
    width += displayWidth(character);
    if (width > columns / 2) break;
    tail.unshift(character);
  }
  return shorten(text, columns - displayWidth(tail.join(""))) + tail.join("");
}

/** Never wrapped or shortened: they are there to be copied. */
function commandsOf(
  result: DrillResult,
  first: ReturnType<typeof openFaults>[number]["finding"],
  colours: Colours,
): string[] {
  if (!first) return [];
  const back = extractCommand(first, result);
  return [
    ...(back ? [colours.cyan(oneLine(back))] : []),
    colours.cyan(oneLine(acceptCommand(first))),
  ];
}
