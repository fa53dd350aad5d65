/** What findings keep: the newest set in which what they are about is still right, and the record that tells of them. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { bytesOf } from "../../../src/base/streams.ts";
import { readFindings, stillRight } from "../../../src/checks/findings/standing.ts";
import type { Finding } from "../../../src/checks/result.ts";
import { planReports } from "../../../src/retention/reports.ts";
import { readReports } from "../../../src/retention/set_records.ts";
import { putAcceptance } from "../../../src/store/records/acceptances.ts";
import { putDrill } from "../../../src/store/records/drills.ts";
import { readInventory } from "../../../src/store/sets/inventory.ts";
import { latestIn } from "../../../src/store/sets/latest.ts";
import type { Store } from "../../../src/store/store.ts";
import {
  booksCheck,
  drillOf,
  lost,
  nightOf,
  PDF,
  putNight,
  unbalanced,
} from "../../support/findings/nights.ts";
import { clocks, emptyStore, runPrune } from "../../support/retention/prune_store.ts";
import { plan, reasonsOf, set } from "../../support/retention/sets.ts";
import { keysOf, rethrow } from "../../support/store/sets.ts";

describe("a set in which the subject of an open finding is still right", () => {
  const NIGHTS = ["2026-06-30", "2026-06-29", "2026-05-20", "2026-05-19"].map((day) => `${day}T02:00:00Z`);
  const OLDEST = "20260519T020000Z";
  const planned = (stillHas: string[]) =>
    plan(NIGHTS.map((night, at) => set(night, at === 3 ? { stillHas } : {})), "2026-06-30T12:00:00Z", {
      daily: { amount: 3, unit: "d" },
    });

  it("is kept, with the subject as the reason, and is dropped without one", () => {
    assertEquals(reasonsOf(planned([]), OLDEST), undefined);
    assertEquals(reasonsOf(planned(["FA2610-0004"]), OLDEST), ["still has FA2610-0004"]);
    assertEquals(planned(["FA2610-0004"]).drop, []);
  });

  it("names each of a few subjects, and of many the first and their number", () => {
    assertEquals(reasonsOf(planned(["A", "B", "C"]), OLDEST), ["still has A", "still has B", "still has C"]);
    const many = Array.from({ length: 12 }, (_, at) => `FA2610-${1000 + at}`);
    assertEquals(reasonsOf(planned(many), OLDEST), ["still has FA2610-1000 and 11 others"]);
    assertEquals(reasonsOf(planned(["A", "B", "C", "D"]), OLDEST), ["still has A and 3 others"]);
  });

  it("says it beside the policy's own reasons, and changes none of them", () => {
    const sets = NIGHTS.map((night) => set(night, { stillHas: ["X"] }));
    const without = NIGHTS.map((night) => set(night));
    const [with_, before] = [sets, without].map((all) => plan(all, "2026-06-30T12:00:00Z"));
    for (const { set, reasons } of before!.keep) {
      assertEquals(reasonsOf(with_!, set), [...reasons, "still has X"]);
    }
  });

  it("is one of each name, where two have the same", () => {
    const twins = [set(NIGHTS[3]!, { stillHas: ["X"] }), set(NIGHTS[3]!, { kind: "before-restore" })];
    const { keep, drop } = plan([set(NIGHTS[0]!), set(NIGHTS[2]!), ...twins], "2026-06-30T12:00:00Z", {
      daily: { amount: 3, unit: "d" },
    });
    assertEquals([keep.filter(({ set }) => set === OLDEST).length, drop.length], [1, 1]);
  });

  it("is the newest of each finding, and of none that is accepted", () => {
    const history = { since: "20260602T000000Z", stillRightIn: "20260601T000000Z" };
    const accepted = { until: "never" as const, reason: "x", by: "x", at: "x" };
    const found: Finding[] = [
      lost({ history }),
      lost({ history, id: "documents.invoices/FA2610-0004/empty" }),
      unbalanced({ history }),
      unbalanced({ history, subject: "PAY2", accepted }),
      unbalanced({ subject: "PAY3", history: { since: "20260602T000000Z" } }),
      unbalanced({ subject: "PAY4" }),
    ];
    assertEquals([...stillRight(found)], [["20260601T000000Z", ["FA2610-0004", "PAY1"]]]);
    const all = unbalanced({ history, id: "data.payments/all/nothing-to-compare", subject: "all" });
    assertEquals([...stillRight([all]).values()], [["what data.payments compares"]]);
  });
});

/** Five nights of June, and a set of May that still has the PDF: the policy would let another one stand for May. */
const [RIGHT, MAY, LAST] = [nightOf(10, 5), nightOf(20, 5), nightOf(30, 6)];
const NOW = new Date("2026-06-30T12:00:00Z");

async function fill(store: Store, found: Finding = lost(), looked = [LAST]): Promise<void> {
  await putNight(store, RIGHT, { [PDF]: "%PDF" });
  await putNight(store, MAY);
  for (const day of [26, 27, 28, 29, 30]) await putNight(store, nightOf(day, 6));
  for (const set of looked) {
    await putDrill(store, "prod", drillOf(set, [booksCheck("documents.invoices", [found])]));
  }
}

const namesOf = async (store: Store) => (await readInventory(store, "prod")).sets.map(({ name }) => name);
const prunedAt = (store: Store) => runPrune(store, { clocks: clocks(NOW) });
const history = { since: MAY, stillRightIn: RIGHT };

describe("a prune while a finding is open", () => {
  it("keeps the set that still has what was lost, which it drops once that is accepted", async () => {
    await using folder = await emptyStore();
    const { store } = folder;
    await fill(store, lost({ history }));
    await prunedAt(store);
    assert((await namesOf(store)).includes(RIGHT));
    const accept = {
      environment: "prod",
      finding: lost(),
      until: "never",
      reason: "gone",
      by: "anne",
    } as const;
    await putAcceptance(store, { ...accept, at: NOW.toISOString() }, crypto.randomUUID());
    await prunedAt(store);
    assertEquals((await namesOf(store)).includes(RIGHT), false);
    assertEquals(latestIn(await readInventory(store, "prod"))?.name, LAST);
  });

  it("keeps it also where an accepting was taken back, or ran out", async () => {
    for (const until of [undefined, "2026-06-29"]) {
      await using folder = await emptyStore();
      const { store } = folder;
      await fill(store, lost({ history }));
      const accept = { environment: "prod", finding: lost(), reason: "gone", by: "anne" };
      await putAcceptance(
        store,
        { ...accept, until: "never", at: "2026-06-01T00:00:00Z" },
        crypto.randomUUID(),
      );
      const later = { ...accept, ...(until ? { until } : {}), at: "2026-06-02T00:00:00Z" };
      await putAcceptance(store, later, crypto.randomUUID());
      await prunedAt(store);
      assert((await namesOf(store)).includes(RIGHT));
    }
  });

  it("drops it once what was lost is back", async () => {
    await using folder = await emptyStore();
    const { store } = folder;
    await fill(store, lost({ history }), [nightOf(29, 6)]);
    await putDrill(store, "prod", drillOf(LAST, [booksCheck("documents.invoices")]));
    await prunedAt(store);
    assertEquals((await namesOf(store)).includes(RIGHT), false);
  });

  it("finds out which set that is where the drill did not record it", async () => {
    await using folder = await emptyStore();
    await fill(folder.store);
    await prunedAt(folder.store);
    assert((await namesOf(folder.store)).includes(RIGHT));
  });

  it("takes an older set where the one that was recorded is gone or damaged", async () => {
    for (const damage of ["manifests/X.json", "docs/X.tar.gz"]) {
      await using folder = await emptyStore();
      const { store } = folder;
      const named = nightOf(15, 5);
      await fill(store, lost({ history: { since: MAY, stillRightIn: named } }));
      await putNight(store, named, { [PDF]: "%PDF", other: "x" });
      for (const key of await keysOf(store, "prod/")) {
        if (key.includes(`/${named}.`) && (damage.startsWith("manifests") || key.endsWith("tar.gz"))) {
          await store.delete(key);
        }
      }
      const inventory = await readInventory(store, "prod");
      const options = { now: NOW, signal: new AbortController().signal, onUnreadable: rethrow };
      assertEquals((await readFindings(store, inventory, options)).map(({ history }) => history), [
        { since: MAY, stillRightIn: RIGHT },
      ]);
      await prunedAt(store);
      assert((await namesOf(store)).includes(RIGHT), damage);
    }
  });

  it("keeps the older since where the sets in between are gone", async () => {
    await using folder = await emptyStore();
    const { store } = folder;
    await fill(store, lost({ history: { since: nightOf(12, 5), stillRightIn: nightOf(11, 5) } }));
    const options = { now: NOW, signal: new AbortController().signal, onUnreadable: rethrow };
    const [finding] = await readFindings(store, await readInventory(store, "prod"), options);
    assertEquals(finding?.history, { since: nightOf(12, 5), stillRightIn: RIGHT });
  });
});

describe("the record of a drill", () => {
  it("stops a prune while it cannot be understood and no newer drill looked: it may keep a set", async () => {
    await using folder = await emptyStore();
    const { store } = folder;
    await fill(store, lost({ history }), [nightOf(29, 6)]);
    const key = `prod/drills/${LAST}.json`;
    await store.put(key, bytesOf("{ half a rec"));
    const error = await assertRejects(() => prunedAt(store), DrillError);
    assertEquals(error.code, "PRUNE_REFUSED");
    assertMatch(error.details.join(), new RegExp(`cannot be understood: Cannot read ${key}`));
    assert((await namesOf(store)).includes(MAY));
    const unlooked = drillOf(LAST, [booksCheck("documents.invoices", [], { verdict: "not_run" })]);
    await putDrill(store, "prod", unlooked);
    assertEquals((await assertRejects(() => prunedAt(store), DrillError)).code, "PRUNE_REFUSED");
    await putDrill(store, "prod", {
      ...drillOf(LAST, [booksCheck("documents.invoices", [lost({ history })])]),
    });
    await prunedAt(store);
    assert((await namesOf(store)).includes(RIGHT));
  });

  it("stays while it alone tells of a finding, whatever became of its set", async () => {
    await using folder = await emptyStore();
    const { store } = folder;
    await fill(store, lost(), []);
    const [deep, older] = [nightOf(1, 4), nightOf(1, 3)];
    await putDrill(store, "prod", drillOf(deep, [booksCheck("data.payments", [unbalanced()])]));
    await putDrill(store, "prod", drillOf(older, [booksCheck("data.payments", [unbalanced()])]));
    for (let day = 1; day <= 61; day++) {
      await putDrill(store, "prod", drillOf(nightOf(day, 4), [booksCheck("documents.invoices")]));
    }
    const { reports } = await readReports(store, await readInventory(store, "prod"));
    const { keep, drop } = planReports(reports, new Set(), NOW);
    const reasonOf = (set: string) => {
      const key = `prod/drills/${drillOf(set, []).id}.json`;
      return [...keep, ...drop].find((one) => one.key === key)?.reason;
    };
    assertEquals(reasonOf(deep), "it is the newest that tells of PAY1");
    assertEquals(reasonOf(older), `${older} is gone`);
  });
});
