/** Checks that run one after the other, beside others that do so too. */

import { aboveLevel, type Check, isWithin, verdictOfInterruption } from "./check.ts";
import type { CheckResult, Level } from "./result.ts";

/** How one check is run: `runCheck`, or more than that. */
export type RunCheck<Context> = (
  check: Check<Context>,
  context: Context,
  signal: AbortSignal,
) => Promise<CheckResult>;

export interface Lane<Context> {
  checks: readonly Check<Context>[];
  /** Where it cannot be had, each of the checks says so. */
  context: Promise<Context>;
}

/** Begins to run the checks of a lane, and returns what each will have found, in their order. */
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
        (error) => verdictOfInterruption(check, error),
      );
    });
    before = result.catch(() => undefined); // told by whoever awaits `result`
    return result;
  });
}
