import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { expectEqual, type RestoreCheck } from "../../../src/checks/check.ts";
import { runCheck, runLane } from "../../../src/checks/run.ts";

const never = new AbortController().signal;

describe("checks in lanes", () => {
  const order: string[] = [];
  const check = (id: string, level: "fast" | "deep" = "fast"): RestoreCheck<string> => ({
    ...{ id, level, part: "browser", judges: "restore", given: "x", title: id, required: true },
    async run(context) {
      order.push(`${id} begins`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push(`${id} ends`);
      return expectEqual("mine", context, "x");
    },
    twin: { by: "x", apply: (context) => Promise.resolve(context) },
  });
  const lane = (context: Promise<string>, ...checks: RestoreCheck<string>[]) => ({ context, checks });

  it("run one after the other in a lane, beside those of another, each with its own context", async () => {
    order.length = 0;
    const lanes = [
      lane(Promise.resolve("mine"), check("a"), check("b")),
      lane(Promise.resolve("not mine"), check("c"), check("d", "deep")),
    ];
    const results = await Promise.all(lanes.flatMap((one) => runLane(one, "fast", never, runCheck)));
    assertEquals(results.map(({ id, verdict, code }) => [id, verdict, code]), [
      ["a", "pass", undefined],
      ["b", "pass", undefined],
      ["c", "fail", "CHECK_FAILED"],
      ["d", "not_run", "CHECK_ABOVE_LEVEL"],
    ]);
    assertEquals(order.indexOf("a ends") < order.indexOf("b begins"), true);
    assertEquals(order.indexOf("c begins") < order.indexOf("a ends"), true);
  });

  it("each say why there is nothing to look at, where their context cannot be had: never a pass", async () => {
    const refused = Promise.reject(new DrillError("WEB_UNREACHABLE", "Cannot reach it", "Look"));
    const results = await Promise.all(
      runLane(lane(refused, check("a"), check("b")), "fast", never, runCheck),
    );
    assertEquals(results.map(({ verdict, code, required }) => [verdict, code, required]), [
      ["not_run", "WEB_UNREACHABLE", true],
      ["not_run", "WEB_UNREACHABLE", true],
    ]);
  });

  it("end with an interruption, the later ones too, and nobody is left who was not told", async () => {
    const results = runLane(
      lane(Promise.resolve("mine"), check("a"), check("b")),
      "fast",
      AbortSignal.abort(),
      runCheck,
    );
    await assertRejects(() => results[0]!, DOMException);
    await assertRejects(() => results[1]!, DOMException);
  });
});
