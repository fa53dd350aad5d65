/** The sentences with which a drill begins and ends. Pure. */

import type { CheckResult, DrillResult, Level, Verdict } from "./result.ts";
import { formatCount } from "../base/numbers.ts";
import { faultHeadline } from "./culprit.ts";

/** The first and the last line of a run that proves the tool and not a company's backup (docs/design.md, rule 9). */
export function labBanner(
  lab: { erp: "real" | "stand-in"; reason?: string } | undefined,
): string | undefined {
  if (!lab) return undefined;
  if (lab.erp === "real") return "embedded lab: a demo company on this machine, not your ERP";
  return `stand-in, not Dolibarr: 22.0.4 could not be had (${
    lab.reason ?? "no reason known"
  }); set DOLIBARR_HOME`;
}

/** What was proved, or the cause of the failure, in one line. */
export function headlineOf(
  verdict: Verdict,
  checks: readonly CheckResult[],
  set: DrillResult["set"],
  { from, into, wanted, level }: { from: string; into: string; wanted: string; level: Level },
  error?: DrillResult["error"],
): string {
  const name = set?.name ?? `${from}/${wanted}`;
  if (verdict === "pass" && set) {
    if (level === "fast") {
      return `fast drill: ${name} was restored into ${into}: ${
        sizeOf(set)
      } are equal, and the ERP can be signed in to; its other pages were not opened`;
    }
    return `${name} was restored into ${into} and proved: ${sizeOf(set)} are equal, and the ERP shows them`;
  }
  const faults = verdict === "fail" && !error ? faultHeadline(checks, name, from) : undefined;
  if (faults) return faults;
  const cause = checks.find((check) => check.verdict === verdict && check.required) ??
    checks.find((check) => check.verdict === verdict);
  const message = cause?.message ?? "no check ran";
  return verdict === "fail" && error && stoppedBeforeAnyFailure(checks, error)
    ? `${name}: ${error.message}; and ${message}`
    : `${name}: ${message}`;
}

/** `277 tables, 23,104 rows and 1,204 documents`. */
const sizeOf = ({ tables, rows, files }: NonNullable<DrillResult["set"]>): string =>
  `${formatCount(tables, "table")}, ${formatCount(rows, "row")} and ${formatCount(files, "document")}`;

/**
 * Whether the error that ended the drill is the cause of its verdict: it is no FAIL itself, and no check had failed before.
 * A check that failed before the error stays the cause.
 */
export function stoppedBeforeAnyFailure(
  checks: readonly CheckResult[],
  error: NonNullable<DrillResult["error"]>,
): boolean {
  const first = checks.find(({ verdict, code, message }) =>
    verdict === "fail" || verdict === "not_run" && code === error.code && message === error.message
  );
  return first?.verdict === "not_run";
}
