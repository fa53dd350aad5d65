/** The result for a CI job's summary: Markdown as Gitea, GitHub and GitLab show it. */

import type { History } from "./history.ts";
import type { CheckResult, DrillResult } from "../checks/result.ts";
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
  formatMoment,
  formatSide,
  PART_TITLE,
  sidesEqual,
  VERDICT_WORD,
} from "./words.ts";

const ICON = { pass: "✅", fail: "❌", not_run: "⚠️" } as const;
/** The longest text of a cell: longer ones make the table unreadable. report.json has it whole. */
const CELL = 160;

/** The first line is the verdict with its cause. The checks that did not pass come first among the others. */
export function renderMarkdown(drilled: DrillResult, history?: History): string {
  const result = prepareResult(drilled);
  const banner = bannerOf(result);
  const order = { fail: 0, not_run: 1, pass: 2 } as const;
  const checks = [...result.checks].sort((a, b) => order[a.verdict] - order[b.verdict]);
  const blocks = [
    `## ${ICON[result.verdict]} ${VERDICT_WORD[result.verdict]}: ${text(result.headline)}`,
    banner === undefined ? undefined : `> ${text(banner)}`,
    result.error &&
    `**${text(result.error.code)}**: ${text(result.error.message)}  \n${text(result.error.hint)}`,
    setLines(result),
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
    }, ${where}`,
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

function checkCells({ verdict, part, id, title, compared, code: errorCode, message }: CheckResult): string[] {
  const why = verdict === "pass" ? "" : [errorCode, message].filter(Boolean).join(": ");
  return [
    `${ICON[verdict]} ${VERDICT_WORD[verdict]}`,
    PART_TITLE[part],
    `${text(title)} (${code(id)})`,
    compared && !sidesEqual(compared) ? cell(formatSide(compared.expected)) : "",
    compared ? cell(formatSide(compared.found)) : "",
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
