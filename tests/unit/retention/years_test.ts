/** Twelve years of nightly backups, pruned each day: on every day each promise holds. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { momentOf, timestampOf } from "../../../src/base/time.ts";
import { planRetention } from "../../../src/retention/plan.ts";
import type { RetentionSet } from "../../../src/retention/sets.ts";
import { type Loss, POLICY, simulateNights, type Story } from "../../support/retention/simulation.ts";

const TWELVE_YEARS = 12 * 365 + 3;
const QUIET: Story = {
  seed: 1,
  nights: TWELVE_YEARS,
  gaps: 0,
  suspects: 0,
  restores: 0,
  proofs: 0,
  holds: 0,
  reuse: 0,
  damages: 0,
  spells: [],
};

/** On a busy machine fewer stories are told; a counterexample is made smaller for so long, and no longer. */
const BRIEF = { interruptAfterTimeLimit: 10_000 };

const rate = (limit: number) => fc.double({ min: 0, max: limit, noNaN: true });

const story = (nights: number): fc.Arbitrary<Story> =>
  fc.record({
    seed: fc.integer(),
    nights: fc.constant(nights),
    gaps: rate(60),
    suspects: rate(60),
    restores: rate(20),
    proofs: rate(60),
    holds: rate(2),
    reuse: rate(95),
    damages: rate(1),
    spells: fc.array(
      fc.record({
        night: fc.nat(nights),
        nights: fc.integer({ min: 1, max: 500 }),
        kind: fc.constantFrom("clock", "suspect", "none"),
        days: fc.oneof(fc.integer({ min: -60, max: 60 }), fc.integer({ min: -3000, max: 3000 })),
      }),
      { maxLength: 8 },
    ),
  });

const holds = (one: Story) => assertEquals(simulateNights(one), []);

describe("nightly backups, pruned each day", () => {
  it("keep every promise on every day of twelve quiet years", () => holds(QUIET));

  it("keep every promise through gaps, failures, holds and clocks that jump, for twelve years", () => {
    fc.assert(fc.property(story(TWELVE_YEARS), holds), { numRuns: 8, ...BRIEF });
  });

  it("keep every promise through shorter stories, of which there are more", () => {
    fc.assert(fc.property(story(500), holds), { numRuns: 60, ...BRIEF });
  });
});

/** Lives `days` days after `sets`, adding what `tonight` gives, and pruning each day. */
function liveOn(sets: RetentionSet[], from: number, days: number, tonight: (at: Date) => RetentionSet[]) {
  let left = sets;
  let acted = 0;
  for (let day = 1; day <= days; day++) {
    const now = new Date(from + day * 86_400_000);
    left = [...left, ...tonight(now)];
    const { drop, refusals } = planRetention({ sets: left, policy: POLICY, now });
    if (refusals.length > 0) continue;
    acted++;
    left = left.filter(({ name }) => !drop.some(({ set }) => set === name));
  }
  return { left, acted };
}

const setAt = (moment: Date, problems: string[] = []): RetentionSet => {
  const name = timestampOf(moment);
  return {
    name,
    seen: moment,
    problems,
    kind: "scheduled",
    verified: false,
    objects: [`prod/db/${name}.dump`],
  };
};

describe("after a disaster", () => {
  const newest = Date.UTC(2026, 5, 30, 2);
  const good = liveOn([], newest - 500 * 86_400_000, 500, (at) => [setAt(at)]).left;

  it("every good set is still there after 60 days of suspect ones", () => {
    const { left } = liveOn(good, newest, 60, (at) => [setAt(at, ["no users"])]);
    assertEquals(good.filter((set) => !left.includes(set)), []);
    assertEquals(left.length, good.length + 60);
  });

  it("the last good ones are there when good backups begin again", () => {
    const { left } = liveOn(good, newest, 60, (at) => [setAt(at, ["no users"])]);
    const { left: later, acted } = liveOn(left, newest + 60 * 86_400_000, 60, (at) => [setAt(at)]);
    assert(acted > 40);
    assert(later.some(({ name }) => name === timestampOf(new Date(newest))), "the newest of its month");
    assertEquals(
      later.filter(({ name, problems }) => problems.length > 0 && name.startsWith("202607")).length,
      1,
    );
  });

  it("nothing is lost while backups stand still for a year", () => {
    const { left } = liveOn(good, newest, 366, () => []);
    assertEquals(left, good);
  });
});

describe("a prune that loses more is found out, where it loses", () => {
  const story = { ...QUIET, nights: 1500, suspects: 20, reuse: 50 };
  const age = (set: RetentionSet, now: Date) => (now.getTime() - momentOf(set.name)!.getTime()) / 86_400_000;
  const losing = (gone: (set: RetentionSet, now: Date) => boolean): Loss => (sets, _, now) =>
    sets.filter((set) => !gone(set, now));
  /** Lets a flawed set of the same month stand where a good one should. */
  const exchanging = (): Loss => {
    const flawed = new Map<string, RetentionSet>();
    return (sets, _, now) => {
      for (const set of sets) if (set.problems.length > 0) flawed.set(set.name.slice(0, 6), set);
      return sets.map((set) => age(set, now) > 60 ? flawed.get(set.name.slice(0, 6)) ?? set : set);
    };
  };
  const losses: [what: string, loss: Loss, said: RegExp, more?: Partial<Story>][] = [
    ["a recent set", losing((set, now) => age(set, now) > 29), /of the last 30 days, is gone/],
    ["a month", losing((set, now) => age(set, now) > 320), /of the month \d+ back nothing is left/],
    ["a year", losing((set, now) => age(set, now) > 900), /of the year \d back nothing is left/],
    ["a good set, for a flawed one", exchanging(), /back no good set is left/],
    [
      "the newest verified set",
      losing((set, now) => set.verified && age(set, now) > 31),
      /the newest verified set, is gone/,
      { proofs: 1 },
    ],
    ["a held set", losing((set, now) => set.hold !== undefined && age(set, now) > 31), /is held and gone/, {
      holds: 1,
    }],
    ["the newest good set", (sets) => sets.slice(0, -1), /the newest good set, is gone/],
    ["a shared object", (sets, objects) => {
      const before = sets.at(-2);
      if (sets.length > 20) before?.objects.forEach((key) => objects.delete(key));
      return sets;
    }, /is kept and its prod\//],
  ];
  for (const [what, loss, said, more] of losses) {
    it(
      what,
      () => assertMatch(simulateNights({ ...story, ...more }, loss).join("\n"), said),
    );
  }
});
