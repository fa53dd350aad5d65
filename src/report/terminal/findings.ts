/** The findings on a terminal, under the checks: the first of them a line each, and how the first is brought back or accepted. */

import type { Colours } from "../../base/terminal/colours.ts";
import { shorten, wrap } from "../../base/columns.ts";
import { formatNumber } from "../../base/numbers.ts";
import { oneLine } from "../../base/text.ts";
import {
  acceptCommand,
  acceptedFindings,
  extractCommand,
  mendedInWords,
  openFaults,
  openInWords,
  sinceInWords,
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
      const since = finding && sinceInWords(finding, result);
      const tail = since ? `, ${since}` : "";
      return `- ${shorten(oneLine(sentence), Math.max(20, width - 2 - tail.length))}${tail}`;
    }),
    ...(more > 0 ? [`and ${formatNumber(more)} more: report.html, or dolibarr-drill findings`] : []),
    ...commandsOf(result, open[0]?.finding, colours),
    ...(accepted > 0 ? wrap(`${formatNumber(accepted)} accepted: dolibarr-drill findings`, width) : []),
    ...(mended.length > 0 ? wrap(mendedInWords(mended), width) : []),
  ];
  return lines.length === 0 ? [] : ["", ...lines];
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
