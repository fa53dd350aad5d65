/** A check: a sentence that is true or false of what was restored, and how it is found out. */

import { asDrillError, DrillError, type ErrorCode } from "../base/errors.ts";
import { verdictOfCode } from "../base/verdict.ts";
import {
  type CheckResult,
  type Compared,
  type Level,
  LEVELS,
  type Screenshot,
  type Verdict,
} from "./result.ts";

/** What is known of a check without its context. */
export interface CheckText {
  id: string;
  part: CheckResult["part"];
  /** The least deep drill that runs it. */
  level: Level;
  /** Given what it looks: "the restored database, before the first page is opened". */
  given: string;
  /** What is true when it passes: "every table has the rows and the content of the backup". */
  title: string;
  /** False: that it cannot be run here is printed and counted, and keeps nothing from being proved. */
  required: boolean;
}

/** A check, and its twin: no check exists that cannot be seen to fail. */
export interface Check<Context> extends CheckText {
  run(context: Context): Promise<Outcome>;
  broken: Breakage<Context>;
}

/** `documents`: the database too; `nothing`: it gives the check another context, and leaves the sandbox alone. */
export type Touched = "nothing" | "database" | "documents";

/** One way to break what a check looks at. */
export interface Breakage<Context> {
  /** What is done: "one line of an invoice raised by a cent". */
  by: string;
  /** What it changes in the sandbox, and so what must be put back after it. Where nothing is said: the documents too. */
  touches?: Touched;
  /**
   * Breaks the sandbox, as the login of its owner or in its documents, or what is known of the restore; nobody puts it
   * back here. It never lets the sandbox act on the world.
   *
   * @returns the context on which the check must say FAIL.
   */
  apply(context: Context): Promise<Context>;
}

/** Whether a drill of `wanted` runs what is of `level`. */
export const isWithin = (level: Level, wanted: Level): boolean =>
  LEVELS.indexOf(level) <= LEVELS.indexOf(wanted);

/** What a check found; `equal` decides. A check that cannot compare throws; see `nothingToLookAt`. */
export interface Outcome {
  equal: boolean;
  compared: Compared;
  /** Why not, when it is not equal, and what to do then, where more is to be said than to look at the backup. */
  message?: string;
  hint?: string;
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
    const { equal, compared, message, hint, details = [], screenshots = [] } = await check.run(context);
    const failed = equal
      ? {}
      : { code: "CHECK_FAILED", message: message ?? "the two sides differ", ...(hint ? { hint } : {}) };
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
    const required = about.required && !(thrown instanceof DrillError && thrown.code === "NOTHING_TO_CHECK");
    return { ...about, required, ...verdictOfError(thrown), ms: took(), screenshots: [] };
  }
}

/** What an error makes of the check that it ended. */
export function verdictOfError(
  thrown: unknown,
): Pick<CheckResult, "verdict" | "code" | "message" | "hint" | "details"> {
  const error = asDrillError(thrown);
  const { code, message, hint, details } = error;
  return { verdict: verdictOfCode(code), code, message, hint, details: [...details] };
}

/** A check that an error ended before it could look. */
export const verdictOfInterruption = (
  { id, title, part, required }: Pick<CheckText, "id" | "title" | "part" | "required">,
  thrown: unknown,
): CheckResult => ({ id, title, part, required, ...verdictOfError(thrown), ms: 0, screenshots: [] });

/** A check that was not reached, and why. */
export const notReached = (check: CheckText, why: string): CheckResult => notRun(check, "CHECK_NOT_RUN", why);

/**
 * A check that only a deeper drill runs. It is listed as NOT RUN and keeps nothing from being proved, for a person asked
 * for less: the drill's first line says of which level it was.
 */
export const aboveLevel = (check: CheckText, level: Level): CheckResult => ({
  ...notRun(
    check,
    "CHECK_ABOVE_LEVEL",
    `not looked at: this is a ${level} drill, and it takes a ${check.level} one`,
  ),
  required: false,
  hint: `dolibarr-drill drill --level ${check.level}`,
});

function notRun({ id, title, part, required }: CheckText, code: ErrorCode, message: string): CheckResult {
  return {
    ...{ id, title, part, required, code, message },
    verdict: "not_run",
    details: [],
    ms: 0,
    screenshots: [],
  };
}

/**
 * What a check throws where this ERP has nothing of its kind, or keeps it in a way that cannot be judged: it is then NOT
 * RUN, for a comparison of nothing is none, and not required, for what is not there cannot be lost. That it was there
 * when it was backed up, `data.rows` would see.
 */
export const nothingToLookAt = (why: string): DrillError =>
  new DrillError(
    "NOTHING_TO_CHECK",
    why,
    "Nothing is to be done: the rest of the drill does not depend on it.",
  );

/** What a check throws that this machine cannot run. */
export const cannotRun = (why: string, hint: string): DrillError =>
  new DrillError("CHECK_NOT_RUN", why, hint);

/**
 * The verdict over all checks: one FAIL is a FAIL; else one required NOT RUN is a NOT RUN; and no check at all proves nothing.
 */
export function verdictOf(checks: readonly CheckResult[]): Verdict {
  if (checks.some(({ verdict }) => verdict === "fail")) return "fail";
  if (checks.some(({ verdict, required }) => verdict === "not_run" && required)) return "not_run";
  return checks.some(({ verdict }) => verdict === "pass") ? "pass" : "not_run";
}

/** A finding that ends a check at once. */
export const finding = (message: string, details: string[] = []): DrillError =>
  new DrillError("CHECK_FAILED", message, "Compare the restored sandbox with the source.", { details });
