import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { historyOf, medianOf, trendOf } from "../../../src/report/history.ts";
import { nightly, nights, TONIGHT } from "../../support/samples/history.ts";
import { OLD_SETS_PHASE } from "../../../src/checks/result.ts";

describe("the history of drills", () => {
  it("is the same in whatever order they come, oldest first, each once", () => {
    const drills = nights(5);
    const expected = historyOf(drills);
    assertEquals(historyOf([...drills, ...drills].reverse()), expected);
    assertEquals(expected.points.map(({ id }) => id), drills.map(({ id }) => id).reverse());
    assertEquals(historyOf([]).points, []);
    assertEquals(historyOf([]).sincePass, 0);
  });

  it("has sizes, rows, durations, verdicts and the set's age of each", () => {
    const point = historyOf([nightly(0)]).points[0]!;
    assertEquals([point.dumpBytes, point.archiveBytes, point.rows, point.files], [
      2_104_882,
      48_612_331,
      23_104,
      1204,
    ]);
    assertEquals([point.ageMs, point.ms, point.restoreMs], [4 * 3_600_000, 41_228, 8_430]);
    assertEquals(point.checks, { pass: 17, fail: 0, not_run: 1 });
  });

  it("compares the last 30 with the 30 before, for the whole and for each phase", () => {
    const drills = nights(60, (before) => ({
      ms: before < 30 ? 15_000 : 10_000,
      phases: [{ title: "restore", ms: before < 30 ? 3_000 : 6_000 }, { title: "look", ms: 4_000 }],
    }));
    const { duration, phases, comparable } = historyOf(drills);
    assertEquals(comparable, 60);
    assertEquals([duration?.recent, duration?.before, duration?.direction], [15_000, 10_000, "up"]);
    assertAlmostEquals(duration!.change!, 0.5);
    assertEquals(phases.map(({ title, trend }) => [title, trend?.direction]), [["restore", "down"], [
      "look",
      "steady",
    ]]);
  });

  it("leaves drills out of the durations that ended early, looked less deep, or saw another ERP", () => {
    const drills = nights(
      6,
      (before) =>
        before === 2
          ? { phases: [], ms: 1 }
          : before === 3
          ? { erp: "stand-in", ms: 1 }
          : before === 4
          ? { level: "fast", ms: 1 }
          : { ms: 10_000 },
    );
    const { comparable, duration, points } = historyOf(drills);
    assertEquals([points.length, comparable, duration?.recent], [6, 3, 10_000]);
  });

  it("does not count the older sets of a night as slowness", () => {
    const phases = [{ title: "restore", ms: 3_000 }];
    const rota = { ms: 50_000, phases: [{ title: OLD_SETS_PHASE, ms: 46_000 }, ...phases] };
    const { points, comparable } = historyOf(
      nights(2, (before) => before === 0 ? rota : { ms: 4_000, phases }),
    );
    assertEquals([points.map(({ ms }) => ms), comparable], [[4_000, 4_000], 2]);
  });

  it("knows the last PASS and how many drills came after it", () => {
    const bad = { verdict: "fail", exit: 1 } as const;
    const { lastPass, sincePass } = historyOf(nights(5, (before) => before < 3 ? bad : {}));
    assertEquals(sincePass, 3);
    assertEquals(
      lastPass?.toISOString(),
      new Date(TONIGHT.getTime() - 3 * 86_400_000 + 60_000).toISOString(),
    );
    assertEquals(historyOf(nights(2, () => bad)).lastPass, undefined);
    assertEquals(historyOf(nights(2, () => bad)).sincePass, 2);
  });
});

describe("a trend", () => {
  it("is a matter of medians: one wild night is none", () => {
    const series = Array.from({ length: 60 }, (_, at) => at === 59 ? 1_000 : 10);
    assertEquals(trendOf(series)?.direction, "steady");
  });

  it("comes from the slope where there is no past to compare with", () => {
    const growing = Array.from({ length: 20 }, (_, at) => 100 + 10 * at);
    const trend = trendOf(growing)!;
    assertEquals([trend.direction, trend.slope, trend.before], ["up", 10, undefined]);
    assertEquals(trendOf([100, 110])?.direction, "too few drills");
    assertEquals(trendOf([]), undefined);
  });

  it("takes growth from nothing as growth", () => {
    const change = trendOf([...Array(30).fill(0), ...Array(30).fill(5)])!;
    assert(change.change === Infinity && change.direction === "up");
    assertEquals(trendOf(Array(60).fill(0))?.direction, "steady");
  });

  it("has the middle of two as its median", () => {
    assertEquals([medianOf([3, 1, 2]), medianOf([4, 1, 3, 2]), medianOf([])], [2, 2.5, undefined]);
  });
});
