/**
 * What is kept of a check in the browser that failed: the page as it was, and a trace of a second look at it. A trace of
 * every page would make each of them take half as long again (measured on 22.0.4), so it is made when there is something
 * to look at. The second look changes no verdict; it says whether it ended as the first. Where the database is gone by
 * then, it is NOT RUN.
 */

import { messageOf } from "../../base/errors.ts";
import type { Check } from "../../checks/check.ts";
import { type BrowserContext, takeScreenshot } from "../../checks/browser/context.ts";
import { traceName } from "../../report/words.ts";
import type { CheckResult, Screenshot } from "../../checks/result.ts";
import { resultOfError, runCheck } from "../../checks/run.ts";

/** Its trace would hold the password. */
const NEVER_TRACED = "browser.sign_in";

/** Runs one check as `runCheck` does; of one that fails it keeps the page, and a trace of a second look. */
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
    return resultOfError(check, error); // the page failed for want of a database: that says nothing of the backup
  }
  const screenshots = first.screenshots.length > 0 ? first.screenshots : await shownNow(context, check);
  if (check.id === NEVER_TRACED) return { ...first, screenshots };
  const { trace, said } = await traced(check, { ...context }, signal, first);
  return { ...first, screenshots, details: [...first.details, said], trace };
}

/** The page on which it failed; none where there is none any more. */
async function shownNow({ erp }: BrowserContext, { title }: Check<BrowserContext>): Promise<Screenshot[]> {
  if (!erp.page.url().startsWith(erp.base)) return [];
  return await takeScreenshot(erp, `The page on which this failed: ${title}`).then((one) => [one], () => []);
}

async function traced(
  check: Check<BrowserContext>,
  context: BrowserContext,
  signal: AbortSignal,
  first: CheckResult,
): Promise<{ trace?: Uint8Array; said: string }> {
  const { tracing } = context.erp.context;
  const folder = await Deno.makeTempDir({ prefix: "dolibarr-drill-trace-" });
  try {
    await tracing.start({ screenshots: true, snapshots: true });
    const again = await runCheck(check, context, signal);
    await tracing.stop({ path: `${folder}/trace.zip` });
    const trace = await Deno.readFile(`${folder}/trace.zip`);
    return { trace, said: `${inWords(first, again)}: npx playwright show-trace ${traceName(check.id)}` };
  } catch (error) {
    await tracing.stop().catch(() => undefined); // it may not have begun; what failed is told
    signal.throwIfAborted();
    return { said: `no trace of a second look could be kept: ${messageOf(error).split("\n")[0]}` };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function inWords(first: CheckResult, again: CheckResult): string {
  if (again.verdict === "pass") {
    return "a second look passed, so it comes and goes; its trace is beside the report";
  }
  if (again.message === first.message) return "a second look found the same; its trace is beside the report";
  return `a second look found another thing, ${again.message}; its trace is beside the report`;
}
