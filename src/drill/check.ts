/** A check: a sentence that is true or false of what was restored, and how it is found out. */

import { asDrillError, DrillError, EXIT, exitStatusOf } from "../base/errors.ts";
import type { CheckResult, Compared, Screenshot, Verdict } from "./result.ts";

export interface Check<Context> {
  id: string;
  part: CheckResult["part"];
  /** What is true when it passes: "every table has the rows and the content of the backup". */
  title: string;
  required: boolean;
  run(context: Context): Promise<Outcome>;
}

/** What a check found; `equal` decides. A check that cannot compare throws. */
export interface Outcome {
  equal: boolean;
  compared: Compared;
  /** Why not, when it is not equal. */
  message?: string;
  details?: string[];
  screenshots?: Screenshot[];
}

/** The plainest comparison there is. */
export function expectEqual(
  expected: string | number,
  found: string | number,
  what: string,
  message?: string,
): Outcome {
  return {
    equal: expected === found,
    compared: { expected, found, with: what },
    message: message ?? `found ${found}, expected ${expected}`,
  };
}

/** Expects `problems` to be empty; `checked` says how many things were looked at, of which there must be some. */
export function expectNone(problems: readonly string[], checked: number, what: string): Outcome {
  if (checked === 0) {
    return {
      equal: false,
      compared: { expected: "at least 1", found: 0, with: what },
      message: "there was nothing to look at",
    };
  }
  return {
    equal: problems.length === 0,
    compared: { expected: checked, found: checked - problems.length, with: what },
    message: problems[0] && `${problems[0]}${problems.length > 1 ? `, and ${problems.length - 1} more` : ""}`,
    details: problems.slice(0, 20),
  };
}

/**
 * Runs one check. An error of the kind "checked and bad" is a FAIL, one of the kind "could not" is a NOT RUN: never a pass.
 * @throws only when `signal` was aborted.
 */
export async function runCheck<Context>(
  check: Check<Context>,
  context: Context,
  signal: AbortSignal,
): Promise<CheckResult> {
  signal.throwIfAborted();
  const began = performance.now();
  const about = { id: check.id, title: check.title, part: check.part, required: check.required };
  const took = () => Math.round(performance.now() - began);
  try {
    const { equal, compared, message, details = [], screenshots = [] } = await check.run(context);
    const failed = equal ? {} : { code: "CHECK_FAILED", message: message ?? "the two sides differ" };
    return {
      ...about,
      verdict: equal ? "pass" : "fail",
      compared,
      ...failed,
      details,
      ms: took(),
      screenshots,
    };
  } catch (thrown) {
    signal.throwIfAborted();
    return { ...about, ...verdictOfError(thrown), ms: took(), screenshots: [] };
  }
}

/** What an error makes of the check that it ended. */
export function verdictOfError(
  thrown: unknown,
): Pick<CheckResult, "verdict" | "code" | "message" | "hint" | "details"> {
  const error = asDrillError(thrown);
  const verdict = exitStatusOf(error.code) === EXIT.bad ? "fail" : "not_run";
  return { verdict, code: error.code, message: error.message, hint: error.hint, details: [...error.details] };
}

/** A check that was not reached, and why. */
export function notReached<Context>(check: Check<Context>, why: string): CheckResult {
  const { id, title, part, required } = check;
  return {
    id,
    title,
    part,
    required,
    verdict: "not_run",
    code: "CHECK_NOT_RUN",
    message: why,
    details: [],
    ms: 0,
    screenshots: [],
  };
}

/**
 * The verdict over all checks: one FAIL is a FAIL; else one required NOT RUN is a NOT RUN; and no check at all proves nothing.
 */
export function verdictOf(checks: readonly CheckResult[]): Verdict {
  if (checks.some(({ verdict }) => verdict === "fail")) return "fail";
  if (checks.some(({ verdict, required }) => verdict === "not_run" && required)) return "not_run";
  return checks.some(({ verdict }) => verdict === "pass") ? "pass" : "not_run";
}

export const exitOf = (verdict: Verdict): 0 | 1 | 2 =>
  verdict === "pass" ? EXIT.ok : verdict === "fail" ? EXIT.bad : EXIT.couldNot;

/** A finding that ends a check at once. */
export const finding = (message: string, details: string[] = []): DrillError =>
  new DrillError("CHECK_FAILED", message, "Compare the restored sandbox with the source.", { details });
