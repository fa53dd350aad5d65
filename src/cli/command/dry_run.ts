/** `--dry-run`: what a verb would do, in place of doing it. No lease is taken, for that would be written to the store. */

import { type ExitStatus, exitStatusOf } from "../../base/errors.ts";
import { flag } from "./options.ts";
import type { Shell } from "./shell.ts";

/** The option of every verb that changes something. */
export const dryRunOption = flag("show what would be done, and change nothing");

/** Ends a dry run. `lines` say what would be done, one thing each. */
export function endDryRun(
  { out, finish }: Pick<Shell, "out" | "finish">,
  lines: readonly string[],
  about: Record<string, unknown>,
): ExitStatus {
  for (const line of lines) out(line);
  out(NOTHING_CHANGED);
  return finish({ verdict: "pass", ...about, dryRun: true });
}

/** Ends one that found out that the verb itself would end with a FAIL: with the same status. */
export function endBadDryRun(
  { out, say, finish }: Pick<Shell, "out" | "say" | "finish">,
  lines: readonly string[],
  { code, message, hint, ...about }:
    & { code: "SET_SUSPECT"; message: string; hint: string }
    & Record<string, unknown>,
): ExitStatus {
  for (const line of lines) out(line);
  out(NOTHING_CHANGED);
  say(message);
  say(hint);
  return finish({ verdict: "fail", exit: exitStatusOf(code), code, message, hint, ...about, dryRun: true });
}

export const NOTHING_CHANGED = "Nothing was changed: this was a dry run";
