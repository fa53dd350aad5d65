/** A year of nights of an ERP with faults: which set is latest, and which are kept, on every one of them. */

import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { liveYear, type Night } from "../../support/findings/year.ts";

const YEAR = 365;
/** A counterexample is made smaller for so long, and no longer. */
const BRIEF = { interruptAfterTimeLimit: 15_000 };

/** One in so many nights. */
const rarely = <T>(one: number, what: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(what, { nil: undefined, freq: one - 1 });

const which = fc.nat(40);
const night = (damages: boolean): fc.Arbitrary<Night> =>
  fc.record({
    lost: rarely(30, which),
    broken: rarely(40, fc.constant(true)),
    mended: rarely(25, which),
    payment: rarely(40, which),
    suspect: rarely(15, fc.constant(true)),
    damaged: damages ? rarely(30, which) : fc.constant(undefined),
    accepted: rarely(20, fc.record({ which, days: fc.integer({ min: 1, max: 60 }) })),
    withdrawn: rarely(40, which),
    drill: rarely(8, fc.constantFrom("none" as const, "in part" as const)),
  });
const year = (damages: boolean, nights = YEAR) =>
  fc.array(night(damages), { minLength: nights, maxLength: nights, size: "max" });

describe("a year of nights of an ERP with faults", () => {
  it("has the newest set that can be brought back as latest, and keeps what still has what is lost", async () => {
    const total = { open: 0, keptByFinding: 0, refused: 0, letGo: 0 };
    const property = fc.asyncProperty(year(true), async (nights) => {
      const { broken, seen } = await liveYear({ nights });
      assertEquals(broken, []);
      for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += seen[key];
    });
    await fc.assert(property, { numRuns: 3, ...BRIEF });
    for (const [what, count] of Object.entries(total)) if (what !== "refused") assertGreater(count, 0, what);
  });

  it("loses no set that it would have without findings", async () => {
    const property = fc.asyncProperty(year(false), async (nights) => {
      assertEquals((await liveYear({ nights, twin: true })).broken, []);
    });
    await fc.assert(property, { numRuns: 2, ...BRIEF });
  });

  it("does so in shorter stories, of which there are more", async () => {
    const property = fc.asyncProperty(year(true, 60), async (nights) => {
      assertEquals((await liveYear({ nights })).broken, []);
    });
    await fc.assert(property, { numRuns: 15, ...BRIEF });
  });
});

/** A document lost on the 5th night, and nothing else for three months; then something on one night. */
const quiet = (at: number, then: Night): Night[] =>
  Array.from({ length: 100 }, (_, night) => night === 5 ? { lost: 0 } : night === at ? then : {});

describe("a set that still has what is lost", () => {
  const daysKept = async (nights: Night[]) => (await liveYear({ nights })).seen.keptByFinding;

  it("is kept for as long as it is open, and goes when it is mended or accepted", async () => {
    const open = await daysKept(quiet(0, {}));
    assertGreater(open, 50);
    const mended = await daysKept(quiet(50, { mended: 0 }));
    const accepted = await daysKept(quiet(50, { accepted: { which: 0, days: 365 } }));
    assert(mended < open && accepted < open, `${mended} and ${accepted} nights of ${open}`);
    for (const then of [{ mended: 0 }, { accepted: { which: 0, days: 365 } }]) {
      assertEquals((await liveYear({ nights: quiet(50, then) })).seen.letGo, 1);
    }
  });
});

describe("a year in which something is done wrong is found out", () => {
  // deno-fmt-ignore: a line each
  const mistakes: [title: string, nights: Night[], mistake: Parameters<typeof liveYear>[1], said: RegExp][] = [
    ["where findings keep nothing", quiet(0, {}), () => [], /still has FA1 .*, and is kept for/],
    ["where accepted ones keep sets", quiet(6, { accepted: { which: 0, days: 365 } }),
      (findings) => findings.map(({ accepted: _, ...open }) => open), /no open finding is right in it/],
    ["where a set is kept that has it not", quiet(0, {}),
      (findings) => findings.map((one) => ({ ...one, history: { since: one.history!.since, stillRightIn: one.history!.since } })), /still has FA1/],
  ];
  for (const [title, nights, mistake, said] of mistakes) {
    it(title, async () => assertMatch((await liveYear({ nights }, mistake)).broken.join("\n"), said));
  }
});
