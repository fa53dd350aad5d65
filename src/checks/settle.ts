/** What every report starts from: a result that agrees with itself, and that holds no credentials. */

import { EXIT } from "../base/errors.ts";
import type { CheckResult, DrillResult, Verdict } from "./result.ts";
import { withoutCredentials } from "../base/text.ts";
import { exitOf, verdictOfCode } from "../base/verdict.ts";

/**
 * The result with its verdict and exit status made to agree with what it holds, and without credentials.
 * FAIL wins over NOT RUN, and NOT RUN over PASS: a result that calls itself a pass, but holds a required
 * check that did not run, an unseen mark, an error, or no check at all, is no pass (docs/design.md, rule 3).
 * The one who ends the process takes its exit status from here, so that the report and it are the same.
 */
export function prepareResult(result: DrillResult): DrillResult {
  const clean = cleaned(result);
  const verdict = settledVerdict(clean);
  return { ...clean, verdict, exit: clean.exit === EXIT.interrupted ? clean.exit : exitOf(verdict) };
}

/** One check without credentials, for a check that is shown before there is a result. */
export const prepareCheck = (check: CheckResult): CheckResult => cleaned(check);

function settledVerdict(result: DrillResult): Verdict {
  const bad = result.verdict === "fail" || result.exit === EXIT.bad ||
    result.checks.some((check) => check.verdict === "fail") ||
    result.error !== undefined && verdictOfCode(result.error.code) === "fail";
  if (bad) return "fail";
  const proved = result.verdict === "pass" && result.exit === 0 && !result.error &&
    result.checks.length > 0 &&
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
