import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { HISTORY_DRILLS } from "../../../src/report/history.ts";
import { isErasable } from "../../../src/retention/eraser.ts";
import { type DrillReport, planReports } from "../../../src/retention/reports.ts";

const NOW = new Date("2026-11-20T06:00:00Z");
const DAY = 86_400_000;

const report = (daysAgo: number, set?: string | null): DrillReport => ({
  at: new Date(NOW.getTime() - daysAgo * DAY),
  json: `prod/drills/${daysAgo}.json`,
  html: `prod/drills/${daysAgo}.html`,
  set,
});
/** As many newer drills as the trend is made of. */
const newer = Array.from({ length: HISTORY_DRILLS }, (_, at) => report(at));
const dropped = (drills: DrillReport[], sets: string[] = []) =>
  planReports(drills, new Set(sets), NOW).drop.map(({ key, reason }) => `${key}: ${reason}`);

describe("the plan for the reports of drills", () => {
  it("keeps a page for a year, and the newest page whatever its age", () => {
    const drills = [...newer, report(366, "a"), report(367, "a")];
    assertEquals(dropped(drills, ["a"]), ["prod/drills/367.html: older than a year"]);
    assertEquals(dropped([report(800)]), []);
  });

  it("keeps a record for as long as its set, and the newest ones for the trend", () => {
    const drills = [...newer, report(70, "kept"), report(71, "gone")];
    assertEquals(dropped(drills, ["kept"]), ["prod/drills/71.json: gone is gone"]);
    assertEquals(dropped([report(70, "gone")]), []);
  });

  it("keeps a record without a set for a year, and one that cannot be understood for ever", () => {
    const bare = [300, 400, 500].map((days) => ({
      ...report(days, days === 500 ? undefined : null),
      html: undefined,
    }));
    assertEquals(dropped([...newer, ...bare]), [
      "prod/drills/400.json: a drill without a set, older than a year",
    ]);
  });

  it("gives each key a place, with its reason, in whatever order they come", () => {
    const drills = [...newer, report(70, "gone"), report(400, "kept")];
    const plan = planReports(drills, new Set(["kept"]), NOW);
    assertEquals(plan.keep.length + plan.drop.length, drills.length * 2);
    assertEquals(planReports([...drills].reverse(), new Set(["kept"]), NOW), plan);
    assertEquals([...plan.keep, ...plan.drop].every(({ reason }) => reason.length > 0), true);
  });

  it("may only ever be of keys with exactly our form", () => {
    const key = "prod/drills/20260630T155313Z";
    assertEquals([".json", ".html"].map((ending) => isErasable("prod", key + ending)), [true, true]);
    for (const other of [`${key}.pdf`, `${key}.json.bak`, "prod/drills/x.json", `other/${key}.json`]) {
      assertEquals(isErasable("prod", other), false, other);
    }
  });
});
