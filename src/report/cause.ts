/** The cause of a result that is no pass, what it means for the set, and what to do next. Pure. */

import { formatNumber } from "../base/numbers.ts";
import { PROGRAM } from "../base/program_name.ts";
import { verdictOfCode } from "../base/verdict.ts";
import { conclusionOf, type Meaning } from "../checks/culprit.ts";
import { acceptCommand, extractCommand, extractPurpose, openFaults } from "../checks/findings/words.ts";
import { stoppedBeforeAnyFailure } from "../checks/headline.ts";
import type { DrillResult, Finding } from "../checks/result.ts";

/** Why a result is no pass. All absent on a pass. */
interface Cause {
  code?: string;
  message?: string;
  hint?: string;
}

/** The error that ended the drill, else the first check that did not pass; a FAIL before that error wins over it. */
export function causeOf(result: DrillResult): Cause {
  const failed = result.checks.find((check) => check.verdict === "fail");
  const { error } = result;
  if (
    error &&
    (verdictOfCode(error.code) === "fail" || !failed || stoppedBeforeAnyFailure(result.checks, error))
  ) {
    return { code: error.code, message: error.message, hint: error.hint };
  }
  const check = failed ??
    result.checks.find((check) => check.verdict === "not_run" && check.required);
  if (result.verdict === "pass" || !check) return {};
  const otherwise = check.verdict === "fail" ? "CHECK_FAILED" : "CHECK_NOT_RUN";
  return { code: check.code ?? otherwise, message: check.message ?? check.title, hint: check.hint };
}

/** What a result that is no pass means for whoever relies on the backup. `from`: the environment that was backed up. */
export function meaningInWords(result: DrillResult): string {
  const { meaning } = conclusionOf(result);
  return meaning === "findings"
    ? `The backup is as ${result.from} was, and can be restored. Mend ${result.from}, or accept what stays as it is.`
    : MEANS[meaning];
}

const MEANS: Record<Exclude<Meaning, "findings">, string> = {
  proved: "The verdict does not rest on what was not checked.",
  damaged: "Do not rely on this backup until the cause is known.",
  not_recent: "What it holds can be restored. What is newer is in no good backup.",
  others_changed:
    "What this one holds can be restored. Who took the other one away or changed it is not known.",
  register_lost:
    "What this backup holds can be restored. What the law keeps was not compared with the night before.",
  older_damaged: "This backup can be restored. Do not rely on the older one until the cause is known.",
  out_of_reach: "This says nothing about what the backups hold. Mend the way to the store, and drill again.",
  not_shown: "The backup is not at fault. Mend the sandbox, and drill again.",
  shown_wrongly: "The backup was restored. Look at the sandbox: its program, its address, its rights.",
  too_slow: "The backup can be restored, in more time than is allowed.",
  not_restored: "This says nothing about the backup. Mend what kept it from being restored, and drill again.",
  tool:
    "This says nothing against the backup. Mend what this tool needs where it runs, or report its defect.",
  interrupted: "This says nothing about the backup. Drill again.",
};

/** What to do next, with the command; undefined on a pass. */
export function adviceOf(result: DrillResult): string | undefined {
  const { meaning } = conclusionOf(result);
  if (meaning === "proved") return undefined;
  if (meaning === "findings") return adviceOnFindings(result);
  const { hint } = causeOf(result);
  return hint ?? OTHERWISE[meaning] ?? MEANS[meaning];
}

/** @param about the finding that the commands are about; left out: the first that is open. */
export function adviceOnFindings(result: DrillResult, about?: Finding): string {
  const commands = commandsOf(result, about);
  if (commands.length === 0) return causeOf(result).hint ?? meaningInWords(result);
  return commands.map(({ what, command }) => `${what}: ${command}`).join(". ");
}

/** What to do about the first open finding, or about `about`, as commands to be copied; none where the ERP is not at fault. */
export function commandsOf(result: DrillResult, about?: Finding): { what: string; command: string }[] {
  if (conclusionOf(result).meaning !== "findings") return [];
  const open = openFaults(result.checks);
  const finding = about ?? open.find(({ finding }) => finding)?.finding;
  if (!finding) return [];
  const back = extractCommand(finding, result);
  return [
    ...(back ? [{ what: extractPurpose(finding), command: back }] : []),
    {
      what: back ? "Or accept it" : `Mend it in ${result.from}, or accept it`,
      command: acceptCommand(finding),
    },
    ...(open.length > 1
      ? [{ what: `See all ${formatNumber(open.length)}`, command: `${PROGRAM} findings` }]
      : []),
  ];
}

/** Where a check has no hint of its own. */
const OTHERWISE: Partial<Record<Meaning, string>> = {
  damaged: `Do not rely on this backup. ${PROGRAM} list shows which sets are good: restore one by its name.`,
  not_recent: `Look at the job that takes backups, and take one: ${PROGRAM} backup.`,
  register_lost:
    "Put the register back from a copy of the store. The next backup compares with that of an older set.",
  older_damaged: `${PROGRAM} list shows which sets are good. Put its objects back from a copy of the store.`,
};
