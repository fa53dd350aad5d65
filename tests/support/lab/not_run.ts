/** Which checks of a drill may be NOT RUN, and why: any other NOT RUN is a hole that a test must not pass over. */

import { assertEquals } from "@std/assert";
import type { ErrorCode } from "../../../src/base/errors.ts";
import { isWithin } from "../../../src/checks/check.ts";
import { ALL_CHECKS } from "../../../src/drill/drill.ts";
import type { CheckResult, Level } from "../../../src/checks/result.ts";
import type { ErpKind } from "./lab.ts";

/** What the demo company has nothing of: the stand-in writes no papers but invoices. */
export const NOTHING_THERE: Record<ErpKind, readonly string[]> = {
  real: ["data.bookkeeping"],
  "stand-in": ["data.bookkeeping", "documents.papers"],
};
/** What no lab can look into: only a superuser can create amcheck, and no lab does. */
export const NOT_POSSIBLE: readonly string[] = ["data.index_contents"];

export type NotRun = Record<string, ErrorCode>;

/** The checks that a whole drill of this level leaves out on this ERP, each with its code. None of them is required. */
export function mayNotRun(kind: ErpKind, level: Level): NotRun {
  const above = ALL_CHECKS.filter((check) => !isWithin(check.level, level)).map(({ id }) => id);
  return {
    ...all(NOTHING_THERE[kind], "NOTHING_TO_CHECK"),
    ...all(NOT_POSSIBLE, "CHECK_NOT_RUN"),
    ...all(above, "CHECK_ABOVE_LEVEL"),
  };
}

/** The checks of these parts of a level, NOT RUN for one reason: what a drill that could not open a page leaves out. */
export const notReached = (
  code: ErrorCode,
  level: Level,
  ids = (id: string) => id.startsWith("browser.") || id === "drill.duration",
): NotRun =>
  all(
    ALL_CHECKS.filter((check) => ids(check.id) && isWithin(check.level, level)).map(({ id }) => id),
    code,
  );

/** A check as a result or an event of `--json` tells of it. */
type Told = Pick<CheckResult, "id" | "verdict" | "required" | "code">;

/** Fails unless exactly the checks of `optional` and `required` are NOT RUN, with these codes, and so marked. */
export function assertNotRun(checks: readonly Told[], optional: NotRun, required: NotRun = {}): void {
  const found = checks.filter(({ verdict }) => verdict === "not_run");
  assertEquals(
    lines(found.map(({ id, code, required }) => [id, code, required])),
    [
      ...lines(Object.entries(optional).map(([id, code]) => [id, code, false])),
      ...lines(Object.entries(required).map(([id, code]) => [id, code, true])),
    ].sort(),
  );
}

/** Fails unless all passed but what may be NOT RUN. */
export function assertWholePass(checks: readonly Told[], kind: ErpKind, level: Level = "standard"): void {
  assertEquals(checks.filter(({ verdict }) => verdict === "fail"), []);
  assertNotRun(checks, mayNotRun(kind, level));
}

const all = (ids: readonly string[], code: ErrorCode): NotRun =>
  Object.fromEntries(ids.map((id) => [id, code]));

const lines = (list: readonly [string, string | undefined, boolean][]): string[] =>
  list.map(([id, code, required]) => `${id} ${code}${required ? ", required" : ""}`).sort();
