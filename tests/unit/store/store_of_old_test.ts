/** The store of the version that took a fault of the ERP for a backup that cannot be brought back. */

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readFindings } from "../../../src/checks/findings/standing.ts";
import { earlierDrills } from "../../../src/checks/findings/earlier_drills.ts";
import { readHistories } from "../../../src/checks/findings/earlier_sets.ts";
import { turnsOf } from "../../../src/drill/rota/plan.ts";
import { rotaInputOf } from "../../../src/drill/rota/sets.ts";
import { planPrune } from "../../../src/retention/prune_plan.ts";
import { readReports } from "../../../src/retention/set_records.ts";
import { momentOf } from "../../../src/base/time.ts";
import { findDocuments } from "../../../src/restore/extract/find.ts";
import { problemsOf, provedAt, readInventory } from "../../../src/store/sets/inventory.ts";
import { latestIn, skippedSets } from "../../../src/store/sets/latest.ts";
import type { Store } from "../../../src/store/store.ts";
import type { Finding } from "../../../src/checks/result.ts";
import { emptyStore, policy } from "../../support/retention/prune_store.ts";
import { putSet, rethrow } from "../../support/store/sets.ts";

const FIXTURE = new URL("../../../fixtures/stores/2026-11-30", import.meta.url).pathname;
const NIGHTS = ["20261103T194954Z", "20261102T194944Z", "20261101T194922Z"] as const;
const PDF = "facture/FA2512-0007/FA2512-0007.pdf";
const signal = new AbortController().signal;

const withStore = async (body: (store: Store) => Promise<void>) => {
  await using folder = await emptyStore(FIXTURE);
  await body(folder.store);
};

describe("a store in which the version before failed two drills over one lost PDF", () => {
  it("has its newest set as latest, and nothing against any", () =>
    withStore(async (store) => {
      const inventory = await readInventory(store, "prod");
      assertEquals(inventory.sets.map(({ name }) => name), [...NIGHTS]);
      assertEquals(latestIn(inventory)?.name, NIGHTS[0]);
      assertEquals(skippedSets(inventory, latestIn(inventory)!), []);
      assertEquals(inventory.sets.map((set) => problemsOf(set, inventory)), [[], [], []]);
      assertEquals([inventory.unreadable, inventory.damaged.size], [[], 0]);
      assertEquals(rotaInputOf(inventory).sets.map(({ flaws }) => flaws.length), [0, 0, 0]);
    }));

  it("has them also where the records of the drills are gone, by the titles in their proofs", () =>
    withStore(async (store) => {
      for await (const { key } of store.list("prod/drills/")) await store.delete(key);
      const inventory = await readInventory(store, "prod");
      assertEquals(latestIn(inventory)?.name, NIGHTS[0]);
    }));

  it("has each of them proved by its drill", () =>
    withStore(async (store) => {
      const inventory = await readInventory(store, "prod");
      assertEquals(inventory.sets.map((set) => provedAt(set, inventory)?.verb), ["drill", "drill", "drill"]);
      const turns = turnsOf({ ...rotaInputOf(inventory), rotaMs: 30 * 86_400_000 });
      assertEquals([...turns.values()].filter(({ provedAt }) => provedAt).length, 3);
    }));

  it("lets its sets stand for their month again", () =>
    withStore(async (store) => {
      for (let day = 1; day <= 8; day++) await putSet(store, `2027010${day}T020000Z`);
      const inventory = await readInventory(store, "prod");
      const now = momentOf("20270108T030000Z")!;
      const { unreadableDrills } = await readReports(store, inventory);
      const { plan, refusals } = planPrune(inventory, {
        ...{ policy, now, acceptMissing: false, unreadableDrills, findings: [] },
      });
      assertEquals(refusals, []);
      const kept = plan.keep.filter(({ set }) => set < "2027");
      assertEquals(kept.map(({ set, reasons }) => [set, reasons]), [
        [NIGHTS[0], ["monthly", "newest verified"]],
      ]);
    }));

  it("tells of no finding by itself: its records name none", () =>
    withStore(async (store) => {
      const inventory = await readInventory(store, "prod");
      const options = { now: new Date("2026-11-04T00:00:00Z"), signal, onUnreadable: rethrow };
      assertEquals(await readFindings(store, inventory, options), []);
    }));

  it("tells of what a drill finds now since when it is there, and where it is right", () =>
    withStore(async (store) => {
      const inventory = await readInventory(store, "prod");
      const drills = await earlierDrills(store, "prod", rethrow);
      const finding: Finding = {
        id: "documents.invoices/FA2512-0007/missing",
        subject: "FA2512-0007",
        sentence: `FA2512-0007: ${PDF} is missing`,
        with: "",
        facts: { path: PDF },
        document: { path: PDF },
      };
      const other = { ...finding, id: "data.payments/PAY1/parts", subject: "PAY1", sentence: "PAY1: is off" };
      const { document: _, ...payment } = other;
      const histories = await readHistories([finding, payment], "20261104T020000Z", {
        ...{ store, inventory, drills, signal },
      });
      assertEquals([...histories.values()], [
        { since: NIGHTS[1], stillRightIn: NIGHTS[2] },
        { since: "20261104T020000Z", stillRightIn: NIGHTS[0] }, // those drills passed that check
      ]);
    }));

  it("is searched by its indexes", () =>
    withStore(async (store) => {
      const { sets } = await readInventory(store, "prod");
      const { documents: [found] } = await findDocuments(store, sets, (path) => path === PDF, { signal });
      assertEquals([found?.missingSince, found?.versions[0]?.newest], [NIGHTS[1], NIGHTS[2]]);
    }));
});
