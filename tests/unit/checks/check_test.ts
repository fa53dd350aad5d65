import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError, type ErrorCode } from "../../../src/base/errors.ts";
import { exitOf } from "../../../src/base/verdict.ts";
import { expectEqual, expectNone, type RestoreCheck } from "../../../src/checks/check.ts";
import type { CheckResult, Verdict } from "../../../src/checks/result.ts";
import { runCheck } from "../../../src/checks/run.ts";
import { overallVerdict } from "../../../src/checks/overall_verdict.ts";

const signal = new AbortController().signal;
const checkThat = (run: RestoreCheck<null>["run"]): RestoreCheck<null> => ({
  id: "x",
  part: "data",
  judges: "restore",
  level: "fast",
  given: "x",
  title: "x",
  required: true,
  run,
  twin: { by: "x", apply: (context) => Promise.resolve(context) },
});
const throwing = (code: ErrorCode) =>
  checkThat(() => Promise.reject(new DrillError(code, "Cannot look", "Try again")));
const result = (verdict: Verdict, required = true): CheckResult => ({
  id: "x",
  title: "x",
  part: "data",
  judges: "restore",
  required,
  verdict,
  details: [],
  ms: 1,
  screenshots: [],
});

describe("a check", () => {
  it("passes only when both sides are equal", async () => {
    assertEquals(
      (await runCheck(checkThat(() => Promise.resolve(expectEqual(3, 3, "x"))), null, signal)).verdict,
      "pass",
    );
    const failed = await runCheck(checkThat(() => Promise.resolve(expectEqual(3, 2, "x"))), null, signal);
    assertEquals([failed.verdict, failed.message], ["fail", "found 2, expected 3"]);
  });

  it("fails where there was nothing to look at", () =>
    assertEquals(expectNone([], 0, "invoices").equal, false));

  it("fails on what was checked and bad, and is NOT RUN on what could not be done", async () => {
    assertEquals((await runCheck(throwing("CHECK_FAILED"), null, signal)).verdict, "fail");
    for (
      const code of ["WEB_UNREACHABLE", "BROWSER_MISSING", "DATABASE_UNREACHABLE", "TIME_LIMIT"] as const
    ) {
      assertEquals((await runCheck(throwing(code), null, signal)).verdict, "not_run");
    }
  });

  it("is NOT RUN, never passed, on a defect of its own", async () => {
    const broken = await runCheck(
      checkThat(() => Promise.reject(new TypeError("x is undefined"))),
      null,
      signal,
    );
    assertEquals([broken.verdict, broken.code], ["not_run", "INTERNAL"]);
  });

  it("does not turn an interruption into a verdict", async () => {
    const stopped = new AbortController();
    stopped.abort(new Error("stop"));
    await assertRejects(
      () => runCheck(checkThat(() => Promise.resolve(expectEqual(1, 1, "x"))), null, stopped.signal),
      Error,
      "stop",
    );
  });
});

describe("the verdict over all checks", () => {
  const cases: [string, CheckResult[], Verdict, number][] = [
    ["all passed", [result("pass"), result("pass")], "pass", 0],
    ["one failed", [result("pass"), result("fail")], "fail", 1],
    ["one failed and one could not run: the failure wins", [result("not_run"), result("fail")], "fail", 1],
    ["an optional one failed", [result("pass"), result("fail", false)], "fail", 1],
    ["a required one could not run", [result("pass"), result("not_run")], "not_run", 2],
    ["an optional one could not run", [result("pass"), result("not_run", false)], "pass", 0],
    ["only optional ones that could not run", [result("not_run", false)], "not_run", 2],
    ["no checks at all prove nothing", [], "not_run", 2],
  ];
  for (const [what, checks, verdict, exit] of cases) {
    it(
      what,
      () => assertEquals([overallVerdict(checks), exitOf(overallVerdict(checks))], [verdict, exit as never]),
    );
  }
});
