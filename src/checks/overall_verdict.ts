/** What decides the verdict of a drill, and makes a result agree with itself before it is reported. */

import { EXIT } from "../base/errors.ts";
import { conclusionOf } from "./culprit.ts";
import type { CheckResult, DrillResult, Verdict } from "./result.ts";
import { withoutCredentials } from "../base/text.ts";
import { exitOf, verdictOfCode } from "../base/verdict.ts";

/**
 * The verdict of all checks together: FAIL where one is a FAIL, else NOT RUN where a required one is NOT RUN. A drill
 * without one check that passed proves nothing: NOT RUN.
 */
export function overallVerdict(checks: readonly CheckResult[]): Verdict {
  if (checks.some(({ verdict }) => verdict === "fail")) return "fail";
  if (checks.some(({ verdict, required }) => verdict === "not_run" && required)) return "not_run";
  return checks.some(({ verdict }) => verdict === "pass") ? "pass" : "not_run";
}

/**
 * The result that every report is made from: without credentials, and with the verdict and the exit status that its content
 * allows. FAIL wins over NOT RUN, and NOT RUN over PASS: a result that says PASS, but holds a required check that did not
 * run, a mark that was not seen, an error, or no check at all, is NOT RUN (docs/design.md, rule 3). The process ends with
 * the exit status of this result, so that the two cannot differ.
 */
export function prepareResult(result: DrillResult): DrillResult {
  const clean = cleaned(result);
  const verdict = settledVerdict(clean);
  const exit = clean.exit === EXIT.interrupted ? clean.exit : exitOf(verdict);
  const { culprit: told, ...settled } = { ...clean, verdict, exit };
  const culprit = verdict === "pass" ? undefined : conclusionOf(settled).culprit ?? told;
  return { ...settled, ...(culprit ? { culprit } : {}) };
}

/** A check without credentials, for one that is shown before the drill has a result. */
export const prepareCheck = (check: CheckResult): CheckResult => cleaned(check);

function settledVerdict(result: DrillResult): Verdict {
  const bad = result.verdict === "fail" || result.exit === EXIT.bad ||
    result.checks.some((check) => check.verdict === "fail") ||
    result.error !== undefined && verdictOfCode(result.error.code) === "fail";
  if (bad) return "fail";
  const proved = result.verdict === "pass" && result.exit === 0 && !result.error &&
    result.checks.some((check) => check.verdict === "pass") &&
    result.checks.every((check) => check.verdict === "pass" || !check.required) &&
    result.marks.every((mark) => mark.seen);
  return proved ? "pass" : "not_run";
}

/** A copy of any plain value with `withoutCredentials` on each text; bytes are shared, not copied. */
function cleaned<T>(value: T): T;
function cleaned(value: unknown): unknown {
  if (typeof value === "string") return withoutCredentials(value);
  if (value instanceof Uint8Array || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => cleaned(item));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cleaned(item)]));
}
