import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { DrillError, type ErrorCode } from "../../../src/base/errors.ts";
import type { CheckText } from "../../../src/checks/check.ts";
import { durationChecks, durationOf } from "../../../src/checks/duration.ts";
import { DrillRecord } from "../../../src/drill/record/record.ts";
import { resultEvent } from "../../../src/report/json.ts";
import { ASIDE_PHASES } from "../../../src/checks/result.ts";
import { runCheck } from "../../../src/checks/run.ts";

const signal = new AbortController().signal;
const [duration] = durationChecks;
const MINUTE = 60_000;
const PHASES = [{ title: "Start", ms: 2 * MINUTE }, { title: "Restore", ms: 12 * MINUTE }];

const judge = (elapsed: number, { whole = true, phases = PHASES } = {}) =>
  runCheck(duration!, durationOf({ elapsed, phases, whole }, 15 * MINUTE), signal);

describe("how long a drill takes", () => {
  it("lists its parts, the longest first, and what lies between them", async () => {
    const { verdict, details } = await judge(14 * MINUTE + 3_000);
    assertEquals([verdict, details], [
      "pass",
      ["Restore: 12 min", "Start: 2 min", "Between these parts: 3 s"],
    ]);
  });

  it("fails over the limit, and names the part that took longest", async () => {
    const { verdict, message, hint } = await judge(15 * MINUTE + 1);
    assertEquals(verdict, "fail");
    assertMatch(message ?? "", /^the drill took 15 min, 15 min are allowed; longest was Restore: 12 min$/);
    assertMatch(hint ?? "", /max_duration/);
  });

  it("leaves out what differs from night to night", async () => {
    const aside = ASIDE_PHASES.map((title) => ({ title, ms: 60 * MINUTE }));
    const { verdict, details } = await judge(134 * MINUTE, { phases: [...PHASES, ...aside] });
    assertEquals([verdict, details.length], ["pass", 2]);
  });

  it("of one that broke off is a FAIL over the limit, and NOT RUN below it: never a PASS", async () => {
    const late = await judge(16 * MINUTE, { whole: false });
    assertEquals(late.verdict, "fail");
    assertMatch(late.message ?? "", /^the drill took 16 min until an error ended it, /);
    const early = await judge(3 * MINUTE, { whole: false });
    assertEquals([early.verdict, early.required, early.code], ["not_run", true, "CHECK_NOT_RUN"]);
  });
});

describe("a drill that broke off", () => {
  const text = (id: string): CheckText => ({
    ...{
      id,
      part: "data",
      judges: "restore",
      level: "fast",
      given: "what was restored",
      title: id,
      required: true,
    },
  });
  const checks = [text("data.a"), text("browser.b"), duration!];
  /** Breaks off with `code` after data.a ended so, and has taken longer than it may. */
  async function brokeOff(a: boolean, code: ErrorCode, { slow = true } = {}) {
    const record = new DrillRecord({
      ...{ from: "prod", set: "latest", into: "sandbox", seed: "s", lab: undefined, level: "fast" },
      ...{ checks, onCheck: () => {}, reporter: silentReporter },
    });
    const run = () =>
      Promise.resolve({ equal: a, compared: { expected: 1, found: 2, with: "x" }, message: "it differs" });
    const twin = { by: "x", apply: () => Promise.resolve(0) };
    await record.checks.run([{ ...text("data.a"), judges: "restore", run, twin }], 0, signal);
    const whole = record.checks.pending(durationChecks).length === 0;
    record.endedBy(new DrillError(code, "Cannot look: it is gone", "Bring it back."), durationChecks);
    await record.checks.run(
      durationChecks,
      durationOf({ elapsed: 2_000, phases: [], whole }, slow ? 1_000 : 3_000),
      signal,
    );
    return record.finish();
  }
  const cause = (result: Awaited<ReturnType<typeof brokeOff>>) => {
    const { exit, code } = resultEvent(result, undefined);
    return [exit, code];
  };

  it("tells first what broke it, then that it was slow", async () => {
    const result = await brokeOff(true, "BROWSER_MISSING");
    assertEquals(result.company, "prod"); // nothing was read of the company, and it is not the sandbox's
    assertEquals(result.checks.map(({ id, verdict }) => `${id} ${verdict}`), [
      "data.a pass",
      "browser.b not_run",
      "drill.duration fail",
    ]);
    assertMatch(
      result.headline,
      /^prod\/latest: Cannot look: it is gone; and the drill took 2 s until an error ended it/,
    );
    assertEquals(cause(result), [1, "BROWSER_MISSING"]);
  });

  it("hides no FAIL that was there before it broke off", async () => {
    const result = await brokeOff(false, "BROWSER_MISSING");
    assertEquals([result.headline, ...cause(result)], ["prod/latest: it differs", 1, "CHECK_FAILED"]);
  });

  it("is NOT RUN, and its time too, where it was quick", async () => {
    const result = await brokeOff(true, "BROWSER_MISSING", { slow: false });
    assertEquals([result.verdict, ...cause(result)], ["not_run", 2, "BROWSER_MISSING"]);
    assertEquals(result.headline, "prod/latest: Cannot look: it is gone");
    assertEquals(result.checks.at(-1)?.verdict, "not_run");
  });
});
