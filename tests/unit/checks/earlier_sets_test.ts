import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { bytesOf } from "../../../src/base/streams.ts";
import { earlierDrills } from "../../../src/checks/findings/earlier_drills.ts";
import { readHistories } from "../../../src/checks/findings/earlier_sets.ts";
import type { Finding } from "../../../src/checks/result.ts";
import { putDrill } from "../../../src/store/records/drills.ts";
import { readInventory } from "../../../src/store/sets/inventory.ts";
import {
  booksCheck,
  drillOf,
  lost,
  nightOf,
  PDF,
  putNight,
  unbalanced,
} from "../../support/findings/nights.ts";
import { type MemoryStore, memoryStore } from "../../support/store/memory_store.ts";
import { keysOf, putLegacy, rethrow } from "../../support/store/sets.ts";
import { temporaryFolder } from "../../support/folder.ts";

const WHOLE = { [PDF]: "%PDF" };
const signal = new AbortController().signal;

/** What the store says of findings of `found`, and which indexes and drills were read for it. */
async function ask(
  store: MemoryStore,
  found: string,
  findings: Finding[] = [lost()],
  cache?: { folder: string },
) {
  const inventory = await readInventory(store, "prod");
  const drills = await earlierDrills(store, "prod", rethrow);
  store.read.length = 0;
  const histories = await readHistories(findings, found, {
    store,
    inventory,
    drills,
    signal,
    ...(cache ? { cache } : {}),
  });
  const read = (part: string) => store.read.filter((key) => key.includes(part));
  return {
    history: histories.get(findings[0]!.id),
    histories,
    indexes: read(".index."),
    drills: read("/drills/"),
  };
}

describe("what earlier sets say of a lost document", () => {
  it("is found in their indexes, and no archive is read", async () => {
    const store = memoryStore();
    for (const day of [1, 2]) await putNight(store, nightOf(day), { ...WHOLE, [`a/${day}`]: "x" });
    for (const day of [3, 4, 5]) await putNight(store, nightOf(day), { [`a/${day}`]: "x" });
    const { history } = await ask(store, nightOf(5));
    assertEquals(history, { since: nightOf(3), stillRightIn: nightOf(2) });
    assert(store.read.every((key) => key.includes(".index.") || key.includes("/drills/")));
  });

  it("takes no more indexes than are needed: one, where the night before had it", async () => {
    const store = memoryStore();
    for (let day = 1; day < 20; day++) await putNight(store, nightOf(day), { ...WHOLE, [`a/${day}`]: "x" });
    await putNight(store, nightOf(20));
    const { history, indexes } = await ask(store, nightOf(20));
    assertEquals(history, { since: nightOf(20), stillRightIn: nightOf(19) });
    assertEquals(indexes.length, 1);
  });

  it("reads an index once that several sets share, and none that is in the cache", async () => {
    await using folder = await temporaryFolder();
    const cache = { folder: `${folder.path}/indexes` };
    const store = memoryStore();
    await putNight(store, nightOf(1), WHOLE);
    const without = await putNight(store, nightOf(2));
    for (const day of [3, 4, 5, 6, 7]) await putNight(store, nightOf(day), {}, { like: without });
    const first = await ask(store, nightOf(7));
    assertEquals(first.history, { since: nightOf(2), stillRightIn: nightOf(1) });
    assertEquals(first.indexes.length, 2);
    assertEquals((await ask(store, nightOf(7), [lost()], cache)).indexes.length, 2);
    assertEquals((await ask(store, nightOf(7), [lost()], cache)).indexes.length, 0);
  });

  it("is not since when it was lost where it was never there", async () => {
    const store = memoryStore();
    for (const day of [1, 2, 3]) await putNight(store, nightOf(day), { [`a/${day}`]: "x" });
    assertEquals((await ask(store, nightOf(3))).history, { since: nightOf(3) });
  });

  it("passes over a set that left the document out, one without an index, and one whose index is damaged", async () => {
    const store = memoryStore();
    await putNight(store, nightOf(1), WHOLE);
    await putNight(store, nightOf(2), {}, { excludes: ["facture"] });
    await putNight(store, nightOf(3), {});
    await store.put(`prod/docs/${nightOf(3)}.index.json.gz`, bytesOf("damaged"));
    await putNight(store, nightOf(4), { a: "x" });
    await putNight(store, nightOf(5), { b: "x" });
    await putLegacy(store, "20261031T010000Z");
    assertEquals((await ask(store, nightOf(5))).history, { since: nightOf(4), stillRightIn: nightOf(1) });
  });

  it("does not name a set of which an object is gone, and counts it all the same", async () => {
    const store = memoryStore();
    for (const day of [1, 2]) await putNight(store, nightOf(day), { ...WHOLE, [`a/${day}`]: "x" });
    await putNight(store, nightOf(3));
    await store.delete(`prod/docs/${nightOf(2)}.tar.gz`);
    assertEquals((await ask(store, nightOf(3))).history, { since: nightOf(3), stillRightIn: nightOf(1) });
  });

  it("names a suspect set: what it holds it holds", async () => {
    const store = memoryStore();
    await putNight(store, nightOf(1), WHOLE, { change: (manifest) => manifest.suspect.push("no users") });
    await putNight(store, nightOf(2));
    assertEquals((await ask(store, nightOf(2))).history?.stillRightIn, nightOf(1));
  });

  it("ends with an error where the store does: nothing is concluded from that", async () => {
    const store = memoryStore();
    await putNight(store, nightOf(1), WHOLE);
    await putNight(store, nightOf(2));
    const inventory = await readInventory(store, "prod");
    const drills = await earlierDrills(store, "prod", rethrow);
    const failing = {
      ...store,
      get: () => {
        throw new DrillError("STORE_UNREACHABLE", "it does not answer", "Look at it.");
      },
    };
    await assertRejects(
      () => readHistories([lost()], nightOf(2), { store: failing, inventory, drills, signal }),
      DrillError,
      "it does not answer",
    );
  });
});

describe("what earlier drills say of a fault that no index shows", () => {
  const payments = (...findings: Finding[]) => booksCheck("data.payments", findings);

  it("is since when they found it, and the set in which they did not", async () => {
    const store = memoryStore();
    for (const day of [1, 2, 3, 4, 5]) await putNight(store, nightOf(day), { [`a/${day}`]: "x" });
    await putDrill(store, "prod", drillOf(nightOf(2), [payments()]));
    await putDrill(store, "prod", drillOf(nightOf(4), [payments(unbalanced())]));
    const { history, indexes } = await ask(store, nightOf(5), [unbalanced()]);
    assertEquals(history, { since: nightOf(4), stillRightIn: nightOf(2) });
    assertEquals(indexes, []);
  });

  it("is what the last of them found out, and nothing older is read", async () => {
    const store = memoryStore();
    const before = { since: nightOf(2), stillRightIn: nightOf(1) };
    for (let day = 1; day <= 9; day++) {
      await putNight(store, nightOf(day), day === 1 ? WHOLE : { [`a/${day}`]: "x" });
      const found = [unbalanced({ history: before }), lost({ history: before })];
      const checks = day === 1
        ? [payments()]
        : [payments(found[0]!), booksCheck("documents.invoices", [found[1]!])];
      await putDrill(store, "prod", drillOf(nightOf(day), checks));
    }
    await putNight(store, nightOf(10));
    const { histories, indexes, drills } = await ask(store, nightOf(10), [unbalanced(), lost()]);
    assertEquals([...histories.values()], [before, before]);
    assertEquals([indexes.length, drills.length], [1, 1]);
  });

  it("does not depend on a set in the middle that a prune dropped", async () => {
    const store = memoryStore();
    const days = [1, 2, 3, 4, 5];
    for (const day of days) {
      await putNight(store, nightOf(day), day <= 2 ? { ...WHOLE, [`a/${day}`]: "x" } : { [`a/${day}`]: "x" });
      const found = day <= 2 ? [] : [unbalanced()];
      await putDrill(store, "prod", drillOf(nightOf(day), [payments(...found)]));
    }
    const findings = [unbalanced(), lost()];
    const drop = async (day: number) => {
      for (const key of await keysOf(store, "prod/")) {
        if (key.includes(`/${nightOf(day)}.`)) await store.delete(key);
      }
    };
    const all = { since: nightOf(3), stillRightIn: nightOf(2) };
    assertEquals([...(await ask(store, nightOf(5), findings)).histories.values()], [all, all]);
    await drop(4);
    assertEquals([...(await ask(store, nightOf(5), findings)).histories.values()], [all, all]);
    await drop(3); // the drill of it still tells of the payment
    assertEquals([...(await ask(store, nightOf(5), findings)).histories.values()], [
      all,
      { since: nightOf(5), stillRightIn: nightOf(2) },
    ]);
    await drop(2);
    assertEquals([...(await ask(store, nightOf(5), findings)).histories.values()], [
      { since: nightOf(3), stillRightIn: nightOf(1) },
      { since: nightOf(5), stillRightIn: nightOf(1) },
    ]);
  });

  it("is of the set that was drilled, and not of another one of the same second", async () => {
    const store = memoryStore();
    await putNight(store, nightOf(1), WHOLE);
    await putNight(store, nightOf(2));
    await putLegacy(store, nightOf(2)); // its objects are those of the other: one set
    // two drills that began in one second: the second record has the next one's name
    await putDrill(store, "prod", drillOf(nightOf(1), [payments()]));
    await putDrill(
      store,
      "prod",
      drillOf(nightOf(1), [payments(unbalanced({ id: "data.payments/PAY2/parts" }))]),
    );
    const { history, drills } = await ask(store, nightOf(2), [unbalanced()]);
    assertEquals([history, drills.length], [{ since: nightOf(2), stillRightIn: nightOf(1) }, 2]);
  });
});
