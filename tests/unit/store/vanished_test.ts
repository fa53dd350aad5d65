/** What is taken away or exchanged in a store behind our back is named by whatever looks next, and nothing else is. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { DrillError } from "../../../src/base/errors.ts";
import { bytesOf } from "../../../src/base/streams.ts";
import { endingOfBackup } from "../../../src/cli/backup/ending.ts";
import { describeSets, inventoryWarnings } from "../../../src/cli/listing/sets.ts";
import { setsThere } from "../../../src/checks/backup.ts";
import type { DataContext } from "../../../src/checks/data/context.ts";
import { vanishedSets } from "../../../src/report/status/set_problems.ts";
import { planPrune } from "../../../src/retention/prune_plan.ts";
import { manifestKey, recordKey } from "../../../src/store/keys.ts";
import { nextRoster, putRoster, vanishedInWords } from "../../../src/store/records/rosters.ts";
import { putPrune } from "../../../src/store/records/prunes.ts";
import { type Inventory, missingIn, readInventory, vanishedIn } from "../../../src/store/sets/inventory.ts";
import type { Store } from "../../../src/store/store.ts";
import { clocks, emptyStore, runPrune } from "../../support/retention/prune_store.ts";
import { sampleManifest } from "../../support/store/manifests.ts";
import { keysOf, nightsBefore, putSet } from "../../support/store/sets.ts";

const NOW = new Date("2026-11-30T12:00:00Z");
const POLICY = {
  daily: { amount: 60, unit: "d" },
  monthly: { amount: 12, unit: "mo" },
  yearly: { amount: 10, unit: "y" },
} as const;
/** Oldest first: thirty nights. */
const NAMES = Array.from({ length: 30 }, (_, at) => nightsBefore(NOW, 29 - at));

/** Records which sets there are, as each backup does. */
async function record(store: Store, at = NAMES.at(-1)!): Promise<void> {
  const { manifests, roster, vanished } = await readInventory(store, "prod", NOW);
  await putRoster(store, nextRoster({ environment: "prod", at }, manifests, roster, vanished));
}

/** Thirty sets, which are listed in a roster. */
async function thirtySets() {
  const folder = await emptyStore();
  for (const name of NAMES) await putSet(folder.store, name);
  await record(folder.store);
  return folder;
}

/** What each that looks says of the sets: every name that it tells of. */
async function toldBy(inventory: Inventory): Promise<Record<string, string[]>> {
  const namesIn = (text: string) => [...new Set(text.match(/\d{8}T\d{6}Z/g) ?? [])].sort();
  const vanished = vanishedInWords(vanishedIn(inventory));
  const made = { name: NAMES.at(-1)!, environment: "prod", manifest: sampleManifest(NAMES.at(-1)!) };
  const backup = endingOfBackup(made, { open: [], accepted: [], newOnes: [] }, false, vanishedIn(inventory));
  const checked = setsThere.run({ vanished: vanishedIn(inventory) } as DataContext);
  const { details = [], equal } = await checked;
  const [status] = vanishedSets(inventory);
  const flawed = describeSets(inventory, [], POLICY, NOW).filter(({ flaws }) => flaws.length > 0);
  const planned = planPrune(inventory, {
    ...{ policy: POLICY, now: NOW, acceptMissing: false, unreadableDrills: [], findings: [] },
  });
  assertEquals(equal, vanished.length === 0);
  assertEquals(
    [backup.verdict, status?.code],
    vanished.length > 0 ? ["fail", "SETS_VANISHED"] : ["pass", undefined],
  );
  return {
    ...{ drill: namesIn(details.join()), list: namesIn(inventoryWarnings(inventory).join()) },
    ...{ flawed: flawed.map(({ set }) => set.name).sort(), prune: namesIn(planned.refusals.join()) },
    backup: namesIn(vanished.join()),
  };
}

describe("of thirty sets", () => {
  type Taken = "set" | "manifest" | "object" | "exchanged" | "older copy";
  const KINDS: Taken[] = ["set", "manifest", "object", "exchanged", "older copy"];

  async function take(store: Store, name: string, kind: Taken): Promise<void> {
    const key = manifestKey("prod", name);
    if (kind === "object") return await store.delete(`prod/db/${name}.dump`);
    if (kind === "older copy" || kind === "exchanged") {
      await putSet(store, name, { suspect: [kind] }); // other bytes, and all the same a manifest of that set
      return;
    }
    await store.delete(key);
    if (kind === "set") {
      for (const object of await keysOf(store, "prod/")) {
        if (object.includes(`/${name}.`) && !object.startsWith("prod/rosters/")) await store.delete(object);
      }
    }
  }

  it("each that is taken away or exchanged is named by whatever looks, until it is put back", async () => {
    await using whole = await thirtySets();
    const taken = fc.uniqueArray(
      fc.record({ at: fc.nat(NAMES.length - 1), kind: fc.constantFrom(...KINDS) }),
      { minLength: 1, maxLength: 10, selector: ({ at }) => at },
    );
    await fc.assert(
      fc.asyncProperty(taken, async (taken) => {
        await using folder = await emptyStore(whole.path);
        const { store } = folder;
        for (const { at, kind } of taken) await take(store, NAMES[at]!, kind);
        const of = (...kinds: Taken[]) =>
          taken.filter(({ kind }) => kinds.includes(kind)).map(({ at }) => NAMES[at]!).sort();
        const vanished = of("set", "manifest", "exchanged", "older copy");
        const told = await toldBy(await readInventory(store, "prod", NOW));
        assertEquals(
          [told.drill, told.list, told.backup, told.prune].map((names) => names!.slice(0, 10)),
          [vanished, vanished, vanished, vanished],
        );
        assertEquals(told.flawed, of("object", "exchanged", "older copy"));
        await record(store, nightsBefore(NOW, 0)); // the next backup forgets nothing
        assertEquals((await toldBy(await readInventory(store, "prod", NOW))).drill, vanished);

        const from = await readAll(whole.store);
        for (const [key, bytes] of from) {
          if (!key.startsWith("prod/rosters/")) await store.put(key, bytesOf(bytes));
        }
        assertEquals(await toldBy(await readInventory(store, "prod", NOW)), await toldOfNone());
      }),
      { numRuns: 15 },
    );
  });

  const toldOfNone = () => Promise.resolve({ drill: [], list: [], flawed: [], prune: [], backup: [] });

  async function readAll(store: Store): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
    const all = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const key of await keysOf(store)) {
      all.set(key, new Uint8Array(await new Response(store.get(key)).arrayBuffer()));
    }
    return all;
  }

  it("ten that are removed are named until a prune accepts it, which drops nothing else", async () => {
    await using folder = await thirtySets();
    const { store } = folder;
    for (const name of NAMES.slice(0, 10)) await take(store, name, "set");
    const options = { policy: POLICY, clocks: clocks(NOW) };
    const error = await assertRejects(() => runPrune(store, options), DrillError);
    assertEquals(error.code, "PRUNE_REFUSED");
    for (const name of NAMES.slice(0, 10)) assert(error.details.join().includes(name), name);
    assertEquals((await runPrune(store, { ...options, acceptMissing: true })).dropped, []);
    const after = await readInventory(store, "prod", NOW);
    assertEquals([missingIn(after), after.roster?.sets.length], [[], 20]);
    assertEquals(await toldBy(after), await toldOfNone());
  });

  it("the newest is named where only its manifest is gone, and the one before is not taken for it", async () => {
    await using folder = await thirtySets();
    await folder.store.delete(manifestKey("prod", NAMES.at(-1)!));
    const inventory = await readInventory(folder.store, "prod", NOW);
    assertEquals((await toldBy(inventory)).drill, [NAMES.at(-1)!]);
  });

  it("a manifest is another one where that of another set lies in its place", async () => {
    await using folder = await thirtySets();
    const { store } = folder;
    const other = (await readAll(store)).get(manifestKey("prod", NAMES[3]!))!;
    await store.put(manifestKey("prod", NAMES[5]!), bytesOf(other));
    const { unreadable } = await readInventory(store, "prod", NOW); // it says itself that it is another's
    assertEquals(unreadable.map(({ key }) => key), [manifestKey("prod", NAMES[5]!)]);
  });

  describe("none is named", () => {
    it("after a prune, and after one that was interrupted", async () => {
      await using whole = await thirtySets();
      const short = { ...POLICY, daily: { amount: 5, unit: "d" } } as const;
      const options = { policy: short, clocks: clocks(NOW) };
      await using pruned = await emptyStore(whole.path);
      const { dropped } = await runPrune(pruned.store, options);
      assert(dropped.length > 20);
      assertEquals(await toldBy(await readInventory(pruned.store, "prod", NOW)), await toldOfNone());

      await using cut = await emptyStore(whole.path);
      const sets = NAMES.toReversed();
      const at = "20261130T120000Z";
      await putPrune(cut.store, {
        ...{ environment: "prod", at, sets, legacy: [] },
        dropped: NAMES.slice(0, 20).map((set) => ({
          set,
          kind: "scheduled",
          reasons: [],
          objects: ["dump", "tar.gz", "index.json.gz"].map((end) =>
            `prod/${end === "dump" ? "db" : "docs"}/${set}.${end}`
          ),
        })),
      });
      for (const name of NAMES.slice(0, 7)) await take(cut.store, name, "manifest");
      const told = await toldBy(await readInventory(cut.store, "prod", NOW));
      assertEquals(told, await toldOfNone());
    });

    it("while a backup that began before is listed by no roster yet", async () => {
      await using folder = await thirtySets();
      await putSet(folder.store, "20261130T110000Z");
      assertEquals(await toldBy(await readInventory(folder.store, "prod", NOW)), await toldOfNone());
    });

    it("in the store of a version that wrote no roster", async () => {
      await using folder = await emptyStore();
      for (const name of NAMES) await putSet(folder.store, name);
      await folder.store.delete(manifestKey("prod", NAMES[4]!));
      const inventory = await readInventory(folder.store, "prod", NOW);
      assertEquals(vanishedIn(inventory), { listed: 0, missing: [], exchanged: [] });
      assertEquals(inventory.lost, [NAMES[4]!]); // its objects tell of it all the same
    });
  });

  it("what is gone is named by the roster before the newest, where that is damaged", async () => {
    await using folder = await thirtySets();
    const { store } = folder;
    await record(store, "20261130T110000Z");
    await store.put(recordKey("prod", "rosters", "20261130T110000Z"), bytesOf("{ half a rec"));
    await take(store, NAMES[2]!, "set");
    const inventory = await readInventory(store, "prod", NOW);
    assertEquals(inventory.unreadable.map(({ key }) => key), ["prod/rosters/20261130T110000Z.json"]);
    assertEquals(vanishedIn(inventory).missing, [NAMES[2]!]);
  });
});
