/** What a check is: a sentence about the restored ERP that is true or false, how that is found out, and how it fails. */

import { DrillError, type ErrorCode } from "../base/errors.ts";
import type { BooksOutcome } from "./findings/outcome.ts";
import {
  type CheckResult,
  type Compared,
  type Judged,
  type Level,
  LEVELS,
  type Screenshot,
} from "./result.ts";

/** What is known of a check without its context. */
export interface CheckText {
  /** `data.rows`, `browser.logo`: stable, for it stands in stored records. */
  id: string;
  part: CheckResult["part"];
  judges: Judged;
  /** The least deep drill that runs it. */
  level: Level;
  /** On what it is run: "the restored database, before the first page is opened". */
  given: string;
  /** What is true when it passes: "every table has the rows and the content of the backup". */
  title: string;
  /** False: where it cannot be run, that is printed and counted, and does not keep the drill from passing. */
  required: boolean;
}

interface CheckWithTwin<Context> extends CheckText {
  /** There is no check that cannot be made to fail. */
  twin: Twin<Context>;
}

/** A check of what was restored: it ends in no findings, because what it finds is not the ERP's own. */
export interface RestoreCheck<Context> extends CheckWithTwin<Context> {
  judges: "restore";
  /** @throws DrillError where it cannot compare: see `nothingToCheck`, `cannotRun`, `checkFailed`. */
  run(context: Context): Promise<RestoreOutcome>;
}

/** A check of the ERP as it was backed up: all that it finds wrong is a finding, which a person can accept. */
export interface BooksCheck<Context> extends CheckWithTwin<Context> {
  judges: "books";
  /** @throws DrillError where it cannot compare: see `nothingToCheck`, `cannotRun`. What is wrong is no error, but a finding. */
  run(context: Context): Promise<BooksOutcome>;
}

/** A check with its twin. */
export type Check<Context> = RestoreCheck<Context> | BooksCheck<Context>;

/** What a twin changes. `nothing`: it gives the check another context and leaves the sandbox alone. `documents`: both halves. */
export type Changes = "nothing" | "database" | "documents";

/** One way to break what a check is about, so that the check must fail. */
export interface Twin<Context> {
  /** What is done: "one line of an invoice raised by a cent". */
  by: string;
  /** What it changes in the sandbox, and so what must be reset after it. Default: `documents`. */
  changes?: Changes;
  /**
   * The code with which the check must be NOT RUN on it, where what it does is a fault of the sandbox and not of what was
   * restored. Absent: the check must say FAIL.
   */
  answersWith?: ErrorCode;
  /**
   * Breaks the sandbox (as the login of its owner, or in its documents) or what is known of the restore. The caller
   * resets the sandbox. It never lets the sandbox act on the world.
   *
   * @returns the context on which the check must say FAIL, or be NOT RUN with `answersWith`.
   */
  apply(context: Context): Promise<Context>;
}

/** What a check of the restore found; `equal` decides between PASS and FAIL. */
export interface RestoreOutcome {
  equal: boolean;
  compared: Compared;
  /**
   * Where the two sides differ over something that is wrong with the sandbox itself, so that nothing restored can be judged:
   * the check is then NOT RUN with this code, and keeps both sides and its pictures. Absent: FAIL.
   */
  notRun?: ErrorCode;
  /** Why it is not equal. */
  message?: string;
  /** What to do then, where there is more to do than to look at the backup. */
  hint?: string;
  details?: string[];
  screenshots?: Screenshot[];
  /** What is wrong with the ERP itself is for the checks of the books: see `outcomeOfFaults`. */
  findings?: never;
  notRestored?: never;
}

/**
 * Whether a drill of the level `wanted` runs what is of `level`: each level runs the checks of those before it too.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isWithin("fast", "standard"), true);
 * assertEquals(isWithin("deep", "standard"), false);
 * ```
 */
export const isWithin = (level: Level, wanted: Level): boolean =>
  LEVELS.indexOf(level) <= LEVELS.indexOf(wanted);

/**
 * The outcome of comparing two numbers or texts.
 *
 * @param compared where each side comes from, for the report.
 * @param message what the report says when they differ; default: both sides.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const outcome = expectEqual(277, 276, "the manifest's tables against the restored database");
 * assertEquals([outcome.equal, outcome.message], [false, "found 276, expected 277"]);
 * ```
 */
export function expectEqual(
  expected: string | number,
  found: string | number,
  compared: string,
  message?: string,
): RestoreOutcome {
  return {
    equal: expected === found,
    compared: { expected, found, with: compared },
    message: message ?? `found ${found}, expected ${expected}`,
  };
}

/**
 * The outcome of a search for problems, which passes when there is none.
 *
 * @param problems a sentence each; the first one is the message.
 * @param checked how many things were checked. None at all proves nothing: then it is not equal.
 * @param compared where each side comes from, for the report.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const outcome = expectNone(["FA2610-0004 has no PDF", "FA2610-0007 has no PDF"], 48, "each invoice against its PDF");
 * assertEquals(outcome.equal, false);
 * assertEquals(outcome.message, "FA2610-0004 has no PDF, and 1 more");
 * assertEquals(outcome.compared.found, 46);
 *
 * assertEquals(expectNone([], 48, "each invoice against its PDF").equal, true);
 * assertEquals(expectNone([], 0, "each invoice against its PDF").equal, false);
 * ```
 */
export function expectNone(problems: readonly string[], checked: number, compared: string): RestoreOutcome {
  if (checked === 0) {
    return {
      equal: false,
      compared: { expected: "at least 1", found: 0, with: compared },
      message: "there was nothing to compare",
    };
  }
  return {
    equal: problems.length === 0,
    compared: { expected: checked, found: checked - problems.length, with: compared },
    message: problems[0] && `${problems[0]}${problems.length > 1 ? `, and ${problems.length - 1} more` : ""}`,
    details: problems.slice(0, 20),
  };
}

/**
 * What a check throws where this ERP has nothing of its kind, or keeps it in a way that cannot be judged. The check is then
 * NOT RUN, because a comparison of nothing proves nothing, and not required: `data.rows` would see it if there had been
 * something in the backup.
 *
 * @param why a sentence without its full stop: "there are no payments".
 *
 * @example
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { DrillError } from "../base/errors.ts";
 *
 * const run = (payments: number) =>
 *   payments === 0 ? Promise.reject(nothingToCheck("there are no payments")) : Promise.resolve(payments);
 * const error = await assertRejects(() => run(0), DrillError);
 * assertEquals([error.code, error.message], ["NOTHING_TO_CHECK", "there are no payments"]);
 * ```
 */
export const nothingToCheck = (why: string): DrillError =>
  new DrillError(
    "NOTHING_TO_CHECK",
    why,
    "Nothing is to be done: the other checks do not depend on it.",
  );

/**
 * What a check throws that cannot be run on this machine: it is then NOT RUN.
 *
 * @param why a sentence without its full stop.
 * @param hint what makes it run, with the command.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const error = cannotRun("the program pdftotext is not installed", "apt-get install poppler-utils");
 * assertEquals([error.code, error.hint], ["CHECK_NOT_RUN", "apt-get install poppler-utils"]);
 * ```
 */
export const cannotRun = (why: string, hint: string): DrillError =>
  new DrillError("CHECK_NOT_RUN", why, hint);

/**
 * What a check of the restore throws that failed before it had two sides to compare: it is then FAIL.
 *
 * @param message why, a sentence without its full stop.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(checkFailed("no logo is set in the restored database").code, "CHECK_FAILED");
 * ```
 */
export const checkFailed = (message: string, details: string[] = []): DrillError =>
  new DrillError("CHECK_FAILED", message, "Compare the restored sandbox with the source.", { details });
