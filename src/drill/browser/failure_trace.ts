/**
 * Evidence of a check in the browser that failed: a picture of the page, and a trace of a second run of the check. Tracing
 * every page would make each take half as long again (measured on 22.0.4), so a trace is made after a failure alone. The
 * second run changes no verdict; the result says whether it ended as the first one. Where the database is gone by then,
 * the check is NOT RUN.
 */

import { messageOf } from "../../base/errors.ts";
import type { Check } from "../../checks/check.ts";
import { type BrowserContext, pictureNow } from "../../checks/browser/context.ts";
import { traceName } from "../../report/words.ts";
import type { CheckResult } from "../../checks/result.ts";
import { resultOfError, runCheck } from "../../checks/run.ts";

/** Its trace would hold the password. */
const NEVER_TRACED = "browser.sign_in";

/** Runs one check as `runCheck` does. The result of one that fails has a picture of the page and a trace of a second run. */
export async function traceFailure(
  check: Check<BrowserContext>,
  context: BrowserContext,
  signal: AbortSignal,
): Promise<CheckResult> {
  const first = await runCheck(check, context, signal);
  if (first.verdict !== "fail") return first;
  try {
    await context.session.query("SELECT 1");
  } catch (error) {
    signal.throwIfAborted();
    return resultOfError(check, error); // the page failed without its database: that says nothing about the backup
  }
  const screenshots = first.screenshots.length > 0
    ? first.screenshots
    : await pictureNow(context, `The page on which this failed: ${check.title}`);
  if (check.id === NEVER_TRACED) return { ...first, screenshots };
  const { trace, detail } = await traceAgain(check, { ...context }, signal, first);
  return { ...first, screenshots, details: [...first.details, detail], trace };
}

async function traceAgain(
  check: Check<BrowserContext>,
  context: BrowserContext,
  signal: AbortSignal,
  first: CheckResult,
): Promise<{ trace?: Uint8Array; detail: string }> {
  const { tracing } = context.erp.context;
  const folder = await Deno.makeTempDir({ prefix: "dolibarr-drill-trace-" });
  try {
    await tracing.start({ screenshots: true, snapshots: true });
    const again = await runCheck(check, context, signal);
    await tracing.stop({ path: `${folder}/trace.zip` });
    const trace = await Deno.readFile(`${folder}/trace.zip`);
    return {
      trace,
      detail: `${comparedWith(first, again)}: npx playwright show-trace ${traceName(check.id)}`,
    };
  } catch (error) {
    await tracing.stop().catch(() => undefined); // it may not have begun; the first error is the reason
    signal.throwIfAborted();
    return { detail: `no trace of a second run could be made: ${messageOf(error).split("\n")[0]}` };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function comparedWith(first: CheckResult, again: CheckResult): string {
  if (again.verdict === "pass") {
    return "a second run passed, so the failure is not permanent; its trace is beside the report";
  }
  if (again.message === first.message) {
    return "a second run failed in the same way; its trace is beside the report";
  }
  return `a second run failed otherwise, ${again.message}; its trace is beside the report`;
}
