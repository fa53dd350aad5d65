import { assert, assertEquals, assertGreater, assertLess, assertMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { planRetention, type RetentionPlan, type RetentionSet } from "../../src/retention/plan.ts";
import { momentOf, timestampOf } from "../../src/base/time.ts";

const policy = {
  daily: { amount: 30, unit: "d" },
  monthly: { amount: 12, unit: "mo" },
  yearly: { amount: 10, unit: "y" },
} as const;

const DAY = 86_400_000;
const at = (text: string) => new Date(text);

function set(moment: Date | string, more: Partial<RetentionSet> = {}): RetentionSet {
  const name = timestampOf(typeof moment === "string" ? at(moment) : moment);
  const objects = [`prod/db/${name}.dump`, `prod/docs/${name}.tar.gz`];
  return { name, flaws: [], kind: "scheduled", verified: false, objects, ...more };
}

/** `count` daily sets, the last one at `newest`. */
const daily = (newest: string, count: number): RetentionSet[] =>
  Array.from({ length: count }, (_, days) => set(new Date(at(newest).getTime() - days * DAY)));

const plan = (
  sets: readonly RetentionSet[],
  now: string,
  own: typeof policy | object = policy,
): RetentionPlan => planRetention({ sets, policy: { ...policy, ...own }, now: at(now) });

const days = (plan: RetentionPlan) => plan.keep.map(({ set }) => set.slice(0, 8));
const reasonsOf = (plan: RetentionPlan, name: string) => plan.keep.find(({ set }) => set === name)?.reasons;
const shuffled = <T>(items: readonly T[]): T[] =>
  items.map((item, at) => ({ item, by: (at * 7919 + 13) % 1009 })).sort((a, b) => a.by - b.by).map((one) =>
    one.item
  );

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
      const { drop, refusals } = planRetention({ sets: kept, policy, now: momentOf(one.name)! });
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
      import { planRetention } from "${new URL("../../src/retention/plan.ts", import.meta.url).href}";
      const sets = Array.from({ length: 900 }, (_, d) => new Date(Date.UTC(2026, 5, 30, 23, 30) - d * 86400000))
        .map((moment) => ({ name: moment.toISOString().replace(/\\.\\d{3}/, "").replaceAll(/[-:]/g, ""), flaws: [], kind: "scheduled", verified: false, objects: [] }));
      const policy = { daily: { amount: 30, unit: "d" }, monthly: { amount: 12, unit: "mo" }, yearly: { amount: 10, unit: "y" } };
      console.log(JSON.stringify(planRetention({ sets, policy, now: new Date(Date.UTC(2026, 5, 30, 23, 45)) })));`;
    const outputs = await Promise.all(["UTC", "Pacific/Kiritimati", "America/St_Johns"].map(async (TZ) => {
      const { stdout, success } = await new Deno.Command(Deno.execPath(), {
        args: [
          "eval",
          "--no-check",
          `--config=${new URL("../../deno.json", import.meta.url).pathname}`,
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
  const flaws = ["no users"];

  it("is stood for by a good set, not by a newer one that is flawed", () => {
    const kept = plan([newest, set("2026-04-10T02:00:00Z"), set("2026-04-30T02:00:00Z", { flaws })], now);
    assertEquals(reasonsOf(kept, "20260410T020000Z"), ["monthly"]);
    assertEquals(kept.drop[0]?.reasons, ["20260410T020000Z stands for 2026-04", "no users"]);
    const years = plan([newest, set("2020-04-10T02:00:00Z"), set("2020-12-31T02:00:00Z", { flaws })], now);
    assertEquals(reasonsOf(years, "20200410T020000Z"), ["yearly"]);
  });

  it("is stood for by what was backed up for its own sake, not by what was in a restore's way", () => {
    const before = set("2026-04-30T02:00:00Z", { kind: "before-restore" });
    assertEquals(reasonsOf(plan([newest, before, set("2026-04-10T02:00:00Z")], now), before.name), undefined);
    assertEquals(
      reasonsOf(plan([newest, before, set("2026-04-10T02:00:00Z", { flaws })], now), before.name),
      ["monthly"],
    );
  });

  it("is stood for by the newest flawed one where there is no better", () => {
    const kept = plan([
      newest,
      set("2026-04-10T02:00:00Z", { flaws }),
      set("2026-04-30T02:00:00Z", { flaws }),
    ], now);
    assertEquals(reasonsOf(kept, "20260430T020000Z"), ["monthly"]);
  });
});

describe("the guards", () => {
  const now = "2026-06-30T12:00:00Z";
  const old = "20100630T020000Z";

  it("keep the newest, the newest good and the newest verified set, however old", () => {
    const kept = plan([
      set("2010-06-30T02:00:00Z", { verified: true }),
      set("2009-06-30T02:00:00Z"),
      set("2026-06-30T02:00:00Z"),
      set("2026-06-30T03:00:00Z", { flaws: ["no users"] }),
    ], now);
    assertEquals(kept.keep.map(({ reasons }) => reasons), [["daily", "newest"], ["daily", "newest good"], [
      "newest verified",
    ]]);
  });

  it("keep the newest verified good set beside a newer one that is damaged now", () => {
    const sets = [
      set("2026-06-30T02:00:00Z"),
      set("2011-06-30T02:00:00Z", { verified: true, flaws: ["found damaged"] }),
      set("2010-06-30T02:00:00Z", { verified: true }),
      set("2009-06-30T02:00:00Z", { verified: true }),
    ];
    assertEquals(plan(sets, now).keep.slice(1).map(({ reasons }) => reasons), [["newest verified"], [
      "newest verified good",
    ]]);
  });

  it("keep a held set to the end of its hold, by the real clock", () => {
    const hold = { until: at("2026-06-30T23:59:59.999Z"), reason: "tax audit" };
    const sets = [set("2026-06-24T02:00:00Z"), set("2010-06-30T02:00:00Z", { hold })];
    assertEquals(reasonsOf(plan(sets, now), old), ["held until 2026-06-30: tax audit"]);
    assertEquals(reasonsOf(plan(sets, "2026-06-30T23:59:59Z"), old)?.length, 1);
    assertEquals(reasonsOf(plan(sets, "2026-07-01T00:00:00Z"), old), undefined);
  });

  it("never give up an object that a kept set names", () => {
    const objects = ["prod/db/20260101T020000Z.dump", "prod/docs/20260101T020000Z.tar.gz"];
    const sets = [
      set("2026-06-30T02:00:00Z", { objects: ["prod/db/20260630T020000Z.dump", objects[1]!] }),
      set("2026-01-01T02:00:00Z", { objects }),
      set("2026-01-02T02:00:00Z", { objects }),
      set("2026-01-03T02:00:00Z"),
    ];
    const { drop } = plan(sets, now);
    assertEquals(drop.map(({ set, objects }) => [set, objects]), [
      ["20260102T020000Z", [objects[0]]],
      ["20260101T020000Z", [objects[0]]],
    ]);
  });

  it("keep a set of the old script while a kept one needs a half that bears its name", () => {
    const legacy = (day: string, db: string, docs: string) =>
      set(`2026-${day}T02:00:00Z`, {
        kind: "legacy",
        objects: [`prod/db/2026${db}T020000Z.dump`, `prod/docs/2026${docs}T020000Z.tar.gz`],
      });
    const sets = [
      set("2026-06-30T02:00:00Z"),
      legacy("04-30", "0430", "0429"), // stands for April, and needs the documents of the 29th,
      legacy("04-29", "0428", "0429"), // whose dump is that of the 28th
      legacy("04-28", "0428", "0427"), // and so on
      legacy("04-27", "0427", "0427"),
      legacy("04-26", "0426", "0426"),
    ];
    const kept = plan(sets, now);
    assertEquals(days(kept), ["20260630", "20260430", "20260429", "20260428", "20260427"]);
    assertEquals(reasonsOf(kept, "20260428T020000Z"), ["a kept set needs half of it"]);
    assertEquals(kept.drop.map(({ objects }) => objects.length), [2]);
  });
});

describe("prune is refused", () => {
  const refusal = (sets: RetentionSet[], now: string) => plan(sets, now).refusals.join("\n");

  it("when the newest good set is older than seven days, and ages count from it", () => {
    const sets = daily("2026-06-30T02:00:00Z", 60);
    assertEquals(refusal(sets, "2026-07-07T02:00:00Z"), "");
    assertMatch(
      refusal(sets, "2026-07-07T02:00:01Z"),
      /20260630T020000Z, is 7 days old, more than 7: .* take a good one/,
    );
    const later = plan(sets, "2028-01-01T00:00:00Z");
    assertEquals(later.countedFrom, at("2026-06-30T02:00:00Z"));
    assertEquals(later.keep, plan(sets, "2026-06-30T02:00:00Z").keep);
  });

  it("when there is no good set", () => {
    assertMatch(refusal([], "2026-06-30T12:00:00Z"), /there is no good set/);
    assertMatch(
      refusal([set("2026-06-30T02:00:00Z", { flaws: ["no users"] })], "2026-06-30T12:00:00Z"),
      /there is no good set/,
    );
  });

  it("when a set is of the future, by more than clocks differ", () => {
    const sets = daily("2026-06-30T02:00:00Z", 60);
    const now = "2026-06-30T12:00:00Z";
    assertEquals(refusal([...sets, set("2026-06-30T12:05:00Z")], now), "");
    assertMatch(
      refusal([...sets, set("2026-06-30T12:05:01Z")], now),
      /^20260630T120501Z is of the future, it is 20260630T120000Z here/,
    );
    const future = plan([...sets, set("2027-01-01T02:00:00Z"), set("2027-01-02T02:00:00Z")], now);
    assertMatch(future.refusals[0]!, /^20270102T020000Z and 1 more is of the future/);
    assertEquals(future.countedFrom, at(now));
  });

  it("when a clock jumped ahead and took a backup there", () => {
    const sets = [...daily("2026-06-30T02:00:00Z", 60), set("2037-01-01T02:00:00Z")];
    assertMatch(
      refusal(sets, "2037-01-01T03:00:00Z"),
      /no good set between 20260630T020000Z and 20370101T020000Z, 3838 days/,
    );
    const week = [...daily("2026-06-30T02:00:00Z", 60), ...daily("2026-10-08T02:00:00Z", 8)];
    assertEquals(refusal(week, "2026-10-08T03:00:00Z"), "");
    assertMatch(
      refusal(week.filter(({ name }) => name < "20261008"), "2026-10-07T03:00:00Z"),
      /no good set between/,
    );
  });

  it("never by a silence that monthly backups have too, or because the first set has none before it", () => {
    assertEquals(
      refusal([set("2026-06-30T02:00:00Z"), set("2026-05-30T02:00:00Z")], "2026-06-30T12:00:00Z"),
      "",
    );
    assertEquals(refusal([set("2026-06-30T02:00:00Z")], "2026-06-30T12:00:00Z"), "");
  });
});

describe("a plan", () => {
  it("for 20,000 sets is made in less than 50 ms", () => {
    const sets = shuffled(Array.from(
      { length: 20_000 },
      (_, hours) => set(new Date(Date.UTC(2026, 5, 30) - hours * 3_600_000)),
    ));
    const times: number[] = [];
    while (times.length < 40 && !((times.at(-1) ?? Infinity) < 50)) { // other tests may be at work beside this one
      const began = performance.now();
      plan(sets, "2026-06-30T12:00:00Z");
      times.push(performance.now() - began);
    }
    assertLess(Math.min(...times), 50, times.join(", "));
  });

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
