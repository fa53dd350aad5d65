/** Puts the reports of a drill into a folder: each is there whole, or not at all. */

import { removeFile, type WholeFile, writeAllWhole, writeError } from "../base/files.ts";
import type { History } from "./history.ts";
import type { DrillResult } from "../checks/result.ts";
import { drawCharts } from "./html/charts.ts";
import { renderHtml } from "./html/page.ts";
import { renderJson } from "./json.ts";
import { renderJunit } from "./junit.ts";
import { renderMarkdown } from "./markdown.ts";
import { renderMetrics } from "./metrics.ts";
import { traceName } from "./words.ts";

/** Every report of one drill, as text. */
interface Reports {
  html: string;
  json: string;
  junit: string;
  /** For the summary of a CI job. */
  markdown: string;
  /** For the node exporter's textfile collector. */
  metrics: string;
}

/** The trace of a second run of a check that failed, and its file name. */
interface Trace {
  name: string;
  bytes: Uint8Array;
}

/** The traces of a drill's checks. */
export const tracesOf = ({ checks }: DrillResult): Trace[] =>
  checks.flatMap(({ id, trace }) => trace ? [{ name: traceName(id), bytes: trace }] : []);

const TRACE_NAME = /^trace-browser\.[a-z_]+\.zip$/;
const UNFINISHED =
  /^trace-browser\.[a-z_]+\.zip~$|^\.(report\.(html|json)|junit\.xml|summary\.md|metrics\.prom|trace-.*\.zip)\.[0-9a-f-]{36}\.part$/;

/** The path of each. */
export type ReportPaths = Reports;

const NAMES: Reports = {
  html: "report.html",
  json: "report.json",
  junit: "junit.xml",
  markdown: "summary.md",
  metrics: "metrics.prom",
};
const KINDS = Object.keys(NAMES) as (keyof Reports)[];

/** Renders every report. `history`: the earlier drills and this one; without it the reports show this drill alone. */
export async function renderReports(result: DrillResult, history?: History): Promise<Reports> {
  const view = history && { history, charts: await drawCharts(history) };
  return {
    html: renderHtml(result, view),
    json: renderJson(result),
    junit: renderJunit(result),
    markdown: renderMarkdown(result, history),
    metrics: await renderMetrics(result, history),
  };
}

/**
 * Writes `report.html`, `report.json`, `junit.xml`, `summary.md` and `metrics.prom` into `folder`, which is made where it
 * is missing. All are written beside under other names first, and renamed when all are whole, so that a reader
 * never finds half a report, and a report of an earlier drill stays where this one cannot be written. Traces come beside
 * them; those of an earlier drill go.
 *
 * @returns the paths of the files.
 * @throws DrillError `REPORT_NOT_WRITABLE`, `DISK_FULL`.
 */
export async function writeReports(
  reports: Reports,
  folder: string,
  traces: readonly Trace[] = [],
): Promise<ReportPaths> {
  const paths = Object.fromEntries(KINDS.map((kind) => [kind, `${folder}/${NAMES[kind]}`])) as
    & Record<string, string>
    & ReportPaths;
  const files: WholeFile[] = [
    // the page has pictures of invoices; a CI and a collector of metrics may run as other users
    ...KINDS.map((kind) => ({
      path: paths[kind],
      content: reports[kind],
      mode: kind === "html" ? 0o600 : 0o644,
    })),
    // a trace holds whole pages of the company's, and the session of the user who opened them
    ...traces.map(({ name, bytes }) => ({ path: `${folder}/${name}`, content: bytes, mode: 0o600 })),
  ];
  try {
    await Deno.mkdir(folder, { recursive: true });
    await writeAllWhole(files);
    await removeOld(folder, traces);
  } catch (error) {
    throw writeError(`write the report into ${folder}`, error, {
      code: "REPORT_NOT_WRITABLE",
      room: "Make room there, or have the report written into another folder.",
      hint: "Make the folder writable for this user, or have the report written into another one.",
    });
  }
  return paths;
}

/**
 * Removes the traces of an earlier drill, which would be taken for those of this one, and what a drill that was killed
 * left half written: `.report.html.UUID.part` is an earlier version's.
 */
async function removeOld(folder: string, traces: readonly Trace[]): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    const isOld = TRACE_NAME.test(name) && !traces.some((trace) => trace.name === name);
    if (isOld || UNFINISHED.test(name)) await removeFile(`${folder}/${name}`);
  }
}
