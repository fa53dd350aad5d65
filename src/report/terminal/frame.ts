/** The first and the last lines of the report on a terminal: what is drilled, the verdict, what it is about; the banner in both. */

import type { Colours } from "../../base/terminal/colours.ts";
import type { History } from "../history.ts";
import type { DrillResult } from "../../checks/result.ts";
import { adviceOf } from "../cause.ts";
import { controlInWords } from "../control_words.ts";
import { prepareResult } from "../../checks/overall_verdict.ts";
import { colourOf } from "./checks.ts";
import { findingLines } from "./findings.ts";
import { padRight, shorten, UNBROKEN, wrap } from "../../base/columns.ts";
import { formatBytes, formatCount, formatDuration } from "../../base/numbers.ts";
import { oneLine } from "../../base/text.ts";
import { formatMoment } from "../../base/time.ts";
import {
  ageInWords,
  bannerOf,
  checksInWords,
  encryptedInWords,
  toneOf,
  VERDICT_SYMBOL,
  VERDICT_WORD,
  verdictSentence,
} from "../words.ts";

const LABEL_COLUMNS = 11;
/** Enough of a hash to distinguish two objects by eye; the whole one is in the report. */
const HASH_SHOWN = 12;
const DETAILS_SHOWN = 12;

/** What is printed before the first check: the banner, then what is drilled into what. */
export function renderHead(
  about: Pick<DrillResult, "banner" | "lab" | "erp" | "from" | "into">,
  width: number,
  colours: Colours,
): string {
  const banner = bannerOf(about);
  const title = shorten(oneLine(`Drill: ${about.from} into ${about.into}`), width);
  return [...(banner ? [bannerLine(banner, colours)] : []), colours.bold(title)].join("\n");
}

/** Verdict, headline, error, set, objects, counts, durations, where the report is; the banner last of all. */
export function renderFoot(
  drilled: DrillResult,
  reportPath: string | undefined,
  width: number,
  colours: Colours,
  history?: Pick<History, "tried">,
): string {
  const result = prepareResult(drilled);
  const colour = colourOf(toneOf(result), colours);
  const banner = bannerOf(result);
  return [
    "",
    ...wrap(
      `${VERDICT_SYMBOL[result.verdict]} ${VERDICT_WORD[result.verdict]}${UNBROKEN}${UNBROKEN}${
        verdictSentence(result)
      }`,
      width,
    ).map((line) => colours.bold(colour(line))),
    ...under("", result.headline, width),
    ...adviceLines(result, width, colours),
    ...errorLines(result, width, colours),
    ...findingLines(result, width, colours),
    "",
    ...setLines(result, width),
    ...(result.reachedState ? under("state", `${result.reachedState}: docs/security.md`, width) : []),
    ...(result.encrypted ? under("encrypted", encryptedInWords(result.encrypted), width) : []),
    ...under("checks", checksInWords(result.checks), width),
    ...controlInWords(result, history?.tried ?? []).flatMap((line, at) =>
      under(at === 0 ? "control" : " ", line, width)
    ),
    ...under("took", tookInWords(result), width),
    // never wrapped or shortened: it is there to be copied
    ...(reportPath ? [padRight("report", LABEL_COLUMNS) + oneLine(reportPath)] : []),
    ...(banner ? [bannerLine(banner, colours)] : []),
  ].join("\n");
}

/** What to do next, where neither the error nor the findings below say it. */
function adviceLines(result: DrillResult, width: number, colours: Colours): string[] {
  const advice = adviceOf(result);
  if (advice === undefined || advice === result.error?.hint || result.culprit === "erp") return [];
  return wrap(advice, width).map(colours.cyan);
}

/** Its message stands in the headline already, as a rule; then only its code does here, with what to do. */
function errorLines({ error, headline }: DrillResult, width: number, colours: Colours): string[] {
  if (!error) return [];
  return [
    "",
    ...wrap(headline.includes(error.message) ? error.code : `${error.code}: ${error.message}`, width)
      .map(colours.bold),
    ...error.details.slice(0, DETAILS_SHOWN).flatMap((detail) =>
      wrap(detail, width - 2).map((line) => `  ${line}`)
    ),
    ...wrap(error.hint, width).map(colours.cyan),
  ];
}

function setLines(result: DrillResult, width: number): string[] {
  const { set } = result;
  if (!set) return under("set", "none could be restored", width);
  const age = ageInWords(result);
  const taken = `${set.name}, taken ${formatMoment(set.takenAt)}${age ? `, ${age} old` : ""}`;
  const counts = `${formatCount(set.tables, "table")}, ${formatCount(set.rows, "row")}, ${
    formatCount(set.files, "file")
  } (${formatBytes(set.documentBytes)})${
    result.restoreMs === undefined ? "" : ` in ${formatDuration(result.restoreMs)}`
  }`;
  return [
    ...under("set", taken, width),
    ...(set.accepted === undefined ? [] : under("", set.accepted, width)),
    ...set.objects.map((object) => objectLine(object, width)),
    ...under("holds", counts, width),
  ];
}

function objectLine(object: NonNullable<DrillResult["set"]>["objects"][number], width: number): string {
  const hash = object.sha256 ? `sha256 ${object.sha256.slice(0, HASH_SHOWN)}…` : "no hash was recorded";
  const tail = `  ${formatBytes(object.bytes)}  ${hash}`;
  const label = padRight(object.half === "db" ? "database" : "documents", LABEL_COLUMNS);
  return label + shorten(oneLine(object.key), Math.max(16, width - LABEL_COLUMNS - tail.length)) + tail;
}

function tookInWords(result: DrillResult): string {
  const whole = (ms: number) => formatDuration(ms).replaceAll(" ", UNBROKEN);
  const phases = result.phases.map((phase) => `${phase.title} ${whole(phase.ms)}`).join(", ");
  return whole(result.ms) + (phases ? `: ${phases}` : "");
}

function under(label: string, text: string, width: number): string[] {
  const indent = label === "" ? 0 : LABEL_COLUMNS;
  return wrap(text, Math.max(30, width - indent)).map((line, index) =>
    indent === 0 ? line : padRight(index === 0 ? label : "", indent) + line
  );
}

/** The banner as one unbroken line, so that a search in a log finds it whole. */
const bannerLine = (banner: string, colours: Colours): string =>
  colours.bold(colours.yellow(oneLine(banner)));
