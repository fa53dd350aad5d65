/** What wins over the policy, and when nothing may be deleted at all. */

import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { RetentionSet } from "../../../src/retention/sets.ts";
import { at, daily, days, plan, reasonsOf, set } from "../../support/retention/sets.ts";

describe("the guards", () => {
  const now = "2026-06-30T12:00:00Z";
  const old = "20100630T020000Z";

  it("keep the newest, the newest good and the newest verified set, however old", () => {
    const kept = plan([
      set("2010-06-30T02:00:00Z", { verified: true }),
      set("2009-06-30T02:00:00Z"),
      set("2026-06-30T02:00:00Z"),
      set("2026-06-30T03:00:00Z", { problems: ["no users"] }),
    ], now);
    assertEquals(kept.keep.map(({ reasons }) => reasons), [["daily", "newest"], ["daily", "newest good"], [
      "newest verified",
    ]]);
  });

  it("keep the newest verified good set beside a newer one that is damaged now", () => {
    const sets = [
      set("2026-06-30T02:00:00Z"),
      set("2011-06-30T02:00:00Z", { verified: true, problems: ["found damaged"] }),
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

  it("when for seven days only one half was looked at, as with `backup --half`; ages still go by the names", () => {
    const now = "2026-06-30T12:00:00Z";
    const half = (seen: string) =>
      daily("2026-06-30T02:00:00Z", 20).map((one) => ({
        ...one,
        seen: at(seen) < one.seen ? at(seen) : one.seen,
      }));
    assertEquals(refusal(half("2026-06-23T12:00:00Z"), now), "");
    assertMatch(
      refusal(half("2026-06-22T02:00:00Z"), now),
      /^no good set of the last 7 days .* 20260630T020000Z .* is 8 days old; take a backup without --half$/,
    );
    assertEquals(plan(half("2026-06-22T02:00:00Z"), now).countedFrom, at("2026-06-30T02:00:00Z"));
    // a whole one among them counts, a suspect one does not
    const whole = set("2026-06-29T03:00:00Z");
    assertEquals(refusal([...half("2026-06-22T02:00:00Z"), whole], now), "");
    assertMatch(
      refusal([...half("2026-06-22T02:00:00Z"), { ...whole, problems: ["no users"] }], now),
      /--half/,
    );
  });

  it("when there is no good set", () => {
    assertMatch(refusal([], "2026-06-30T12:00:00Z"), /there is no good set/);
    assertMatch(
      refusal([set("2026-06-30T02:00:00Z", { problems: ["no users"] })], "2026-06-30T12:00:00Z"),
      /there is no good set/,
    );
  });

  it("when a set is in the future, by more than clocks differ", () => {
    const sets = daily("2026-06-30T02:00:00Z", 60);
    const now = "2026-06-30T12:00:00Z";
    assertEquals(refusal([...sets, set("2026-06-30T12:05:00Z")], now), "");
    assertMatch(
      refusal([...sets, set("2026-06-30T12:05:01Z")], now),
      /^20260630T120501Z is in the future, here it is 20260630T120000Z/,
    );
    const future = plan([...sets, set("2027-01-01T02:00:00Z"), set("2027-01-02T02:00:00Z")], now);
    assertMatch(future.refusals[0]!, /^20270102T020000Z and 1 more are in the future/);
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
