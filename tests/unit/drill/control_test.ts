import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { DrillError } from "../../../src/base/errors.ts";
import { cannotRun, expectEqual, type RestoreCheck } from "../../../src/checks/check.ts";
import { chooseControl, type Tried, triedOf } from "../../../src/report/control_choice.ts";
import { tryControl } from "../../../src/drill/negative_control/attempt.ts";
import type { SavedSandbox } from "../../../src/drill/negative_control/saved_sandbox.ts";

const NIGHT = 86_400_000;
const idsOf = (count: number) => Array.from({ length: count }, (_, at) => ({ id: `check.${at}` }));
const tried = (check: string, night: number, verdict: Tried["verdict"] = "seen"): Tried => ({
  check,
  by: "something",
  at: new Date(night * NIGHT),
  verdict,
});

describe("the choice of the negative control", () => {
  it("tries every check in as many nights as there are, and again in the same order", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.string(), (count, seed) => {
        const checks = idsOf(count);
        const history: Tried[] = [];
        const nights: string[] = [];
        for (let night = 0; night < 2 * count; night++) {
          const { id } = chooseControl(checks, history, `${seed}${night}`)!;
          nights.push(id);
          history.splice(0, history.length, ...history.filter(({ check }) => check !== id), tried(id, night));
        }
        assertEquals(new Set(nights.slice(0, count)).size, count);
        assertEquals(nights.slice(count), nights.slice(0, count));
      }),
      { numRuns: 50 },
    );
  });

  it("tries one again that was missed, until it is seen", () => {
    const checks = idsOf(3);
    const history = [tried("check.0", 1), tried("check.2", 9, "missed")];
    assertEquals(chooseControl(checks, history, "s")?.id, "check.2");
    assertEquals(chooseControl(checks, [history[0]!, tried("check.2", 10)], "s")?.id, "check.1");
  });

  it("goes on after one that could not be tried, forgets one that is gone, and chooses none of none", () => {
    const history = [tried("check.0", 2, "not_run"), tried("check.1", 1), tried("gone", 0, "missed")];
    assertEquals(chooseControl(idsOf(2), history, "s")?.id, "check.1");
    assertEquals(chooseControl([], history, "s"), undefined);
  });

  it("begins elsewhere with another seed", () => {
    const first = new Set(["a", "b", "c", "d", "e"].map((seed) => chooseControl(idsOf(20), [], seed)?.id));
    assert(first.size > 1);
  });

  it("knows the newest try of each, whatever the order of the drills", () => {
    const drill = (night: number, check?: string) => ({
      endedAt: new Date(night * NIGHT).toISOString(),
      ...(check ? { control: { check, by: "b", verdict: "seen" as const, message: "m", ms: 1 } } : {}),
    });
    const found = triedOf([drill(3, "b"), drill(5, "a"), drill(4), drill(1, "a")]);
    assertEquals(found.map(({ check, at }) => [check, at.getTime() / NIGHT]), [["b", 3], ["a", 5]]);
  });
});

describe("one negative control", () => {
  const signal = new AbortController().signal;
  const check = (
    run: RestoreCheck<number>["run"],
    apply = (found: number) => Promise.resolve(found + 1),
  ) => ({
    ...{
      id: "a.check",
      part: "data" as const,
      judges: "restore" as const,
      level: "fast" as const,
      given: "a number",
      title: "It is 1",
    },
    ...{ required: true, run, twin: { by: "one more", apply } },
  });
  const sees = (found: number) => Promise.resolve(expectEqual(1, found, "a number"));
  const tried = (one: RestoreCheck<number>, saved?: Partial<SavedSandbox>) => {
    const whole = {
      noteBroken: () => Promise.resolve(),
      reset: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
      ...saved,
    };
    return tryControl(one, () => Promise.resolve(1), whole, { again: true, signal });
  };

  it("is seen, or missed where the check passes or cannot run on what is broken", async () => {
    const { control, check: shown } = await tried(check(sees));
    assertEquals([control.verdict, shown.verdict, shown.required], ["seen", "pass", true]);
    const cannot = (found: number) =>
      found === 1 ? sees(1) : Promise.reject(cannotRun("the tool is gone", "Install it."));
    for (const blind of [() => sees(1), cannot]) {
      const { control, check: shown } = await tried(check(blind));
      assertEquals([control.verdict, shown.verdict, shown.code], ["missed", "fail", "CHECK_FAILED"]);
      assertEquals(
        control.message.startsWith("a.check did not fail on a broken sandbox (one more): it "),
        true,
      );
    }
  });

  it("of a check that must be NOT RUN is seen in a required NOT RUN with that code alone", async () => {
    const answering = (run: RestoreCheck<number>["run"]) => {
      const one = check(run);
      return { ...one, twin: { ...one.twin, answersWith: "MARK_NOT_SEEN" as const } };
    };
    const unseen = (found: number) =>
      Promise.resolve({ ...expectEqual(1, found, "a number"), notRun: "MARK_NOT_SEEN" as const });
    const { control, check: shown } = await tried(answering(unseen));
    assertEquals([control.verdict, shown.verdict], ["seen", "pass"]);
    const cannot = (found: number) =>
      found === 1 ? sees(1) : Promise.reject(cannotRun("the tool is gone", "Install it."));
    for (const blind of [() => sees(1), sees, cannot]) {
      assertEquals((await tried(answering(blind))).control.verdict, "missed");
    }
    assertEquals((await tried(check(unseen))).control.verdict, "missed", "it must FAIL");
  });

  it("is NOT RUN where the check does not pass on what is whole, or nothing can be broken like this", async () => {
    const never = await tried(check(() => sees(5)));
    assertEquals([never.control.verdict, never.check.verdict, never.check.required], [
      "not_run",
      "not_run",
      true,
    ]);
    const nothing = await tried(check(sees, () => Promise.reject(new TypeError("there is no invoice"))));
    assertEquals([nothing.control.verdict, nothing.check.required], ["not_run", false]);
  });

  it("is no pass where the sandbox cannot be put back, and says how to", async () => {
    const reset = () => Promise.reject(new DrillError("CONTENT_DIFFERS", "Cannot: it differs", "Restore."));
    const { check: shown } = await tried(check(sees), { reset });
    assertEquals([shown.verdict, shown.code, shown.required], ["fail", "CONTENT_DIFFERS", true]);
    const locked = () => Promise.reject(new DrillError("DATABASE_LOCKED", "Cannot: in use", "Wait."));
    const late = await tried(check(sees), { reset: locked });
    assertEquals([late.check.verdict, late.check.required], ["not_run", true]);
    assert(late.check.hint?.includes("dolibarr-drill rearm"));
    assertEquals((await tried(check(() => sees(1)), { reset: locked })).check.verdict, "fail");
  });
});
