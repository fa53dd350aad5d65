/** Writes what a monitor reads of a backup. */

import { messageOf } from "../../base/errors.ts";
import { writeError, writeWhole } from "../../base/files.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import type { TakenSet } from "../../backup/backup.ts";
import type { JudgedFindings } from "../../backup/judged_findings.ts";
import { type MeasuredBackup, renderBackupMetrics } from "../../report/backup_metrics.ts";
import { type Inventory, problemsOf, readInventory } from "../../store/sets/inventory.ts";
import { latestOf } from "../../store/sets/latest.ts";
import { type AnySet, seenAt } from "../../store/sets/sets.ts";
import type { Store } from "../../store/store.ts";
import type { BackupEnding } from "./ending.ts";

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
