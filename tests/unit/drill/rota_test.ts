import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  planRota,
  type RotaInput,
  type RotaProof,
  type RotaSet,
  rotaState,
  turnsOf,
} from "../../../src/drill/rota/plan.ts";

const DAY = 86_400_000;
const ROTA = 30 * DAY;
const start = Date.UTC(2026, 0, 1, 2);
const day = (days: number) => new Date(start + days * DAY);

/** A set that is named after the day it was taken on. */
const set = (taken: number, more: Partial<RotaSet> = {}): RotaSet => ({
  name: nameOf(taken),
  takenAt: day(taken),
  objects: [`db/${taken}`, `docs/${taken}`],
  flaws: [],
  ...more,
});
const nameOf = (taken: number) => `s${String(Math.round(taken * 10) + 10_000).padStart(6, "0")}`;
const proof = (taken: number, at: number, verdict: RotaProof["verdict"] = "pass"): RotaProof => ({
  set: nameOf(taken),
  at: day(at),
  verdict,
});
const plan = (input: Partial<RotaInput>, newest = 0) =>
  planRota({ sets: [], proofs: [], now: day(0.1), rotaMs: ROTA, ...input }, nameOf(newest));
const chosen = (input: Partial<RotaInput>, newest = 0) => plan(input, newest).chosen.map(({ set }) => set);

describe("the rota over old sets", () => {
  it("is empty where there is one set alone, and where it is off", () => {
    assertEquals(plan({ sets: [set(0)] }), { chosen: [], skipped: [] });
    assertEquals(plan({ sets: [set(0), set(-400)], rotaMs: 0 }), { chosen: [], skipped: [] });
  });

  it("takes the set whose last proof is oldest, and says so", () => {
    const sets = [set(0), set(-1), set(-20), set(-300)];
    const proofs = [proof(-1, -1), proof(-20, -20), proof(-300, -9)];
    assertEquals(plan({ sets, proofs }).chosen, [{ set: nameOf(-20), why: "last restored 20 days ago" }]);
  });

  it("counts from when it was taken where a set was never proved", () => {
    const sets = [set(0), set(-5), set(-12)];
    assertEquals(plan({ sets, proofs: [proof(-5, -13)] }).chosen, [
      { set: nameOf(-5), why: "last restored 13 days ago" },
    ]);
    assertEquals(plan({ sets, proofs: [proof(-5, -5)] }).chosen, [{
      set: nameOf(-12),
      why: "never restored",
    }]);
  });

  it("does not count a proof that failed", () => {
    const sets = [set(0), set(-5), set(-12)];
    assertEquals(chosen({ sets, proofs: [proof(-5, -5), proof(-12, -1, "fail")] }), [nameOf(-12)]);
  });

  it("takes sets with the same objects once, and a proof of one for the other", () => {
    const same = { objects: ["db/1", "docs/1"] };
    const sets = [set(0), set(-5, same), set(-6, same), set(-9)];
    const [first] = plan({ sets, proofs: [proof(-9, -1)] }).chosen;
    assertEquals(first, { set: nameOf(-5), why: "never restored; 2 sets have the same objects" });
    assertEquals(chosen({ sets, proofs: [proof(-6, -1), proof(-9, -8)] }), [nameOf(-9)]);
    assertEquals(chosen({ sets: [set(0, same), set(-40, same)] }), []);
  });

  it("skips what is no good one, with the reason", () => {
    const { chosen, skipped } = plan({ sets: [set(0), set(-50, { flaws: ["no users", "shrunk"] })] });
    assertEquals([chosen, skipped], [[], [{ set: nameOf(-50), why: "no users; shrunk" }]]);
  });

  it("takes more a night where more are due before the nights are over", () => {
    const sets = [set(0), ...Array.from({ length: 5 }, (_, at) => set(-28 + at / 10))];
    assertEquals(chosen({ sets }).length, 3); // five within two nights
    assertEquals(chosen({ sets })[0], nameOf(-28));
  });

  it("spreads what is late over a rota of its own, the oldest first", () => {
    const sets = [set(0), ...Array.from({ length: 60 }, (_, at) => set(-1000 + at))];
    const { chosen } = plan({ sets });
    assertEquals(chosen.slice(0, 2).map(({ set }) => set), [nameOf(-1000), nameOf(-999)]);
    assertEquals(chosen.length, 3);
    assertStringIncludes(chosen[0]!.why, "never restored, 970 days late");
  });

  it("lets one that can never be had keep no other from its turn", () => {
    const sets = [set(0), ...Array.from({ length: 6 }, (_, at) => set(-1000 + at))];
    const nights = Array.from({ length: 6 }, (_, night) => chosen({ sets, now: day(night + 0.1) }));
    assertEquals(new Set(nights.flat()).size, 6);
    for (const night of nights) assertEquals([night[0], night.length], [nameOf(-1000), 2]);
  });

  it("leaves alone what was proved today, however often it is drilled", () => {
    const sets = [set(0), set(-3)];
    assertEquals(chosen({ sets, proofs: [proof(-3, 0)] }), []);
    assertEquals(chosen({ sets, proofs: [proof(-3, -1)] }), [nameOf(-3)]);
  });

  it("counts on no more drills than there are: with one a week it takes more a time", () => {
    const sets = [set(0), ...Array.from({ length: 12 }, (_, at) => set(-2 - at / 10))];
    const weekly = [-28, -21, -14, -7].map((at) => proof(-900, at));
    assertEquals(chosen({ sets }).length, 1);
    assertEquals(chosen({ sets, proofs: weekly }).length, 3);
  });

  it("tells of each set when it was proved and when it is due", () => {
    const same = { objects: ["db/1"] };
    const sets = [set(-5, same), set(-6, same), set(-9), set(-11, { flaws: ["damaged"] })];
    const turns = turnsOf({ sets, proofs: [proof(-6, -2)], rotaMs: ROTA });
    assertEquals(turns.get(nameOf(-5)), { provedAt: day(-2), dueAt: day(28) });
    assertEquals(turns.get(nameOf(-6)), turns.get(nameOf(-5)));
    assertEquals(turns.get(nameOf(-9)), { provedAt: undefined, dueAt: day(21) });
    assertEquals(turns.has(nameOf(-11)), false);
    assertEquals(rotaState(turns, day(0)), { sets: 3, late: 0, nextDue: day(21) });
    assertEquals(rotaState(turns, day(25)), { sets: 3, late: 1, nextDue: day(28) });
    assertEquals(rotaState(turns, day(40)), { sets: 3, late: 3 });
  });
});

interface Story {
  nights: number;
  rota: number;
  /** Hours by which each night's drill is off. */
  jitter: number[];
  /** Which sets are dropped, kept, taken over or taken beside, by night. */
  dice: number[];
  before: number;
}

/** Lives through nights of one backup and one drill each; returns what was not proved within the rota, as sentences. */
function live({ nights, rota, jitter, dice, before }: Story, plan = planRota): string[] {
  const broken: string[] = [];
  const roll = (night: number, of: number) => dice[(night * 7 + of) % dice.length]!;
  let sets = Array.from({ length: before }, (_, at) => set(-400 + at * 7));
  let proofs: RotaProof[] = [];
  const provedAt = new Map<string, number>();
  for (let night = 0; night < nights; night++) {
    const now = night + 0.1 + jitter[night % jitter.length]! / 24;
    const last = sets.at(-1);
    // a half that did not change, or a whole set, is the one of before
    const objects = last && roll(night, 1) < 15 ? last.objects : [`db/${night}`, `docs/${night}`];
    if (roll(night, 2) < 20) sets.push(set(night - 0.5)); // the state before a restore, never drilled as the newest
    sets.push(set(night, { objects, flaws: roll(night, 3) < 5 ? ["suspect"] : [] }));
    // retention of any kind: each night some go
    if (roll(night, 4) < 60) sets = sets.filter((_, at) => at > sets.length - 3 || roll(night + at, 5) >= 8);
    const newest = sets.findLast(({ flaws }) => flaws.length === 0);
    if (!newest) continue;
    const { chosen } = plan({ sets, proofs, now: day(now), rotaMs: rota * DAY }, newest.name);
    const drilled = [...chosen.map(({ set }) => set), newest.name];
    proofs = [...proofs, ...drilled.map((set) => ({ set, at: day(now), verdict: "pass" as const }))].slice(
      -300,
    );
    for (const name of drilled) provedAt.set(name, day(now).getTime());
    if (before > 0 && night < 2 * rota) continue; // what was there before the first night is spread over a while
    for (const one of sets.filter(({ flaws }) => flaws.length === 0)) {
      const same = sets.filter(({ objects }) => objects === one.objects);
      const at = Math.max(one.takenAt.getTime(), ...same.map(({ name }) => provedAt.get(name) ?? 0));
      const days = (day(now).getTime() - at) / DAY;
      if (days > rota) broken.push(`night ${night}: ${one.name} was proved ${days} days ago (rota ${rota})`);
    }
    if (broken.length > 0) return broken;
  }
  return broken;
}

describe("over the nights", () => {
  const story = fc.record({
    nights: fc.constant(110),
    rota: fc.integer({ min: 4, max: 35 }),
    jitter: fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 5, maxLength: 20 }),
    dice: fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 40, maxLength: 90 }),
    before: fc.integer({ min: 0, max: 40 }),
  });

  it("every kept set is proved within the rota, whatever is kept and dropped", () => {
    fc.assert(fc.property(story, (one) => assertEquals(live(one), [])), { numRuns: 50, seed: 7 });
  });

  it("one that takes the newest first, or one too few, is seen to break that", () => {
    const forgetful: typeof planRota = (input, newest) => ({
      skipped: [],
      chosen: planRota(input, newest).chosen.slice(1),
    });
    const story = { nights: 110, rota: 20, jitter: [0], dice: [50, 3, 70, 90, 99, 40, 12, 88], before: 20 };
    assertEquals(live(story), []);
    assert(live(story, forgetful).length > 0);
  });
});
