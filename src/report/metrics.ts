/** The result for a monitor: Prometheus' text format, for the node exporter's textfile collector. docs/metrics.md has the list. */

import type { History } from "./history.ts";
import type { Culprit, DrillResult, Verdict } from "../checks/result.ts";
import { countFindings } from "../checks/findings/words.ts";
import { prepareResult } from "../checks/overall_verdict.ts";

/** One metric: its name, what it says, its own labels, its values. */
export interface Metric {
  name: string;
  help: string;
  labels: readonly string[];
  values: { labels?: Record<string, string>; value: number }[];
}

const PREFIX = "dolibarr_drill";
const CULPRITS: readonly Culprit[] = ["backup", "erp", "sandbox", "tool"];
const VERDICTS: readonly Verdict[] = ["pass", "fail", "not_run"];

/** What the result and the history say as numbers; what is not known is left out. Pure. */
export function metricsOf(drilled: DrillResult, history: History | undefined): Metric[] {
  const result = prepareResult(drilled);
  const { set } = result;
  const seconds = (ms: number | undefined) => ms === undefined ? undefined : ms / 1000;
  const moment = (iso: string | undefined) => iso === undefined ? undefined : Date.parse(iso) / 1000;
  const startedMs = Date.parse(result.startedAt);
  const lastPass = result.verdict === "pass" ? new Date(result.endedAt) : history?.lastPass;
  const counted = (verdict: Verdict, required: boolean) =>
    result.checks.filter((check) => check.verdict === verdict && check.required === required).length;
  return [
    {
      ...about("verdict", "1 for the verdict that the last drill came to, 0 for the others."),
      labels: ["verdict"],
      values: VERDICTS.map((verdict) => ({ labels: { verdict }, value: Number(result.verdict === verdict) })),
    },
    one(
      "exit_status",
      "Exit status of the last drill: 0 proved, 1 bad, 2 could not, 130 interrupted.",
      result.exit,
    ),
    one("start_timestamp_seconds", "When the last drill began.", startedMs / 1000),
    one("end_timestamp_seconds", "When the last drill ended.", moment(result.endedAt)),
    one(
      "last_success_timestamp_seconds",
      "When the newest drill that was a PASS ended; missing where none is known.",
      seconds(lastPass?.getTime()),
    ),
    one(
      "failures_in_a_row",
      "Drills since the last PASS, this one included; 0 after a PASS.",
      history?.sincePass,
    ),
    one("duration_seconds", "How long the last drill took.", seconds(result.ms)),
    {
      ...about("phase_duration_seconds", "How long each phase of the last drill took."),
      labels: ["phase"],
      values: phaseTotals(result).map(([phase, ms]) => ({ labels: { phase }, value: ms / 1000 })),
    },
    one(
      "restore_duration_seconds",
      "From the stop of the sandbox until it was restored.",
      seconds(result.restoreMs),
    ),
    one("set_timestamp_seconds", "When the drilled set was taken.", moment(set?.takenAt)),
    one(
      "set_age_seconds",
      "How old the drilled set was when the drill began.",
      set && seconds(startedMs - Date.parse(set.takenAt)),
    ),
    {
      ...about("object_bytes", "Size of the drilled set's objects."),
      labels: ["half"],
      values: (["db", "docs"] as const).flatMap((half) => {
        const objects = set?.objects.filter((object) => object.half === half) ?? [];
        return objects.length === 0
          ? []
          : [{ labels: { half }, value: objects.reduce((sum, { bytes }) => sum + bytes, 0) }];
      }),
    },
    one("tables", "Tables of the drilled set.", set?.tables),
    one("rows", "Rows in all tables of the drilled set.", set?.rows),
    one("files", "Documents of the drilled set.", set?.files),
    one("document_bytes", "Size of these documents, unpacked.", set?.documentBytes),
    one("invoices_opened", "Invoices that were opened in the browser.", result.invoicesOpened),
    {
      ...about("culprit", "1 for whose fault it is that the last drill was no pass, 0 for the others."),
      labels: ["culprit"],
      values: CULPRITS.map((culprit) => ({ labels: { culprit }, value: Number(result.culprit === culprit) })),
    },
    {
      ...about("findings", "What the last drill found wrong with the ERP, by whether a person accepted it."),
      labels: ["state"],
      values: Object.entries(countFindings(result.checks) ?? {}).map(([state, value]) => ({
        labels: { state },
        value,
      })),
    },
    {
      ...about("checks", "Checks of the last drill by verdict."),
      labels: ["verdict", "required"],
      values: VERDICTS.flatMap((verdict) =>
        [true, false].map((required) => ({
          labels: { verdict, required: String(required) },
          value: counted(verdict, required),
        }))
      ),
    },
  ].filter(({ values }) => values.length > 0);
}

/** Phases may bear the same title (two sets in one night): a sample must be there once. */
function phaseTotals({ phases }: DrillResult): [string, number][] {
  const totals = new Map<string, number>();
  for (const { title, ms } of phases) totals.set(title, (totals.get(title) ?? 0) + ms);
  return [...totals];
}

const about = (name: string, help: string) => ({ name: `${PREFIX}_${name}`, help });

function one(name: string, help: string, value: number | undefined): Metric {
  const known = value !== undefined && Number.isFinite(value);
  return { ...about(name, help), labels: [], values: known ? [{ value }] : [] };
}

/** The metrics as text, every one with the labels `environment`, `into` and `lab`. */
export const renderMetrics = (drilled: DrillResult, history?: History): Promise<string> =>
  metricsText(metricsOf(drilled, history), {
    environment: drilled.from,
    into: drilled.into,
    lab: String(drilled.lab),
  });

/** Metrics as text, every one with the labels `common`. */
export async function metricsText(
  metrics: readonly Metric[],
  common: Record<string, string>,
): Promise<string> {
  const { Gauge, Registry } = await import("prom-client");
  const registry = new Registry();
  registry.setDefaultLabels(common);
  for (const { name, help, labels, values } of metrics) {
    const gauge = new Gauge({ name, help, labelNames: [...labels], registers: [registry] });
    for (const { labels, value } of values) gauge.set(labels ?? {}, value);
  }
  return await registry.metrics();
}
