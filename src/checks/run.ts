/** How checks are run: each ends in a result with a verdict, whatever happens meanwhile. */

import { explainDenied } from "../base/denied.ts";
import { asDrillError, DrillError, type ErrorCode, messageOf } from "../base/errors.ts";
import { PROGRAM } from "../base/program_name.ts";
import { verdictOfCode } from "../base/verdict.ts";
import { type Check, type CheckText, isWithin, type RestoreOutcome } from "./check.ts";
import type { BooksOutcome } from "./findings/outcome.ts";
import type { CheckResult, Level } from "./result.ts";

/** How one check is run: `runCheck`, or a function that does more than that. */
export type RunCheck<Context> = (
  check: Check<Context>,
  context: Context,
  signal: AbortSignal,
) => Promise<CheckResult>;

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
  const { id, title, part, judges } = check;
  const about = { id, title, part, judges, required: check.required };
  const took = () => Math.round(performance.now() - began);
  try {
    const outcome = await check.run(context);
    const { equal, compared, message, hint, details = [] } = outcome;
    const notRun = outcome.findings === undefined ? outcome.notRun : undefined;
    const failed = equal ? {} : {
      code: notRun ?? "CHECK_FAILED",
      message: message ?? "the two sides differ",
      ...(hint ? { hint } : {}),
    };
    return {
      ...about,
      verdict: equal ? "pass" : notRun ? "not_run" : "fail",
      compared,
      ...failed,
      details: [...details],
      ...ofItsKind(outcome),
      ms: took(),
    };
  } catch (thrown) {
    signal.throwIfAborted();
    const error = asUnreadable(thrown) ?? thrown;
    const required = about.required && !(thrown instanceof DrillError && thrown.code === "NOTHING_TO_CHECK");
    const found = verdictOfError(error);
    // a FAIL without a finding says nothing of the ERP, whichever check it ended
    const judged = found.verdict === "fail" ? "restore" : judges;
    return { ...about, required, judges: judged, ...found, ms: took(), screenshots: [] };
  }
}

/** What of an outcome only one of the two kinds of checks has. */
function ofItsKind(
  outcome: RestoreOutcome | BooksOutcome,
): Pick<CheckResult, "findings" | "screenshots"> & Partial<Pick<CheckResult, "judges">> {
  if (outcome.findings === undefined) return { screenshots: outcome.screenshots ?? [] };
  const { findings, notRestored } = outcome;
  return {
    ...(notRestored.length > 0 ? { judges: "restore" } : {}),
    ...(findings.length > 0 ? { findings: [...findings] } : {}),
    screenshots: [],
  };
}

/** What the system does not let this user read: that says nothing about what was restored. */
function asUnreadable(thrown: unknown): DrillError | undefined {
  if (thrown instanceof DrillError) return undefined;
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  const isDenied = thrown instanceof Deno.errors.PermissionDenied || code === "EACCES" || code === "EPERM";
  return isDenied
    ? new DrillError(
      "DOCUMENTS_UNREADABLE",
      `Cannot read what was restored: ${messageOf(thrown)}`,
      "Give the user of the drill the right to read the sandbox's documents.",
      { cause: thrown },
    )
    : undefined;
}

/** Checks that run one after the other, beside those of other lanes. */
export interface Lane<Context> {
  checks: readonly Check<Context>[];
  /** Where it rejects, each of the checks ends with that error. */
  context: Promise<Context>;
}

/**
 * Begins to run the checks of a lane.
 * @returns the result of each check, in their order; each rejects only when `signal` was aborted.
 */
export function runLane<Context>(
  { checks, context }: Lane<Context>,
  level: Level,
  signal: AbortSignal,
  runOne: RunCheck<Context>,
): Promise<CheckResult>[] {
  let before: Promise<unknown> = context.catch(() => undefined);
  return checks.map((check) => {
    const result = before.then(async () => {
      if (!isWithin(check.level, level)) return aboveLevel(check, level);
      return await context.then(
        (context) => runOne(check, context, signal),
        (error) => resultOfError(check, error),
      );
    });
    before = result.catch(() => undefined); // the caller that awaits `result` gets the error
    return result;
  });
}

/** The verdict of a check that ended with the error `thrown`, and the error's own words. */
export function verdictOfError(
  thrown: unknown,
): Pick<CheckResult, "verdict" | "code" | "message" | "hint" | "details"> {
  const { code, message, hint, details } = explainDenied(asDrillError(thrown));
  return { verdict: verdictOfCode(code), code, message, hint, details: [...details] };
}

/** The result of a check that an error ended before it could compare. */
export const resultOfError = (
  { id, title, part, judges, required }: Pick<CheckText, "id" | "title" | "part" | "judges" | "required">,
  thrown: unknown,
): CheckResult => ({ id, title, part, judges, required, ...verdictOfError(thrown), ms: 0, screenshots: [] });

/** The result of a check that was not reached. */
export const notReached = (check: CheckText, why: string): CheckResult => notRun(check, "CHECK_NOT_RUN", why);

/**
 * The result of a check that only a deeper drill runs: NOT RUN, and not required, because a person asked for less. The first
 * line of the drill names its level.
 */
export const aboveLevel = (check: CheckText, level: Level): CheckResult => ({
  ...notRun(
    check,
    "CHECK_ABOVE_LEVEL",
    `not run: this is a ${level} drill, and it takes a ${check.level} one`,
  ),
  required: false,
  hint: `${PROGRAM} drill --level ${check.level}`,
});

function notRun(
  { id, title, part, judges, required }: CheckText,
  code: ErrorCode,
  message: string,
): CheckResult {
  return {
    ...{ id, title, part, judges, required, code, message },
    verdict: "not_run",
    details: [],
    ms: 0,
    screenshots: [],
  };
}
