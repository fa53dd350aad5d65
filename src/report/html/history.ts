/** The drills before this one: drawings, what each phase took then and now, and the newest of them in a table. */

import { formatMoment } from "../../base/time.ts";
import { type History, type HistoryPoint, type PhaseTrend, type Trend, TREND_DRILLS } from "../history.ts";
import type { Chart } from "./charts.ts";
import { badge, section } from "./parts.ts";
import { type Markup, markup } from "./markup.ts";
import { formatBytes, formatCount, formatDuration, formatNumber } from "../../base/numbers.ts";
import { toneOfPast } from "../words.ts";

/** What the page shows of the history. */
export interface HistoryView {
  history: History;
  charts: readonly Chart[];
}

/** So many drills are listed one by one. */
const DRILLS_SHOWN = 14;

/** The section, or nothing where this is the first drill. */
export function historySection(view: HistoryView | undefined): Markup | undefined {
  if (!view || view.history.points.length < 2) return undefined;
  const { history, charts } = view;
  return section(
    "history",
    "The drills before this one",
    introOf(history),
    markup`<div class="charts">${charts.map(figure)}</div>
${verdictKey(history)}
${trends(history)}
${newest(history)}`,
  );
}

function introOf({ points, lastPass, sincePass }: History): string {
  const passed = points.filter(({ verdict }) => verdict === "pass").length;
  const first = formatMoment(points[0]!.at.toISOString());
  const since = sincePass === 0
    ? "This one is a PASS."
    : lastPass
    ? `The last PASS was on ${formatMoment(lastPass.toISOString())}, ${formatCount(sincePass, "drill")} ago.`
    : "None of them was a PASS.";
  const ofErp = points.filter((point) => toneOfPast(point) === "findings").length;
  const faithful = ofErp === 0
    ? ""
    : ` In ${formatNumber(ofErp)} only the ERP was at fault: ${
      ofErp === 1 ? "that backup" : "those backups"
    } can be brought back.`;
  return `${formatCount(points.length, "drill")} since ${first}, this one included: ${
    formatNumber(passed)
  } passed. ${since}${faithful}`;
}

const figure = ({ title, summary, drawing }: Chart): Markup =>
  markup`<div class="chart" role="img" aria-label="${summary}"><p class="chart-title" aria-hidden="true">${title}</p>
<div class="drawing" aria-hidden="true">${drawing}</div></div>
`;

/** What the forms of the dots mean, where not all are the same. */
function verdictKey({ points }: History): Markup | undefined {
  if (points.every(({ verdict }) => verdict === "pass")) return undefined;
  return markup`<p class="note">In the first drawing a disc is a PASS, a cross a FAIL, a triangle a FAIL over the ERP alone, and a diamond a NOT RUN.</p>`;
}

function trends(history: History): Markup {
  const { duration, dump, archive, rows, phases } = history;
  const lines = [
    trendRow("The whole drill", duration, formatDuration, history.points.at(-1)?.ms),
    ...phases.map(({ title, ms, trend }: PhaseTrend) => trendRow(title, trend, formatDuration, ms)),
    trendRow("Size of the dump", dump, formatBytes, history.points.at(-1)?.dumpBytes),
    trendRow("Size of the documents' archive", archive, formatBytes, history.points.at(-1)?.archiveBytes),
    trendRow("Rows", rows, (count) => formatNumber(Math.round(count)), history.points.at(-1)?.rows),
  ];
  return markup`<div class="part"><h3>Trends</h3>
<table class="plain trends">
<thead><tr><th scope="col">What</th><th scope="col" class="number">This time</th>
<th scope="col" class="number">Median of the last ${TREND_DRILLS}</th><th scope="col" class="number">Of the ${TREND_DRILLS} before</th>
<th scope="col">Trend</th></tr></thead>
<tbody>${lines}</tbody></table></div>
`;
}

function trendRow(
  title: string,
  trend: Trend | undefined,
  format: (value: number) => string,
  now: number | undefined,
): Markup | undefined {
  if (!trend) return undefined;
  return markup`<tr><th scope="row">${title}</th>${cell("this time", now, format)}${
    cell("median", trend.recent, format)
  }${cell("before", trend.before, format)}<td>${trendInWords(trend, format)}</td></tr>
`;
}

/** A number with its column's name, for a screen too narrow for columns. */
const cell = (name: string, value: number | undefined, format: (value: number) => string): Markup =>
  markup`<td class="number" data-name="${name}">${value === undefined ? "–" : format(value)}</td>`;

/** "25 % more", "steady", "about 40 ms more with each drill". */
export function trendInWords(trend: Trend, format: (value: number) => string): string {
  const { change, slope, direction } = trend;
  if (direction === "steady" || direction === "too few drills") return direction;
  const word = direction === "up" ? "more" : "less";
  if (change !== undefined) {
    return Number.isFinite(change)
      ? `${Math.round(Math.abs(change) * 100)} % ${word}`
      : `${word}, from nothing`;
  }
  return `about ${format(Math.abs(slope ?? 0))} ${word} with each drill`;
}

function newest({ points }: History): Markup {
  const shown = points.slice(-DRILLS_SHOWN).reverse();
  const title = shown.length < points.length
    ? `The newest ${formatCount(shown.length, "drill")}`
    : "Each drill";
  return markup`<div class="part"><h3>${title}</h3>
<table class="plain drills">
<thead><tr><th scope="col">Began</th><th scope="col">Verdict</th><th scope="col">Set</th><th scope="col" class="number">Took</th>
<th scope="col" class="number">Restore</th><th scope="col" class="number">Dump</th><th scope="col" class="number">Documents</th>
<th scope="col" class="number">Rows</th></tr></thead>
<tbody>${shown.map(drillRow)}</tbody></table></div>
`;
}

/** "3 findings", "12 accepted": what that drill found wrong with the ERP. */
function findingsNote({ findings }: HistoryPoint): Markup | undefined {
  if (!findings || findings.open + findings.accepted === 0) return undefined;
  const words = [
    ...(findings.open > 0 ? [formatCount(findings.open, "finding")] : []),
    ...(findings.accepted > 0 ? [`${formatNumber(findings.accepted)} accepted`] : []),
  ];
  return markup` <span class="drill-findings">${words.join(", ")}</span>`;
}

function drillRow(point: HistoryPoint): Markup {
  const { at, set, ms, restoreMs, dumpBytes, archiveBytes, rows } = point;
  return markup`<tr><th scope="row">${formatMoment(at.toISOString())}</th><td>${badge(toneOfPast(point))}${
    findingsNote(point)
  }</td>
<td>${set === undefined ? "none" : markup`<code>${set}</code>`}</td>${cell("took", ms, formatDuration)}${
    cell("restore", restoreMs, formatDuration)
  }${cell("dump", dumpBytes, formatBytes)}${cell("documents", archiveBytes, formatBytes)}${
    cell("rows", rows, formatNumber)
  }</tr>
`;
}
