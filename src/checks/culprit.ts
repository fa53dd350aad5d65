/** Whose fault it is that a drill did not pass: what to do next, and what becomes of the set, follow from it. Pure. */

import { formatCount } from "../base/numbers.ts";
import type { CheckResult, Culprit } from "./result.ts";

/** Checks of the drill itself, whichever part they are listed under. */
const OF_THE_TOOL = ["drill.negative_control", "drill.kept", "drill.clean_up"];

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
  const missing = checks.filter(({ verdict, required }) => verdict === "not_run" && required);
  if (failed.length === 0 && missing.length === 0 && !error) return undefined;
  if (error?.code === "INTERNAL" || failed.some(({ id }) => OF_THE_TOOL.includes(id))) return "tool";
  return "sandbox";
}

/** Whether a check that failed says something against the set: its bytes, its age, or what they were restored to. */
const isAboutTheBackup = ({ id, part, judges }: CheckResult): boolean =>
  judges !== "books" && part !== "browser" && !OF_THE_TOOL.includes(id) && !id.startsWith("rota.");

/** The checks of the books that failed, where the backup is faithful: what is wrong with the ERP itself. */
export const faultsOfErp = (checks: readonly CheckResult[]): CheckResult[] =>
  culpritOf(checks) === "erp"
    ? checks.filter(({ verdict, judges }) => verdict === "fail" && judges === "books")
    : [];

/** What a drill says first where only the ERP is at fault. `set` is the set's name, `from` the environment's. */
export function faultHeadline(checks: readonly CheckResult[], set: string, from: string): string | undefined {
  const faults = faultsOfErp(checks);
  const [first] = faults;
  if (!first) return undefined;
  const others = faults.length - 1;
  const more = others === 0 ? "" : ` (${formatCount(others, "more check")} of the books failed)`;
  return `${set} can be brought back. ${from} had a fault when it was backed up: ${
    first.message ?? first.title
  }${more}`;
}
