/**
 * Which ERP answers. Until both of the drill's marks were seen, a page may be that of another ERP, so nothing on it is
 * judged: what keeps a mark from being seen is the sandbox's fault, and NOT RUN (docs/design.md, rules 3 and 9).
 */

import { asDrillError, DrillError } from "../../base/errors.ts";
import { verdictOfCode } from "../../base/verdict.ts";
import { PageFault } from "../../dolibarr/pages/visit/page_fault.ts";
import type { RestoreCheck, RestoreOutcome } from "../check.ts";
import { type BrowserContext, type Mark, pictureNow } from "./context.ts";

/** Where to look when a mark is not seen at `address`. */
const whereToLook = (mark: Mark, address: string): string =>
  `The backup is not at fault. ${
    mark === "message"
      ? `Check web.url of the sandbox, ${address}, and its ingress, and in its conf.php $dolibarr_main_db_host and $dolibarr_main_db_name.`
      : `Check the folder that the program at ${address} has mounted, and in its conf.php $dolibarr_main_data_root.`
  }`;

/** The check that looks for `mark`: it passes, or is NOT RUN. */
export const lookingFor = (
  mark: Mark,
  check: RestoreCheck<BrowserContext>,
): RestoreCheck<BrowserContext> => ({
  ...check,
  async run(context) {
    const outcome = await withoutFail(mark, check, context);
    if (outcome.equal) context.seen[mark] = true;
    return outcome;
  },
});

/** The check, which is NOT RUN for the same reason as the check of the mark where one of `marks` was not seen. */
export const afterMarks = (
  marks: readonly Mark[],
  check: RestoreCheck<BrowserContext>,
): RestoreCheck<BrowserContext> => ({
  ...check,
  run: (context) =>
    marks.every((mark) => context.seen[mark])
      ? check.run(context)
      : Promise.reject(notLookedAt(context.seen.unseen)),
});

/** The check, which is NOT RUN where the configured account may not see its page: that is no fault of what was restored. */
export const withAccount = (check: RestoreCheck<BrowserContext>): RestoreCheck<BrowserContext> => ({
  ...check,
  async run(context) {
    try {
      return await check.run(context);
    } catch (thrown) {
      throw context.account.configured && isRefusal(thrown) ? accountRefused(thrown) : thrown;
    }
  },
});

/** What the check of a mark found, with NOT RUN in the place of FAIL. @throws DrillError where it could not look. */
async function withoutFail(
  mark: Mark,
  check: RestoreCheck<BrowserContext>,
  context: BrowserContext,
): Promise<RestoreOutcome> {
  try {
    const outcome = await check.run(context);
    if (outcome.equal) return outcome;
    return notSeen(mark, context, outcome);
  } catch (thrown) {
    const error = asDrillError(thrown);
    if (verdictOfCode(error.code) !== "fail") {
      context.seen.unseen ??= error;
      throw error;
    }
    return notSeen(mark, context, {
      equal: false,
      compared: { expected: "this drill's mark", found: "another page", with: check.title },
      message: error.message,
      hint: error.hint,
      details: [...error.details],
      screenshots: await pictureNow(context, "What the address of the sandbox shows"),
    });
  }
}

function notSeen(mark: Mark, { seen, erp }: BrowserContext, outcome: RestoreOutcome): RestoreOutcome {
  const message = outcome.message ?? "this drill's mark was not seen";
  const hint = [whereToLook(mark, erp.base), outcome.hint].filter((text) => text).join(" ");
  seen.unseen ??= new DrillError("MARK_NOT_SEEN", message, hint);
  return { ...outcome, notRun: "MARK_NOT_SEEN", message, hint };
}

const notLookedAt = (unseen: DrillError | undefined): DrillError =>
  unseen ? new DrillError(unseen.code, `not looked at: ${unseen.message}`, unseen.hint) : new DrillError(
    "MARK_NOT_SEEN",
    "not looked at: this drill's marks were not looked for, so this page may be that of another ERP",
    "See why the checks before it did not run.",
  );

const isRefusal = (thrown: unknown): thrown is PageFault =>
  thrown instanceof PageFault && (thrown.kind === "access_forbidden" || thrown.kind === "wrong_password");

const accountRefused = (fault: PageFault): DrillError =>
  new DrillError(
    "ACCOUNT_REFUSED",
    fault.message,
    `The backup is not at fault. ${fault.hint} Or remove web.user and web.password: a drill then makes an account of its own.`,
    { cause: fault, details: fault.details },
  );
