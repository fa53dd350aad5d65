/** A prune that is stopped, killed or not allowed to delete: nothing that is kept is lost, nothing is half there. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { asDrillError, DrillError, exitStatusOf } from "../../../src/base/errors.ts";
import { readInventory } from "../../../src/store/sets/inventory.ts";
import { putHold } from "../../../src/store/records/holds.ts";
import { readNewestPrune } from "../../../src/store/records/prunes.ts";
import type { Store } from "../../../src/store/store.ts";
import { type Fault, faultyStore } from "../../support/store/faulty_store.ts";
import {
  assertNothingHalf,
  clocks,
  emptyStore,
  fill,
  KEPT,
  NOW,
  runPrune,
  stateOf,
} from "../../support/retention/prune_store.ts";
import { dropLeases, keysOf, rethrow } from "../../support/store/sets.ts";

describe("a prune that is interrupted at any call to the store", () => {
  for (const fault of ["dies", "fails", "answer lost"] satisfies Fault[]) {
    it(`(${fault}) leaves whole sets, and the next one comes to the same end`, async () => {
      await using filled = await emptyStore();
      await fill(filled.store);
      const before = await readInventory(filled.store, "prod");
      await using model = await emptyStore(filled.path);
      const counted = faultyStore(model.store, 0, fault);
      await runPrune(counted);
      const end = (await stateOf(model.store)).map(withoutIds);
      assert(counted.calls() > 60);
      for (let at = 1; at <= counted.calls(); at++) {
        await using here = await emptyStore(filled.path);
        const broken = faultyStore(here.store, at, fault);
        const outcome = await runPrune(broken).then(() => "done", () => "failed");
        const where = `${fault} at call ${at} of ${counted.calls()} (${outcome})`;
        await assertNothingHalf(here.store, before, where);
        await dropLeases(here.store);
        await runPrune(here.store, { clocks: clocks(new Date(NOW.getTime() + 3_600_000)) });
        assertEquals((await stateOf(here.store)).map(withoutIds), end, where);
      }
    });
  }

  it("by Ctrl-C stops before the next deletion, and says how to go on", async () => {
    await using here = await emptyStore();
    await fill(here.store);
    const before = await readInventory(here.store, "prod");
    const controller = new AbortController();
    let deletions = 0;
    const store: Store = {
      ...here.store,
      async delete(key) {
        await here.store.delete(key);
        if (key.includes("/manifests/") && ++deletions === 2) {
          controller.abort(new DOMException("Interrupted", "AbortError"));
        }
      },
    };
    const error = await runPrune(store, { signal: controller.signal }).catch((thrown) => thrown);
    assertEquals(asDrillError(error, controller.signal).code, "INTERRUPTED");
    assertEquals(deletions, 2);
    assertEquals(await keysOf(here.store, "prod/lease/"), []);
    await assertNothingHalf(here.store, before, "after Ctrl-C");
    await runPrune(here.store, { clocks: clocks(new Date(NOW.getTime() + 60_000)) });
    assertEquals((await readInventory(here.store, "prod")).sets.map(({ name }) => name), KEPT);
  });

  it("judges anew what it had not begun: a set that is held since then stays", async () => {
    await using here = await emptyStore();
    await fill(here.store);
    const manifest = "prod/manifests/20260519T020000Z.json";
    await assertRejects(() =>
      runPrune({
        ...here.store,
        delete: (key) => key === manifest ? Promise.reject(new Error("gone away")) : here.store.delete(key),
      })
    );
    const set = "20260519T020000Z";
    await putHold(here.store, {
      environment: "prod",
      set,
      until: "2027-01-01",
      reason: "audit",
      since: NOW.toISOString(),
    });
    await runPrune(here.store, { clocks: clocks(new Date(NOW.getTime() + 60_000)) });
    const { sets, lastPrune } = await readInventory(here.store, "prod");
    assert(sets.some(({ name }) => name === set));
    assert(!lastPrune?.dropped.some((one) => one.set === set));
  });
});

/** A proof's key ends in eight random letters. */
const withoutIds = (key: string) => key.replace(/-[0-9a-f]{8}\.json$/, ".json");

describe("a store that does not let us delete", () => {
  for (
    const [how, delete_] of [
      [
        "refuses",
        () => Promise.reject(new DrillError("STORE_FORBIDDEN", "Cannot delete: 403", "Look at the rights.")),
      ],
      ["says yes and does nothing", () => Promise.resolve()],
    ] as const
  ) {
    it(`and ${how} loses nothing, claims nothing and ends with 2`, async () => {
      await using here = await emptyStore();
      await fill(here.store);
      const before = await readInventory(here.store, "prod");
      const objects = [...before.objects.keys()];
      const locked = {
        ...here.store,
        delete: (key: string) =>
          key.includes("/lease/") && how !== "refuses" ? here.store.delete(key) : delete_(),
      };
      const error = asDrillError(await runPrune(locked).catch((thrown) => thrown));
      assertEquals(exitStatusOf(error.code), 2);
      assertMatch(error.message, /^Cannot delete/);
      await assertNothingHalf(here.store, before, how);
      assertEquals([...(await readInventory(here.store, "prod")).objects.keys()], objects);
      assertEquals((await readNewestPrune(here.store, "prod", rethrow))?.endedAt, undefined);
      await dropLeases(here.store);
      await runPrune(here.store, { clocks: clocks(new Date(NOW.getTime() + 60_000)) });
      assertEquals((await readInventory(here.store, "prod")).sets.map(({ name }) => name), KEPT);
    });
  }
});
