/** When a prune must not act: every reason, and the way out of it. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError, exitStatusOf } from "../../../src/base/errors.ts";
import { bytesOf } from "../../../src/base/streams.ts";
import type { PruneOptions } from "../../../src/retention/prune.ts";
import { takeLease } from "../../../src/store/lease/lease.ts";
import { putPrune, readNewestPrune } from "../../../src/store/records/prunes.ts";
import type { Store } from "../../../src/store/store.ts";
import { clocks, emptyStore, fill, NOW, runPrune } from "../../support/retention/prune_store.ts";
import { keysOf, putLegacy, putSet, rethrow } from "../../support/store/sets.ts";

describe("a prune is refused, and deletes and writes nothing,", () => {
  async function refusal(
    change: (store: Store) => Promise<unknown>,
    more: Partial<PruneOptions> = {},
    code = "PRUNE_REFUSED",
  ) {
    await using here = await emptyStore();
    await fill(here.store);
    await change(here.store);
    const before = await keysOf(here.store);
    const error = await assertRejects(() => runPrune(here.store, more), DrillError);
    assertEquals(error.code, code);
    assertEquals(exitStatusOf(error.code), 2);
    assertEquals(await keysOf(here.store), before);
    return [error.message, ...error.details].join("\n");
  }
  const nothing = () => Promise.resolve();

  it("when the newest good set is old", async () => {
    assertMatch(
      await refusal(nothing, { clocks: clocks(new Date("2026-07-08T12:00:00Z")) }),
      /1 reason against it\n.* 8 days old/,
    );
  });
  it("when a set is in the future", async () => {
    assertMatch(
      await refusal((store) => putSet(store, "20270101T020000Z")),
      /20270101T020000Z is in the future/,
    );
  });
  it("when the old script still runs", async () => {
    assertMatch(
      await refusal((store) => putLegacy(store, "20260629T030000Z")),
      /the old backup script still runs.*20260629T030000Z\.dump/,
    );
  });
  it("when sets are gone that no prune dropped", async () => {
    const lost = async (store: Store) => {
      await runPrune(store);
      await store.delete("prod/manifests/20260530T020000Z.json");
    };
    const said = await refusal(lost, { clocks: clocks(new Date(NOW.getTime() + 60_000)) });
    assertMatch(
      said,
      /the list shrank by more than the recorded prunes explain; gone are 20260530T020000Z: .*--accept-missing/,
    );
  });
  it("when this machine's clock is not the store's", async () => {
    const off = clocks(NOW, new Date(NOW.getTime() - 3_600_000));
    assertMatch(
      await refusal(nothing, { clocks: off }),
      /clock is 1 h ahead of the store's/,
    );
  });
  it("when this machine's clock is behind the last prune", async () => {
    const later = {
      environment: "prod",
      at: "20260701T000000Z",
      sets: [],
      legacy: [],
      dropped: [],
      endedAt: "2026-07-01T00:00:01Z",
    };
    assertMatch(
      await refusal((store) => putPrune(store, later), {}, "CLOCK_BEHIND"),
      /is behind the last prune, 20260701T000000Z/,
    );
  });
  const NEWER = [
    ["a manifest", "manifests/20260629T020000Z.json", "STORE_NEWER"],
    ["a hold", "holds/20250610T020000Z.json", "PRUNE_REFUSED"],
    ["a run", "runs/20260630T030000Z.json", "PRUNE_REFUSED"],
    ["the last prune", "prunes/20260629T120000Z.json", "PRUNE_REFUSED"],
    [
      "a proof that failed",
      "verified/20260520T020000Z.20260521T020000Z-verify-fail-01234567.json",
      "PRUNE_REFUSED",
    ],
    [
      "a proof of a set that is gone",
      "verified/20200101T020000Z.20200102T020000Z-verify-fail-01234567.json",
      "PRUNE_REFUSED",
    ],
    ["the record of a drill", "drills/20260629T060000Z.json", "PRUNE_REFUSED"],
    ["the record of an old drill", "drills/20200629T060000Z.json", "PRUNE_REFUSED"],
  ] as const;
  for (const [what, key, code] of NEWER) {
    it(`when a newer version wrote ${what}`, async () => {
      const put = (store: Store) => store.put(`prod/${key}`, bytesOf('{"format":9,"minReader":8}'));
      const said = await refusal(put, {}, code);
      assertMatch(said, new RegExp(`Cannot read prod/${key}: it is of format 9, this version knows \\d`));
    });
  }

  it("when another one holds the lease", async () => {
    await using here = await emptyStore();
    await fill(here.store);
    await using _lease = await takeLease(here.store, "prod", "backup");
    const before = await keysOf(here.store);
    assertEquals((await assertRejects(() => runPrune(here.store), DrillError)).code, "LEASE_HELD");
    assertEquals(await keysOf(here.store), before);
  });
  it("with every reason at once", async () => {
    const said = await refusal(async (store) => {
      await putSet(store, "20270101T020000Z");
      await putLegacy(store, "20260629T030000Z", ["db"]);
    }, { clocks: clocks(new Date("2026-07-08T12:00:00Z")) });
    assertMatch(said, /3 reasons against it\n.*future.*\n.*8 days old.*\n.*old backup script/);
  });

  it("and goes on once the missing sets are acknowledged, and remembers them", async () => {
    await using here = await emptyStore();
    await fill(here.store);
    await runPrune(here.store);
    await here.store.delete("prod/db/20250610T020000Z.dump");
    const at = (minutes: number) => clocks(new Date(NOW.getTime() + minutes * 60_000));
    await assertRejects(() => runPrune(here.store, { clocks: at(1) }), DrillError);
    await runPrune(here.store, { clocks: at(2), acceptMissing: true });
    assertEquals((await readNewestPrune(here.store, "prod", rethrow))?.acknowledged, ["20250610T020000Z"]);
    await runPrune(here.store, { clocks: at(3) });
  });
});
