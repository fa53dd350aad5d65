/** Whose fault it is that a drill did not pass, and what that means for the set: each report's words follow from it. Pure. */

import { verdictOfCode } from "../base/verdict.ts";
import type { CheckResult, Culprit, DrillResult } from "./result.ts";

/** What a result means for the set. The sentence, the colour and the hint of every report follow from it. */
export type Meaning =
  /** It was restored, compared and seen; nothing is open. */
  | "proved"
  /** The backup: what was restored is not what was backed up, or nothing could be restored. */
  | "damaged"
  /** The backup: it is too old, or newer ones are bad. */
  | "not_recent"
  /** The backup: another set is gone or was changed in the store; this one can be brought back. */
  | "others_changed"
  /** The backup: its register is lost, damaged or another's; what it holds can be brought back. */
  | "register_lost"
  /** The backup: an older set cannot be brought back; this one can. */
  | "older_damaged"
  /** The backup: the store could not be read, or has no set. */
  | "out_of_reach"
  /** The ERP: it had faults that no person has accepted when it was backed up. */
  | "findings"
  /** The sandbox: the set was restored and compared, but no page of it could be looked at. */
  | "not_shown"
  /** The sandbox: the set was restored and compared, and a page of it is not what it should be. */
  | "shown_wrongly"
  /** The sandbox: all is right, but it took too long. */
  | "too_slow"
  /** The sandbox: it could not take the set. */
  | "not_restored"
  /** This tool did not do all of its work. */
  | "tool"
  | "interrupted";

/** What a result comes to. */
export interface Conclusion {
  meaning: Meaning;
  /** Absent on a PASS, and where nothing tells. */
  culprit?: Culprit;
  /** Whether the database and the documents were restored and are what was backed up. */
  restored: boolean;
}

/**
 * Checks of the drill itself, whichever part they are listed under; and of what a restore makes of the sandbox, which no set
 * holds: its owners, the pooler's function, that it cannot act on the world.
 */
const OF_THE_TOOL = [
  ...["drill.negative_control", "drill.kept", "drill.clean_up"],
  ...["data.owners", "data.user_lookup", "data.neutralised"],
];
/**
 * Checks of a backup that say nothing against what it holds. The register is an object beside the set, which no restore needs:
 * that what it lists was restored is shown by the hash of every table.
 */
const NOT_THE_BYTES = ["backup.age", "backup.sets", "backup.suspect", "backup.in_use", "data.register"];
/** Codes of errors with which nothing was learned of any set, and nothing of the sandbox. */
const OF_THE_STORE: readonly string[] = [
  ...["STORE_UNREACHABLE", "STORE_LOGIN", "STORE_FORBIDDEN", "STORE_FAILED", "STORE_FORMAT", "STORE_NEWER"],
  ...["SET_UNKNOWN", "NO_SET"],
];
/** Codes of errors of this program, or of those that it needs where it runs. */
const OF_THE_PROGRAM: readonly string[] = [
  ...[
    "INTERNAL",
    "NOT_PERMITTED",
    "PERMISSION_DENIED",
    "NOT_BUILT_YET",
    "BROWSER_MISSING",
    "TOOL_MISSING",
    "TOOL_FAILED",
  ],
  "REPORT_NOT_WRITABLE",
];

const isOfTheRota = ({ id }: Pick<CheckResult, "id">): boolean => id.startsWith("rota.");

/** Whether a check that failed says something against a set: its bytes, its age, or what they were restored to. */
export const isAboutTheBackup = ({ id, part, judges }: CheckResult): boolean =>
  judges !== "books" && part !== "browser" && !OF_THE_TOOL.includes(id);

/** Whether a check that failed says that what the set holds was not restored. */
export const isAgainstTheSet = (check: CheckResult): boolean =>
  isAboutTheBackup(check) && !NOT_THE_BYTES.includes(check.id);

/**
 * The culprit of what the checks found, by the gravest of them: a backup that cannot be brought back, then the ERP that was
 * backed up, then this tool, then the sandbox. Undefined where nothing failed and nothing required is NOT RUN.
 *
 * A check of the books that failed speaks of the ERP only where no check of the restore contradicts it: what was restored
 * wrongly is no fault of the ERP.
 *
 * @param error the code of what ended the drill, where something did.
 */
export function culpritOf(checks: readonly CheckResult[], error?: { code: string }): Culprit | undefined {
  const failed = checks.filter(({ verdict }) => verdict === "fail");
  if (failed.some(isAboutTheBackup)) return "backup";
  if (failed.some(({ judges }) => judges === "books")) return "erp";
  if (failed.some(({ id }) => OF_THE_TOOL.includes(id))) return "tool";
  const missing = checks.find(({ verdict, required }) => verdict === "not_run" && required);
  if (error) return culpritOfCode(error.code);
  if (failed.length > 0) return "sandbox";
  if (!missing) return undefined;
  const { id, code = "CHECK_NOT_RUN" } = missing;
  return code === "CHECK_NOT_RUN" && id.startsWith("drill.") ? "tool" : culpritOfCode(code);
}

function culpritOfCode(code: string): Culprit {
  if (verdictOfCode(code) === "fail" || OF_THE_STORE.includes(code)) return "backup";
  return OF_THE_PROGRAM.includes(code) ? "tool" : "sandbox";
}

/** What a result comes to. */
export function conclusionOf(
  { verdict, exit, checks, error }: Pick<DrillResult, "verdict" | "exit" | "checks" | "error">,
): Conclusion {
  const restored = isRestored(checks);
  if (verdict === "pass") return { meaning: "proved", restored };
  const culprit = culpritOf(checks, error);
  const meaning = exit === 130 ? "interrupted" : meaningOf(culprit, { verdict, checks, error, restored });
  return { meaning, ...(culprit ? { culprit } : {}), restored };
}

function meaningOf(
  culprit: Culprit | undefined,
  { verdict, checks, error, restored }:
    & Pick<DrillResult, "verdict" | "checks" | "error">
    & Pick<Conclusion, "restored">,
): Meaning {
  const failed = checks.filter((check) => check.verdict === "fail");
  if (culprit === "erp") return "findings";
  if (culprit === "tool") return "tool";
  if (culprit === "backup") {
    const against = failed.filter(isAboutTheBackup);
    if (against.length === 0) return verdict === "fail" ? "damaged" : "out_of_reach";
    if (against.every(isOfTheRota)) return "older_damaged";
    const ofThisSet = against.filter((check) => !isOfTheRota(check));
    if (ofThisSet.every(({ id }) => id === "backup.sets")) return "others_changed";
    if (ofThisSet.every(({ id }) => id === "data.register")) return "register_lost";
    return ofThisSet.every(({ id }) => NOT_THE_BYTES.includes(id)) ? "not_recent" : "damaged";
  }
  if (failed.some(({ id }) => id !== "drill.duration")) return "shown_wrongly";
  const isWhole = !error && checks.every((check) => check.verdict !== "not_run" || !check.required);
  if (failed.length > 0 && isWhole) return "too_slow";
  if (culprit === undefined && verdict === "fail") return "damaged";
  return restored ? "not_shown" : "not_restored";
}

/** Whether every check that compares the restored database and documents with the backup ran and passed. */
function isRestored(checks: readonly CheckResult[]): boolean {
  const comparing = checks.filter((check) => isAgainstTheSet(check) && !isOfTheRota(check) && check.required);
  return comparing.some(({ part }) => part === "data") &&
    comparing.every(({ verdict }) => verdict === "pass");
}

/**
 * The checks of the books that failed, where no check contradicts them that compares what was restored with the backup: what
 * is wrong with the ERP itself.
 */
export function faultsOfErp(checks: readonly CheckResult[]): CheckResult[] {
  const failed = checks.filter(({ verdict }) => verdict === "fail");
  const isContradicted = failed.some((check) => isAgainstTheSet(check) && !isOfTheRota(check));
  return isContradicted ? [] : failed.filter(({ judges }) => judges === "books");
}
