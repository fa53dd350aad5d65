import { assert, assertEquals, assertGreater, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { momentOf, timestampOf } from "../../../src/base/time.ts";
import { planRetention } from "../../../src/retention/plan.ts";
import type { RetentionSet } from "../../../src/retention/sets.ts";
import { POLICY } from "../../support/retention/simulation.ts";
import { at, daily, days, plan, reasonsOf, set, shuffled } from "../../support/retention/sets.ts";

describe("1,100 daily sets looked at on 2026-06-30", () => {
  for (const hour of ["00:00:00", "02:00:00", "12:34:56", "23:59:59"]) {
    it(`leave 46 at ${hour}`, () => {
      const kept = plan(daily("2026-06-30T00:00:00Z", 1100), `2026-06-30T${hour}Z`);
      assertEquals(kept.keep.length, 46);
      assertEquals(kept.drop.length, 1054);
      assertEquals(kept.refusals, []);
      for (const [reason, count] of [["daily", 31], ["monthly", 12], ["yearly", 3]] as const) {
        assertEquals(kept.keep.filter(({ reasons }) => reasons.includes(reason)).length, count, reason);
      }
      assertEquals(days(kept).slice(30), [
        ...["20260531", "20260530", "20260430", "20260331", "20260228", "20260131", "20251231", "20251130"],
        ...["20251031", "20250930", "20250831", "20250731", "20250630", "20250531", "20241231", "20231231"],
      ]);
    });
  }

  it("leave 46 also when the last one was taken the evening before", () => {
    assertEquals(plan(daily("2026-06-29T22:00:00Z", 1100), "2026-06-30T05:00:00Z").keep.length, 46);
  });

  it("leave the same 46 in whatever order they are given", () => {
    const sets = daily("2026-06-30T02:00:00Z", 1100);
    const [one, other] = [sets, shuffled(sets)].map((sets) => plan(sets, "2026-06-30T12:00:00Z"));
    assertEquals(one, other);
  });

  it("tell why each is dropped", () => {
    const { drop } = plan(daily("2026-06-30T00:00:00Z", 1100), "2026-06-30T12:00:00Z");
    assertEquals(drop[0], {
      set: "20260529T000000Z",
      reasons: ["20260530T000000Z stands for 2026-05"],
      objects: ["prod/db/20260529T000000Z.dump", "prod/docs/20260529T000000Z.tar.gz"],
    });
    assertEquals(drop.at(-1)?.reasons, ["20231231T000000Z stands for 2023"]);
  });

  it("leave 46 after each of the days before was pruned too", () => {
    let kept: RetentionSet[] = [];
    for (const one of daily("2026-06-30T02:00:00Z", 1100).reverse()) {
      kept = [...kept, one];
      const { drop, refusals } = planRetention({ sets: kept, policy: POLICY, now: momentOf(one.name)! });
      assertEquals(refusals, []);
      kept = kept.filter(({ name }) => !drop.some(({ set }) => set === name));
    }
    assertEquals(kept.length, 46);
  });
});

describe("ages", () => {
  it("count whole UTC days, the bound included", () => {
    const sets = [
      "2026-05-31T00:00:00Z",
      "2026-05-30T23:59:59Z",
      "2026-05-30T12:00:00Z",
      "2026-06-30T10:00:00Z",
    ];
    const kept = plan(sets.map((one) => set(one)), "2026-06-30T23:59:59Z");
    assertEquals(reasonsOf(kept, "20260531T000000Z"), ["daily"]);
    assertEquals(reasonsOf(kept, "20260530T235959Z"), ["monthly"]);
    assertEquals(kept.drop.map(({ set }) => set), ["20260530T120000Z"]);
  });

  it("count calendar months and years, however long they are", () => {
    const now = "2026-06-30T23:00:00Z";
    const newest = set("2026-06-30T01:00:00Z");
    for (
      const [moment, reason] of [
        ["2025-06-01T00:00:00Z", "monthly"],
        ["2025-05-31T23:59:59Z", "yearly"],
        ["2016-01-01T00:00:00Z", "yearly"],
        ["2015-12-31T23:59:59Z", undefined],
      ] as const
    ) {
      // another one stands beside it, so that no guard keeps it
      assertEquals(reasonsOf(plan([newest, set(moment)], now), timestampOf(at(moment)))?.[0], reason, moment);
    }
  });

  it("know leap days and the ends of months", () => {
    const after = plan(daily("2024-03-31T02:00:00Z", 40), "2024-03-31T03:00:00Z");
    assertEquals(days(after).slice(30), ["20240301", "20240229"]); // 31 days, then the newest of February
    const leap = plan(
      [set("2028-02-29T02:00:00Z"), set("2027-02-28T02:00:00Z"), set("2018-02-28T02:00:00Z")],
      "2028-02-29T12:00:00Z",
    );
    assertEquals(leap.keep.map(({ reasons }) => reasons[0]), ["daily", "monthly", "yearly"]);
  });

  it("are the same in every time zone", async () => {
    const script = `
      import { planRetention } from "${new URL("../../../src/retention/plan.ts", import.meta.url).href}";
      const sets = Array.from({ length: 900 }, (_, d) => new Date(Date.UTC(2026, 5, 30, 23, 30) - d * 86400000))
        .map((moment) => ({ name: moment.toISOString().replace(/\\.\\d{3}/, "").replaceAll(/[-:]/g, ""), seen: moment, problems: [], kind: "scheduled", verified: false, objects: [] }));
      const policy = { daily: { amount: 30, unit: "d" }, monthly: { amount: 12, unit: "mo" }, yearly: { amount: 10, unit: "y" } };
      console.log(JSON.stringify(planRetention({ sets, policy, now: new Date(Date.UTC(2026, 5, 30, 23, 45)) })));`;
    const outputs = await Promise.all(["UTC", "Pacific/Kiritimati", "America/St_Johns"].map(async (TZ) => {
      const { stdout, success } = await new Deno.Command(Deno.execPath(), {
        args: [
          "eval",
          "--no-check",
          `--config=${new URL("../../../deno.json", import.meta.url).pathname}`,
          script,
        ],
        env: { TZ },
        stderr: "inherit",
      }).output();
      assert(success);
      return new TextDecoder().decode(stdout);
    }));
    assertGreater(outputs[0]!.length, 1000);
    assertEquals(new Set(outputs).size, 1);
  });

  it("take any unit in each place of the policy", () => {
    const sets = daily("2026-06-30T02:00:00Z", 800);
    const count = (own: object) => plan(sets, "2026-06-30T12:00:00Z", own).keep.length;
    assertEquals(
      count({
        daily: { amount: 36, unit: "h" },
        monthly: { amount: 1, unit: "d" },
        yearly: { amount: 1, unit: "d" },
      }),
      2,
    );
    assertEquals(
      count({
        daily: { amount: 1, unit: "mo" },
        monthly: { amount: 1, unit: "mo" },
        yearly: { amount: 1, unit: "y" },
      }),
      61 + 0 + 2,
    );
    assertEquals(
      count({
        daily: { amount: 1, unit: "m" },
        monthly: { amount: 60, unit: "d" },
        yearly: { amount: 2, unit: "y" },
      }),
      1 + 2 + 3,
    );
    assertEquals(count({ daily: { amount: 2, unit: "y" } }), 800);
  });

  it("keep each of several sets of a recent day, and the newest of an older one", () => {
    const sets = [
      "2026-06-30T01:00:00Z",
      "2026-06-29T02:00:00Z",
      "2026-06-29T14:00:00Z",
      "2026-04-30T02:00:00Z",
      "2026-04-30T14:00:00Z",
    ];
    const kept = plan(sets.map((one) => set(one)), "2026-06-30T12:00:00Z");
    assertEquals(kept.drop.map(({ set }) => set), ["20260430T020000Z"]);
  });
});

describe("a month or a year", () => {
  const newest = set("2026-06-30T02:00:00Z");
  const now = "2026-06-30T12:00:00Z";
  const problems = ["no users"];

  it("is stood for by a good set, not by a newer one that is flawed", () => {
    const kept = plan([newest, set("2026-04-10T02:00:00Z"), set("2026-04-30T02:00:00Z", { problems })], now);
    assertEquals(reasonsOf(kept, "20260410T020000Z"), ["monthly"]);
    assertEquals(kept.drop[0]?.reasons, ["20260410T020000Z stands for 2026-04", "no users"]);
    const years = plan([newest, set("2020-04-10T02:00:00Z"), set("2020-12-31T02:00:00Z", { problems })], now);
    assertEquals(reasonsOf(years, "20200410T020000Z"), ["yearly"]);
  });

  it("is stood for by what was backed up for its own sake, not by what was in a restore's way", () => {
    const before = set("2026-04-30T02:00:00Z", { kind: "before-restore" });
    assertEquals(reasonsOf(plan([newest, before, set("2026-04-10T02:00:00Z")], now), before.name), undefined);
    assertEquals(
      reasonsOf(plan([newest, before, set("2026-04-10T02:00:00Z", { problems })], now), before.name),
      ["monthly"],
    );
  });

  it("is stood for by the newest flawed one where there is no better", () => {
    const kept = plan([
      newest,
      set("2026-04-10T02:00:00Z", { problems }),
      set("2026-04-30T02:00:00Z", { problems }),
    ], now);
    assertEquals(reasonsOf(kept, "20260430T020000Z"), ["monthly"]);
  });
});

describe("a plan", () => {
  it("has each set in one place", () => {
    const sets = daily("2026-06-30T02:00:00Z", 500);
    const { keep, drop } = plan(sets, "2026-06-30T12:00:00Z");
    assertEquals([...keep, ...drop].map(({ set }) => set).sort(), sets.map(({ name }) => name).sort());
  });

  it("is not made of what is no set", () => {
    assertThrows(
      () => plan([{ ...set("2026-06-30T02:00:00Z"), name: "latest" }], "2026-06-30T12:00:00Z"),
      TypeError,
    );
  });
});
