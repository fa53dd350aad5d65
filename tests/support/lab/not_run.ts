/** The checks of a drill that may be NOT RUN, with their codes; a test fails on any other NOT RUN. */

import { assertEquals } from "@std/assert";
import type { ErrorCode } from "../../../src/base/errors.ts";
import { isWithin } from "../../../src/checks/check.ts";
import type { CheckResult, Level } from "../../../src/checks/result.ts";
import type { ErpKind } from "./lab.ts";
import { allChecks } from "../../../src/checks/all_checks.ts";

/** Checks for which the demo company has no data; the stand-in has no documents besides invoices. */
export const NOTHING_THERE: Record<ErpKind, readonly string[]> = {
  real: ["data.bookkeeping", "documents.more"],
  "stand-in": ["data.bookkeeping", "documents.more", "documents.papers"],
};
/** Checks that no lab can run: only a superuser can create amcheck, and no lab does. */
export const NOT_POSSIBLE: readonly string[] = ["data.index_contents"];

export type NotRun = Record<string, ErrorCode>;

/** The optional checks that a drill of this level leaves out on this ERP, each with its code. */
export function mayNotRun(kind: ErpKind, level: Level): NotRun {
  const above = allChecks.filter((check) => !isWithin(check.level, level)).map(({ id }) => id);
  return {
    ...all(NOTHING_THERE[kind], "NOTHING_TO_CHECK"),
    ...all(NOT_POSSIBLE, "CHECK_NOT_RUN"),
    ...all(above, "CHECK_ABOVE_LEVEL"),
  };
}

/** The checks of a level that are NOT RUN for one reason: by default those that need a page. */
export const notReached = (
  code: ErrorCode,
  level: Level,
  ids = (id: string) => id.startsWith("browser.") || id === "drill.duration",
): NotRun =>
  all(
    allChecks.filter((check) => ids(check.id) && isWithin(check.level, level)).map(({ id }) => id),
    code,
  );

/** A check in a result or in an event of `--json`. */
type ReportedCheck = Pick<CheckResult, "id" | "verdict" | "required" | "code">;

/** Asserts that exactly the checks of `optional` and `required` are NOT RUN, with these codes. */
export function assertNotRun(
  checks: readonly ReportedCheck[],
  optional: NotRun,
  required: NotRun = {},
): void {
  // whether there is a register of an earlier night to compare with depends on the lab's age, not on what is tested
  const found = checks.filter(({ id, verdict, code }) =>
    verdict === "not_run" && (id !== "data.register" || code !== "NOTHING_TO_CHECK" || id in optional)
  );
  assertEquals(
    lines(found.map(({ id, code, required }) => [id, code, required])),
    [
      ...lines(Object.entries(optional).map(([id, code]) => [id, code, false])),
      ...lines(Object.entries(required).map(([id, code]) => [id, code, true])),
    ].sort(),
  );
}

/** Asserts that every check passed, except those that may be NOT RUN. */
export function assertWholePass(
  checks: readonly ReportedCheck[],
  kind: ErpKind,
  level: Level = "standard",
): void {
  assertEquals(checks.filter(({ verdict }) => verdict === "fail"), []);
  assertNotRun(checks, mayNotRun(kind, level));
}

const all = (ids: readonly string[], code: ErrorCode): NotRun =>
  Object.fromEntries(ids.map((id) => [id, code]));

const lines = (list: readonly [string, string | undefined, boolean][]): string[] =>
  list.map(([id, code, required]) => `${id} ${code}${required ? ", required" : ""}`).sort();
