/** One negative control: the sandbox is broken in one way, the check that must fail on it is run, and the sandbox is reset. */

import { messageOf } from "../../base/errors.ts";
import { PROGRAM } from "../../base/program_name.ts";
import type { Check, Twin } from "../../checks/check.ts";
import type { CheckResult, ControlResult } from "../../checks/result.ts";
import { runCheck, verdictOfError } from "../../checks/run.ts";
import type { SavedSandbox } from "./saved_sandbox.ts";

/** What came of a control: for the result, and as the check that the drill shows. */
export interface ControlOutcome {
  control: ControlResult;
  check: CheckResult;
}

/** What a control needs to know of a check, whatever its context is. */
export interface ControlledCheck {
  id: string;
  twin: Pick<Twin<never>, "by" | "changes">;
}

interface ControlOptions {
  /** Runs the check on the unbroken sandbox first, where it must pass. */
  again: boolean;
  /** When this control was tried before. */
  lastTried?: Date;
  /** A result of the check as the drill counts it: without what a person accepted. */
  judge?: (result: CheckResult) => CheckResult;
  signal: AbortSignal;
}

/**
 * Breaks the sandbox by the twin of `check`, runs `check`, and resets the sandbox. Whatever goes wrong is in the outcome.
 *
 * @param unbroken returns the context of the check before anything is broken.
 * @param saved undefined where the twin changes nothing in the sandbox.
 * @throws only when interrupted: the note on the disk then says what was broken.
 */
export async function tryControl<Context>(
  check: Check<Context>,
  unbroken: () => Promise<Context>,
  saved: SavedSandbox | undefined,
  { again, lastTried, judge = (result) => result, signal }: ControlOptions,
): Promise<ControlOutcome> {
  const began = performance.now();
  const run = async (context: Context) => judge(await runCheck(check, context, signal));
  let found = await breakAndRun(check, run, unbroken, saved, again, signal);
  signal.throwIfAborted();
  try {
    await saved?.reset();
  } catch (error) {
    signal.throwIfAborted();
    found = notReset(check, found, error);
  }
  return outcomeOf(check, found, Math.round(performance.now() - began), lastTried);
}

/** The outcome of a control whose sandbox could not be saved, so that nothing was broken. */
export function controlNotTried(check: ControlledCheck, thrown: unknown, lastTried?: Date): ControlOutcome {
  const message = `the sandbox could not be saved, so it was not broken: ${messageOf(thrown)}`;
  const shown = { ...verdictOfError(thrown), message, verdict: "not_run" } as const;
  return outcomeOf(check, { verdict: "not_run", message, shown }, 0, lastTried);
}

const SHOWN_AS = {
  id: "drill.negative_control",
  title: "The sandbox, broken on purpose, makes the check fail that must see it",
  part: "browser",
  judges: "restore",
  required: true,
} as const;

interface Found {
  verdict: ControlResult["verdict"];
  message: string;
  /** What of the check that is shown is not as in `SHOWN_AS`. */
  shown: Pick<CheckResult, "verdict"> & Partial<CheckResult>;
}

const outcomeOf = (
  { id, twin: { by } }: ControlledCheck,
  { verdict, message, shown }: Found,
  ms: number,
  lastTried: Date | undefined,
): ControlOutcome => ({
  control: {
    ...{ check: id, by, verdict, message, ms },
    ...(lastTried ? { lastTried: lastTried.toISOString() } : {}),
  },
  check: { ...SHOWN_AS, message, details: [], screenshots: [], ms, ...shown },
});

async function breakAndRun<Context>(
  check: Check<Context>,
  run: (context: Context) => Promise<CheckResult>,
  unbroken: () => Promise<Context>,
  saved: SavedSandbox | undefined,
  again: boolean,
  signal: AbortSignal,
): Promise<Found> {
  const { id, twin: { by, apply, answersWith } } = check;
  let broken: Context;
  try {
    const whole = await unbroken();
    const before = again ? await run(whole) : undefined;
    if (before && before.verdict !== "pass") {
      return notTried(`${id} passed before, and does not when it is run again: ${before.message}`, true);
    }
    await saved?.noteBroken(id, by);
    broken = await apply(whole);
  } catch (error) {
    signal.throwIfAborted();
    return notTried(`the sandbox could not be broken (${by}): ${messageOf(error)}`, false);
  }
  const found = await run(broken);
  const compared = { expected: answersWith ?? "fail", found: answerOf(found), with: `${by}: ${id}` };
  if (hasSeenTwin(found, check.twin)) {
    const message = `${by}: seen by ${id}: ${found.message}`;
    return { verdict: "seen", message, shown: { verdict: "pass", compared, details: [message] } };
  }
  const instead = found.verdict === "pass" ? "it passed" : `it was NOT RUN (${found.message})`;
  const message =
    `${id} did not fail on a broken sandbox (${by}): ${instead}, so this check proves nothing about the backup`;
  const hint =
    "Do not rely on this check since it was last seen to fail. Report it with this drill's report.json.";
  return {
    verdict: "missed",
    message,
    shown: { verdict: "fail", compared, code: "CHECK_FAILED", hint },
  };
}

/**
 * Whether a check answered on its own twin as it must: FAIL, or, where what the twin does is a fault of the sandbox, a
 * required NOT RUN with the code of just that. A check that could not look for another reason has seen nothing.
 */
export const hasSeenTwin = (
  { verdict, required, code }: Pick<CheckResult, "verdict" | "required" | "code">,
  { answersWith }: Pick<Twin<never>, "answersWith">,
): boolean =>
  answersWith === undefined ? verdict === "fail" : verdict === "not_run" && required && code === answersWith;

const answerOf = ({ verdict, code }: CheckResult): string =>
  verdict === "not_run" ? code ?? verdict : verdict;

/** @param required false: what could not be broken does not keep the drill from passing; true: the check itself is in doubt. */
const notTried = (message: string, required: boolean): Found => ({
  verdict: "not_run",
  message,
  shown: { verdict: "not_run", code: "CHECK_NOT_RUN", required },
});

function notReset(check: ControlledCheck, { verdict, shown }: Found, thrown: unknown): Found {
  const error = verdictOfError(thrown);
  const message = `the sandbox was broken (${check.twin.by}) and could not be reset: ${error.message}`;
  return {
    verdict,
    message,
    shown: {
      ...shown,
      ...error,
      message,
      verdict: shown.verdict === "fail" ? "fail" : error.verdict,
      required: true,
      hint: `The sandbox is noted as broken. Reset it: ${PROGRAM} rearm; or restore into it. ${error.hint}`,
    },
  };
}
