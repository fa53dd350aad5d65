/** What came of a backup: what is printed of it, how the verb ends, who is notified, what a monitor reads. */

import { writeError, writeWhole } from "../../base/files.ts";
import { messageOf } from "../../base/errors.ts";
import { formatBytes, formatCount, formatNumber } from "../../base/numbers.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { oneLine } from "../../base/text.ts";
import type { TakenSet } from "../../backup/backup.ts";
import type { JudgedFindings } from "../../backup/judged_findings.ts";
import { agesOf } from "../../checks/findings/age.ts";
import { acceptCommand as acceptWords, openInWords } from "../../checks/findings/words.ts";
import { labBanner } from "../../checks/headline.ts";
import type { Notifications } from "../../checks/result.ts";
import type { Config } from "../../config/config.ts";
import { dueAfterBackup, factsOfBackup } from "../../notify/backup_and_prune.ts";
import { type MeasuredBackup, renderBackupMetrics } from "../../report/backup_metrics.ts";
import { acceptCommand, extractCommand, sinceText } from "../../report/finding_words.ts";
import { type Inventory, problemsOf, readInventory } from "../../store/sets/inventory.ts";
import { latestOf } from "../../store/sets/latest.ts";
import { type AnySet, isLegacy, seenAt, suspectOf } from "../../store/sets/sets.ts";
import type { Store } from "../../store/store.ts";
import { exitOf, type Verdict } from "../../base/verdict.ts";
import { findingEvent } from "../findings/event.ts";
import type { Context } from "./context.ts";
import type { Notifier } from "./notifier.ts";

/** How a backup that stored a set ends. */
interface BackupEnding {
  verdict: Verdict;
  exit: 0 | 1 | 2;
  set: string;
  /** How many faults the ERP has, as far as the backup looked; missing where it did not look. */
  findings?: number;
  accepted?: number;
  code?: "SET_SUSPECT" | "CHECK_FAILED";
  message?: string;
  hint?: string;
}

/** The verdict over a set that was taken. A fault of the ERP makes it no worse, unless a person asked for that. Pure. */
export function endingOfBackup(
  taken: Pick<TakenSet, "name" | "environment" | "manifest">,
  { open, accepted }: JudgedFindings,
  strict: boolean,
): BackupEnding {
  const { name, environment, manifest } = taken;
  const set = `${environment}/${name}`;
  const counts = manifest.findings ? { findings: open.length, accepted: accepted.length } : {};
  const about = { set, ...counts };
  if (manifest.suspect.length > 0) {
    return {
      ...bad,
      ...about,
      code: "SET_SUSPECT",
      message: `The set ${set} is suspect: its state looks lost: ${manifest.suspect.join("; ")}`,
      hint:
        `Check ${environment} now. The set stays in the store, and is never chosen over a good one. If nothing is lost: dolibarr-drill backup --env ${environment} --accept "REASON"`,
    };
  }
  const [first] = open;
  if (!strict || !first) return { verdict: "pass", exit: 0, ...about };
  return {
    ...bad,
    ...about,
    code: "CHECK_FAILED",
    message: `The set ${set} is good, but ${environment} has ${openInWords(open.length)}: ${
      oneLine(first.sentence)
    }`,
    hint:
      `See since when, and how to get it back: dolibarr-drill findings --env ${environment}. Mend it in ${environment}, or accept it: ${
        acceptWords(first)
      } --env ${environment}`,
  };
}

const bad = { verdict: "fail", exit: exitOf("fail") } as const;

/** The objects of the set, its warnings, what it holds, and last of all what is wrong with the ERP. */
export function printBackup(
  { name, environment, manifest, uploaded }: TakenSet,
  { open, accepted }: JudgedFindings,
  now: Date,
  context: Pick<Context, "config" | "out" | "table" | "event" | "reporter">,
): void {
  const { db, docs, warnings } = manifest;
  const set = `${environment}/${name}`;
  const objects = [...db.objects, ...docs.objects, docs.index];
  for (const { key, bytes } of objects) {
    context.event({ event: "object", key, bytes, uploaded: uploaded.has(key) });
  }
  for (const one of agesOf([...open, ...accepted], now)) context.event(findingEvent(one, environment));
  const rows = objects.map((
    { key, bytes },
  ) => [key, formatBytes(bytes), uploaded.has(key) ? "" : "unchanged"]);
  context.table(rows, ["left", "right", "left"]);
  for (const warning of warnings) context.reporter.warn(warning);
  const { tables } = db.content;
  context.out(
    `${set}: ${formatCount(tables.length, "table")}, ${
      formatCount(tables.reduce((sum, { rows }) => sum + rows, 0), "row")
    }, ${formatCount(docs.files, "file")}`,
  );
  const of = { environment, isDefault: environment === context.config.drill.from, now };
  for (const line of findingLines({ open, accepted }, of)) context.out(line);
}

/** So many lines a person reads; the others are events of --json. */
const MOST_LINES = 100;

interface LinesOf {
  environment: string;
  /** Whether commands may leave `--env` out. */
  isDefault: boolean;
  now: Date;
}

/** A line for each fault that is not accepted, the oldest first, what to do about the first, and how many are accepted. Pure. */
export function findingLines(
  { open, accepted }: Pick<JudgedFindings, "open" | "accepted">,
  of: LinesOf,
): string[] {
  const aged = agesOf(open, of.now);
  const [first] = aged;
  const more = open.length - MOST_LINES;
  const lines = aged.slice(0, MOST_LINES).map((one) =>
    `- ${oneLine(one.finding.sentence)}${one.since === undefined ? "" : `, ${sinceText(one, of.now)}`}`
  );
  return [
    ...(first
      ? [
        `The backup is good. ${of.environment} has ${openInWords(open.length)}:`,
        ...lines,
        ...(more > 0 ? [`and ${formatNumber(more)} more, which --json lists`] : []),
        ...[extractCommand(first, of), acceptCommand(first, of)].flatMap((command) => command ?? []),
      ]
      : []),
    ...(accepted.length === 0 ? [] : [`${formatNumber(accepted.length)} accepted: dolibarr-drill findings`]),
  ];
}

/** Sends what is due. Undefined where no address is configured. */
export function notifyOfBackup(
  { environment, before }: TakenSet,
  { newOnes }: JudgedFindings,
  { verdict, exit, set, message, hint }: BackupEnding,
  { notifier, config: { lab } }: { notifier: Notifier; config: Config },
): Promise<Notifications | undefined> {
  const [newest] = before.sets.filter((set) => !isLegacy(set));
  const afterSuspect = newest !== undefined && suspectOf(newest).length > 0;
  const ended = { environment, set, verdict, exit, message, hint, newFindings: newOnes, afterSuspect };
  return notifier.notify(dueAfterBackup(ended), factsOfBackup({ ...ended, banner: labBanner(lab) }));
}

/** Writes the metrics of a set that was taken. @throws DrillError `REPORT_NOT_WRITABLE`, `DISK_FULL`. */
export async function measureBackup(
  { environment, name, manifest, uploaded, before }: TakenSet,
  { open, accepted }: JudgedFindings,
  { verdict, exit }: BackupEnding,
  { file, startedAt, lab }: { file: string; startedAt: Date; lab: boolean },
): Promise<void> {
  const made = { name, environment, manifest };
  const good: AnySet | undefined = manifest.suspect.length === 0 ? made : newestGood(before);
  await writeMetrics({
    ...{ environment, lab, verdict, exit, startedAt, endedAt: new Date() },
    lastGood: good && seenAt(good),
    taken: {
      manifest,
      uploaded,
      findings: manifest.findings && { open: open.length, accepted: accepted.length },
    },
  }, file);
}

/** The same of a backup that failed. What is not known, or cannot be written, is a warning. `store`: where it was opened. */
export async function measureFailedBackup(
  failed: Omit<MeasuredBackup, "lastGood" | "taken">,
  store: Store | undefined,
  file: string,
  reporter: Reporter,
): Promise<void> {
  try {
    const latest = store && await readLatest(store, failed.environment);
    await writeMetrics({ ...failed, ...(latest ? { lastGood: seenAt(latest) } : {}) }, file);
  } catch (error) {
    reporter.warn(messageOf(error));
  }
}

async function readLatest(store: Store, environment: string): Promise<AnySet | undefined> {
  try {
    return newestGood(await readInventory(store, environment));
  } catch {
    return undefined; // why the store cannot be read is the error that ended the backup, or the next one's
  }
}

const newestGood = (inventory: Inventory): AnySet | undefined =>
  latestOf(inventory.sets.filter((set) => problemsOf(set, inventory).length === 0));

async function writeMetrics(backup: MeasuredBackup, file: string): Promise<void> {
  try {
    await writeWhole(file, await renderBackupMetrics(backup), { mode: 0o644 });
  } catch (error) {
    throw writeError(`write the metrics of the backup to ${file}`, error, {
      code: "REPORT_NOT_WRITABLE",
      room: "Make room there, or have them written elsewhere. What was backed up is stored.",
      hint:
        "Make the folder writable for this user, or have them written elsewhere. What was backed up is stored.",
    });
  }
}
