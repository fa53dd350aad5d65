/** A backup for a monitor: Prometheus' text format, as the metrics of a drill. docs/metrics.md has the list. */

import type { Verdict } from "../base/verdict.ts";
import type { Manifest } from "../store/records/manifest.ts";
import { type Metric, metricsText } from "./metrics.ts";

/** A backup as far as it is known: of one that failed there is no set. */
export interface MeasuredBackup {
  environment: string;
  lab: boolean;
  verdict: Verdict;
  exit: number;
  startedAt: Date;
  endedAt: Date;
  /** When the newest good set was taken, this one included. */
  lastGood?: Date;
  taken?: {
    manifest: Manifest;
    /** The keys of the objects that were uploaded. */
    uploaded: ReadonlySet<string>;
    /** How many faults the ERP has; undefined where it was not looked at. */
    findings?: { open: number; accepted: number };
  };
}

const VERDICTS: readonly Verdict[] = ["pass", "fail", "not_run"];

/** What is not known is left out. Pure. */
export function backupMetrics(
  { verdict, exit, startedAt, endedAt, lastGood, taken }: MeasuredBackup,
): Metric[] {
  const seconds = (moment: Date) => moment.getTime() / 1000;
  return [
    metric(
      "verdict",
      "1 for the verdict of the last backup, 0 for the others.",
      VERDICTS.map((one) => ({ labels: { verdict: one }, value: Number(one === verdict) })),
    ),
    single(
      "exit_status",
      "Exit status of the last backup: 0 good, 1 suspect, 2 could not, 130 interrupted.",
      exit,
    ),
    single("start_timestamp_seconds", "When the last backup began.", seconds(startedAt)),
    single("end_timestamp_seconds", "When the last backup ended.", seconds(endedAt)),
    single(
      "duration_seconds",
      "How long the last backup took.",
      (endedAt.getTime() - startedAt.getTime()) / 1000,
    ),
    single(
      "last_success_timestamp_seconds",
      "When the newest good set was taken; missing where it is not known.",
      lastGood && seconds(lastGood),
    ),
    ...(taken ? setMetrics(taken) : []),
  ].filter(({ values }) => values.length > 0);
}

function setMetrics(
  { manifest: { db, docs, suspect }, uploaded, findings }: NonNullable<MeasuredBackup["taken"]>,
) {
  const bytesOf = (objects: readonly { bytes: number }[]) =>
    objects.reduce((sum, { bytes }) => sum + bytes, 0);
  const { tables } = db.content;
  const all = [...db.objects, ...docs.objects, docs.index];
  return [
    single("suspect", "1 where the state that was backed up looks lost, else 0.", Number(suspect.length > 0)),
    metric(
      "findings",
      "Faults of the ERP that the backup saw, by whether a person has accepted them.",
      findings
        ? [
          { labels: { state: "open" }, value: findings.open },
          { labels: { state: "accepted" }, value: findings.accepted },
        ]
        : [],
    ),
    metric("object_bytes", "Size of the set's objects.", [
      { labels: { half: "db" }, value: bytesOf(db.objects) },
      { labels: { half: "docs" }, value: bytesOf(docs.objects) },
    ]),
    single(
      "uploaded_bytes",
      "Size of the objects that were uploaded.",
      bytesOf(all.filter(({ key }) => uploaded.has(key))),
    ),
    single("tables", "Tables of the set.", tables.length),
    single("rows", "Rows in all tables of the set.", tables.reduce((sum, { rows }) => sum + rows, 0)),
    single("files", "Documents of the set.", docs.files),
    single("document_bytes", "Size of these documents, unpacked.", docs.bytes),
  ];
}

/** The labels are those of the first value. */
const metric = (name: string, help: string, values: Metric["values"]): Metric => ({
  name: `dolibarr_backup_${name}`,
  help,
  labels: Object.keys(values[0]?.labels ?? {}),
  values,
});

const single = (name: string, help: string, value: number | undefined): Metric =>
  metric(name, help, value === undefined ? [] : [{ value }]);

/** The metrics as text, every one with the labels `environment` and `lab`. */
export const renderBackupMetrics = (backup: MeasuredBackup): Promise<string> =>
  metricsText(backupMetrics(backup), { environment: backup.environment, lab: String(backup.lab) });
