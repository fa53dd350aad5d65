/** How a backup that stored a set ends, and who is notified of it. */

import { PROGRAM } from "../../base/program_name.ts";
import { oneLine } from "../../base/text.ts";
import { exitOf, type Verdict } from "../../base/verdict.ts";
import type { TakenSet } from "../../backup/backup.ts";
import type { JudgedFindings } from "../../backup/judged_findings.ts";
import { acceptCommand, openInWords } from "../../checks/findings/words.ts";
import { labBanner } from "../../checks/lab_banner.ts";
import type { Notifications } from "../../checks/result.ts";
import type { Config } from "../../config/config.ts";
import { dueAfterBackup, factsOfBackup } from "../../notify/backup_and_prune.ts";
import { type Vanished, vanishedHint, vanishedInWords } from "../../store/records/rosters.ts";
import { isLegacy, suspectOf } from "../../store/sets/sets.ts";
import type { Notifier } from "../command/notifier.ts";

/** How a backup that stored a set ends. */
export interface BackupEnding {
  verdict: Verdict;
  exit: 0 | 1 | 2;
  set: string;
  /** How many faults the ERP has, as far as the backup looked; missing where it did not look. */
  findings?: number;
  accepted?: number;
  code?: "SET_SUSPECT" | "SETS_VANISHED" | "CHECK_FAILED";
  message?: string;
  hint?: string;
}

/**
 * The verdict over a set that was taken. A fault of the ERP makes it no worse, unless a person asked for that. Pure.
 * @param vanished what of the earlier sets is gone without a prune, or another one.
 */
export function endingOfBackup(
  taken: Pick<TakenSet, "name" | "environment" | "manifest">,
  { open, accepted }: JudgedFindings,
  strict: boolean,
  vanished: Vanished = { missing: [], exchanged: [] },
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
        `Check ${environment} now. The set stays in the store, and is never chosen over a good one. If nothing is lost: ${PROGRAM} accept-suspect ${set} --reason TEXT`,
    };
  }
  const [gone, ...others] = vanishedInWords(vanished);
  if (gone !== undefined) {
    const more = others.length === 0 ? "" : `, and ${others.length} more`;
    return {
      ...bad,
      ...about,
      code: "SETS_VANISHED",
      message: `The set ${set} is good, but an earlier one is not as it was: ${gone}${more}`,
      hint: vanishedHint(vanished),
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
      `See since when, and how to get it back: ${PROGRAM} findings --env ${environment}. Mend it in ${environment}, or accept it: ${
        acceptCommand(first)
      } --env ${environment}`,
  };
}

const bad = { verdict: "fail", exit: exitOf("fail") } as const;

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
