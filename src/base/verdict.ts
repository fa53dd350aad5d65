/** A verdict, and what it has to do with exit statuses and error codes: decided here, and nowhere else. */

import { type ErrorCode, EXIT, type ExitStatus, exitStatusOf } from "./errors.ts";

/** What came of a check, a drill or a verb. NOT RUN is never green. */
export type Verdict = "pass" | "fail" | "not_run";

/** The exit status of what came to an end with this verdict. */
export const exitOf = (verdict: Verdict): 0 | 1 | 2 =>
  verdict === "pass" ? EXIT.ok : verdict === "fail" ? EXIT.bad : EXIT.couldNot;

/** The verdict that a verb's exit status stands for; an interrupted verb proved nothing. */
export const verdictOfExit = (exit: ExitStatus): Verdict =>
  exit === EXIT.ok ? "pass" : exit === EXIT.bad ? "fail" : "not_run";

/**
 * What an error of this code makes of what it ended: FAIL where something was looked at and found bad, else NOT RUN.
 * A code of another version, out of a stored record, is NOT RUN.
 */
export const verdictOfCode = (code: string): "fail" | "not_run" =>
  exitStatusOf(code as ErrorCode) === EXIT.bad ? "fail" : "not_run";
