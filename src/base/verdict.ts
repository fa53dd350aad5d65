/** Verdicts, and the exit statuses and error codes that belong to each. */

import { type ErrorCode, EXIT, type ExitStatus, exitStatusOf } from "./errors.ts";

/** The result of a check, a drill or a verb. NOT RUN is never green. */
export type Verdict = "pass" | "fail" | "not_run";

/** The exit status of a verb that ends with this verdict. */
export const exitOf = (verdict: Verdict): 0 | 1 | 2 =>
  verdict === "pass" ? EXIT.ok : verdict === "fail" ? EXIT.bad : EXIT.couldNot;

/** The verdict that a verb's exit status stands for; an interrupted verb proved nothing. */
export const verdictOfExit = (exit: ExitStatus): Verdict =>
  exit === EXIT.ok ? "pass" : exit === EXIT.bad ? "fail" : "not_run";

/**
 * The verdict of a verb or a check that an error of this code ended: FAIL where something was checked and found bad, else
 * NOT RUN, as for the code of another version in a stored record.
 */
export const verdictOfCode = (code: string): "fail" | "not_run" =>
  exitStatusOf(code as ErrorCode) === EXIT.bad ? "fail" : "not_run";
