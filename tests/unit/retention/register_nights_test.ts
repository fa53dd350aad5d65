/** Retention keeps the set before a loss: the last one that holds a record which the law keeps, and the better one of a month. */

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { planRetention } from "../../../src/retention/plan.ts";
import { planPrune } from "../../../src/retention/prune_plan.ts";
import { retentionSetsOf } from "../../../src/retention/sets.ts";
import { putAcceptance } from "../../../src/store/records/acceptances.ts";
import { readInventory } from "../../../src/store/sets/inventory.ts";
import type { Finding } from "../../../src/checks/result.ts";
import {
  type Deed,
  liveNights,
  type Plan,
  type RegisterNight,
} from "../../support/retention/register_nights.ts";
import { lost, nightOf, PDF, putNight, unbalanced } from "../../support/findings/nights.ts";
import { clocks, emptyStore, runPrune } from "../../support/retention/prune_store.ts";
import { plan, set } from "../../support/retention/sets.ts";

const SHORT = {
  daily: { amount: 3, unit: "d" },
  monthly: { amount: 1, unit: "mo" },
  yearly: { amount: 2, unit: "mo" },
} as const;

/** A prune that does not ask where something is still right. */
const forgetful: Plan = (inventory, question) => {
  const planned = planPrune(inventory, question);
  const sets = retentionSetsOf(inventory, [], question.found);
  return { ...planned, plan: planRetention({ sets, policy: question.policy, now: question.now }) };
};

const quiet = (count: number): RegisterNight[] => Array.from({ length: count }, () => ({ deeds: [] }));
const night = (record: number, deed: Deed): RegisterNight => ({ deeds: [{ record, deed }] });

describe("the last set that holds a record which the law keeps", () => {
  it("is dropped by no prune, whatever happens to the record", async () => {
    const nights = fc.array(
      fc.record({
        deeds: fc.uniqueArray(
          fc.record({
            record: fc.nat(5),
            deed: fc.oneof(
              { weight: 4, arbitrary: fc.constant<Deed>("made") },
              fc.constantFrom<Deed>("explained", "altered", "removed", "put back"),
              { weight: 1, arbitrary: fc.constant<Deed>("accepted") },
            ),
          }),
          { maxLength: 2, selector: ({ record }) => record },
        ),
        isMissed: fc.nat(15).map((one) => one === 0),
        isSuspect: fc.nat(10).map((one) => one === 0),
      }),
      { minLength: 40, maxLength: 110, size: "max" },
    );
    const seen = { dropped: 0, kept: 0, accepted: 0 };
    await fc.assert(
      fc.asyncProperty(nights, async (nights) => {
        const lived = await liveNights({ policy: SHORT, nights });
        assertEquals(lived.broken, []);
        seen.dropped += lived.seen.dropped;
        seen.kept += lived.seen.kept.size;
        seen.accepted += lived.seen.accepted;
      }),
      { numRuns: 60 },
    );
    assert(seen.dropped > 100 && seen.kept > 20 && seen.accepted > 20, JSON.stringify(seen));
  });

  const story = [night(1, "made"), ...quiet(2), night(1, "removed"), ...quiet(100)];

  it("is the one before the loss, for as long as the finding is open", async () => {
    const { broken, sets } = await liveNights({ policy: SHORT, nights: story });
    assertEquals([broken, sets.at(-1)], [[], "20260103T020000Z"]);
  });

  it("goes once a person accepts the loss, and where the record is there again", async () => {
    for (const deed of ["accepted", "put back"] as const) {
      const nights = [...story, night(1, deed), ...quiet(3)];
      const { broken, sets } = await liveNights({ policy: SHORT, nights });
      assertEquals([broken, sets.includes("20260103T020000Z")], [[], false], deed);
    }
  });

  it("is lost to a prune that does not ask for it", async () => {
    const { broken } = await liveNights({ policy: SHORT, nights: story, plan: forgetful });
    assertEquals(broken.length, 1);
  });
});

describe("of the sets of one month", () => {
  const NOW = "2026-06-30T12:00:00Z";
  const monthly = (...sets: ReturnType<typeof set>[]) =>
    plan([set("2026-06-30T02:00:00Z"), ...sets], NOW, { daily: { amount: 3, unit: "d" } }).keep[1]?.set;

  it("one without open findings stands for it, however much newer the others are", () => {
    const [older, newer] = [set("2026-05-10T02:00:00Z"), set("2026-05-30T02:00:00Z")];
    assertEquals(monthly(older, newer), newer.name);
    assertEquals(monthly(older, { ...newer, hasOpenFindings: true }), older.name);
    assertEquals(
      monthly({ ...older, hasOpenFindings: true }, { ...newer, hasOpenFindings: true }),
      newer.name,
    );
  });

  it("one with findings goes before one that is not good, and after one taken before a restore", () => {
    const found = set("2026-05-10T02:00:00Z", { hasOpenFindings: true });
    const bad = set("2026-05-30T02:00:00Z", { problems: ["no users"] });
    const before = set("2026-05-09T02:00:00Z", { kind: "before-restore" });
    assertEquals(monthly(found, bad), found.name);
    assertEquals(monthly(found, before), before.name);
  });
});

/** From 1 September to 14 November; from 12 October on a payment is gone, and a PDF. */
describe("75 nights with a loss on 12 October", () => {
  const POLICY = {
    daily: { amount: 30, unit: "d" },
    monthly: { amount: 12, unit: "mo" },
    yearly: { amount: 10, unit: "y" },
  } as const;
  const WHOLE = nightOf(11, 10);
  const gone = unbalanced({ id: "data.register/llx_paiement:7/gone", subject: "payment PAY7" });
  const found: Finding[] = [gone, lost()].map((one) => ({
    ...one,
    history: { since: nightOf(12, 10), stillRightIn: WHOLE },
  }));

  async function live(isAccepted: boolean) {
    await using folder = await emptyStore();
    const { store } = folder;
    for (const finding of isAccepted ? [gone, lost()] : []) {
      const accepted = { environment: "prod", finding, until: "never", reason: "x", by: "x" } as const;
      await putAcceptance(store, { ...accepted, at: "2026-10-12T09:00:00Z" }, crypto.randomUUID());
    }
    for (let day = 0; day < 75; day++) {
      const name = nightOf(1 + day, 9);
      const isWhole = name < nightOf(12, 10);
      const covers = ["data.register/gone", "documents.invoices/missing"];
      await putNight(store, name, isWhole ? { [PDF]: "%PDF" } : {}, {
        change: (manifest) => manifest.findings = { covers, findings: isWhole ? [] : found },
      });
      if (day % 5 !== 4) continue;
      await runPrune(store, { policy: POLICY, clocks: clocks(new Date(Date.UTC(2026, 8, 1 + day, 6))) });
    }
    const inventory = await readInventory(store, "prod");
    return inventory.sets.map(({ name }) => name).filter((name) => name.startsWith("202610"));
  }

  it("end with a whole set of before it, which stands for October", async () => {
    const october = await live(false);
    assertEquals(october.filter((name) => name < nightOf(15, 10)), [WHOLE]);
  });

  it("end with a later one, where a person accepted the loss", async () => {
    const october = await live(true);
    assertEquals(october.filter((name) => name < nightOf(15, 10)), [nightOf(14, 10)]);
  });
});
