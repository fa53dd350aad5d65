/** The result for a CI job's summary: Markdown as Gitea, GitHub and GitLab show it. */

import { formatMoment } from "../base/time.ts";
import type { History } from "./history.ts";
import type { CheckResult, DrillResult } from "../checks/result.ts";
import {
  acceptedFindings,
  mendedInWords,
  openFaults,
  openInWords,
  sinceInWords,
  stillRightIn,
} from "../checks/findings/words.ts";
import { adviceOf, meaningInWords } from "./cause.ts";
import { CONTROL_WORD, controlTitle } from "./control_words.ts";
import { trendInWords } from "./html/history.ts";
import { prepareResult } from "../checks/overall_verdict.ts";
import { shorten } from "../base/columns.ts";
import { formatBytes, formatDuration, formatNumber } from "../base/numbers.ts";
import { oneLine } from "../base/text.ts";
import {
  ageInWords,
  bannerOf,
  checksInWords,
  PART_TITLE,
  sidesEqual,
  type Tone,
  toneOf,
  toneOfCheck,
  VERDICT_WORD,
  verdictSentence,
} from "./words.ts";
import { withUnit } from "./units.ts";

const ICON = { pass: "✅", fail: "❌", not_run: "⚠️" } as const;
/** The longest text of a cell: longer ones make the table unreadable. report.json has it whole. */
const CELL = 160;
/** More findings than that are folded. */
const OPEN_ROWS = 5;
/** A CI's page takes about a megabyte. */
const MOST_ROWS = 1000;

/** The first line is the verdict with its cause. The checks that did not pass come first among the others. */
export function renderMarkdown(drilled: DrillResult, history?: History): string {
  const result = prepareResult(drilled);
  const banner = bannerOf(result);
  const advice = adviceOf(result);
  const order = { fail: 0, not_run: 1, pass: 2 } as const;
  const checks = [...result.checks].sort((a, b) => order[a.verdict] - order[b.verdict]);
  const blocks = [
    `## ${iconOf(toneOf(result))} ${VERDICT_WORD[result.verdict]}: ${text(result.headline)}`,
    banner === undefined ? undefined : `> ${text(banner)}`,
    result.error &&
    `**${text(result.error.code)}**: ${text(result.error.message)}  \n${text(result.error.hint)}`,
    result.verdict === "pass"
      ? undefined
      : `${text(verdictSentence(result))}. ${text(meaningInWords(result))}`,
    advice === undefined || result.error ? undefined : `**What to do:** ${text(advice)}`,
    ...findingBlocks(result),
    setLines(result),
    result.reachedState && `${text(result.reachedState)}: docs/security.md`,
    checks.length === 0 ? "No check ran." : `### Checks: ${checksInWords(checks)}`,
    checks.length === 0
      ? undefined
      : rowsOf(["", "Part", "Check", "Expected", "Found", "Why"], checks.map(checkCells)),
    "### Durations",
    durations(result, history),
    banner === undefined ? undefined : `> ${text(banner)}`,
  ];
  return blocks.filter((block) => block !== undefined).join("\n\n") + "\n";
}

function setLines(result: DrillResult): string {
  const { set } = result;
  const where = `from ${text(result.from)} into ${text(result.into)}`;
  if (!set) return `No set was restored ${where}.`;
  const age = ageInWords(result);
  return [
    `- Set: ${code(set.name)}, taken ${text(formatMoment(set.takenAt))}${
      age === undefined ? "" : `, ${age} old`
    }, ${where}${set.accepted === undefined ? "" : `; ${text(set.accepted)}`}`,
    ...set.objects.map(({ key, bytes, sha256 }) =>
      `- ${code(key)}: ${formatBytes(bytes)}, SHA-256 ${
        sha256 === undefined ? "never recorded" : code(sha256)
      }`
    ),
    `- ${formatNumber(set.tables)} tables, ${formatNumber(set.rows)} rows, ${
      formatNumber(set.files)
    } files of ${formatBytes(set.documentBytes)}`,
    ...result.control
      ? [
        `- Broken on purpose, ${CONTROL_WORD[result.control.verdict]}: ${text(controlTitle(result.control))}`,
      ]
      : [],
  ].join("\n");
}

/** A FAIL over the ERP has another sign than one over the backup. */
const iconOf = (tone: Tone): string => tone === "findings" ? "🟠" : ICON[tone];

/** The findings, the open ones and the accepted ones apart, each folded where there are many. */
function findingBlocks(result: DrillResult): string[] {
  const open = openFaults(result.checks);
  const accepted = acceptedFindings(result.checks);
  const { mended = [], from } = result;
  const title = `${text(from)} has ${openInWords(open.length)}`;
  const table = (rows: string[][]) => rowsOf(["Finding", "What", "Since", "Still right in"], rows);
  const rows = open.map(({ sentence, finding }) => [
    finding ? code(finding.id) : "",
    cell(sentence),
    finding ? text(sinceInWords(finding, result) ?? "") : "",
    finding ? codeOrNothing(stillRightIn(finding, result)) : "",
  ]);
  return [
    ...(open.length === 0 ? [] : [`### ${title}`, ...limited(table, rows)]),
    ...(accepted.length === 0 ? [] : [folded(
      `${accepted.length} accepted`,
      ...limited(
        (rows) => rowsOf(["Finding", "What", "Until", "Reason", "By"], rows),
        accepted.map(({ id, sentence, accepted }) => [
          ...[code(id), cell(sentence), text(accepted?.until ?? "")],
          ...[cell(accepted?.reason ?? ""), cell(accepted?.by ?? "")],
        ]),
      ),
    )]),
    ...(mended.length > 0 ? [`${text(mendedInWords(mended))}.`] : []),
  ];
}

/** A few rows openly, more of them folded, and no more than a CI's page takes. */
function limited(table: (rows: string[][]) => string, rows: string[][]): string[] {
  const more = rows.length - MOST_ROWS;
  const shown = table(rows.slice(0, MOST_ROWS));
  return [
    rows.length <= OPEN_ROWS ? shown : folded("all of them", shown),
    ...(more > 0 ? [`and ${formatNumber(more)} more, in report.json`] : []),
  ];
}

/** An empty line on either side lets Markdown be read inside of HTML. */
const folded = (summary: string, ...blocks: string[]): string =>
  ["<details><summary>" + text(summary) + "</summary>", ...blocks, "</details>"].join("\n\n");

const codeOrNothing = (value: string | undefined): string => value === undefined ? "" : code(value);

function checkCells(
  { verdict, judges, part, id, title, compared, code: errorCode, message }: CheckResult,
): string[] {
  const why = verdict === "pass" ? "" : [errorCode, message].filter(Boolean).join(": ");
  return [
    `${iconOf(toneOfCheck({ verdict, judges }))} ${VERDICT_WORD[verdict]}`,
    PART_TITLE[part],
    `${text(title)} (${code(id)})`,
    compared && !sidesEqual(compared) ? cell(withUnit({ id }, compared.expected)) : "",
    compared ? cell(withUnit({ id }, compared.found)) : "",
    cell(why),
  ];
}

function durations(result: DrillResult, history: History | undefined): string {
  const trendOf = (title: string) => history?.phases.find((phase) => phase.title === title)?.trend;
  const line = (title: string, ms: number, trend = trendOf(title)) => [
    text(title),
    formatDuration(ms),
    trend && trend.recentDrills > 1 ? formatDuration(trend.recent) : "",
    trend && trend.recentDrills > 1 ? trendInWords(trend, formatDuration) : "",
  ];
  return rowsOf(["Phase", "Took", "Median", "Trend"], [
    ...result.phases.map(({ title, ms }) => line(title, ms)),
    line("The whole drill", result.ms, history?.duration),
  ]);
}

const rowsOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const cell = (value: string): string => text(shorten(oneLine(value), CELL));

/** Any text as text: on one line, with nothing that Markdown or HTML would read as its own. */
const text = (value: string): string =>
  oneLine(value).replace(/[\\`*_[\]<>|#~!]/g, (character) => character === "<" ? "&lt;" : `\\${character}`);

/** Names of ours as code; a backtick in it would end it. */
const code = (value: string): string => `\`${oneLine(value).replaceAll("`", "'").replaceAll("|", "\\|")}\``;
