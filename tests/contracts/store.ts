/** What every store must do, whatever it is made of. One suite, run against each driver. */

import { assertEquals, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { DrillError } from "../../src/base/errors.ts";
import { type Bytes, bytesOf, digestOf, readSmall, sha256Of } from "../../src/base/streams.ts";
import { takeLease } from "../../src/store/lease.ts";
import { startRun, sweepRuns } from "../../src/store/runs.ts";
import type { ObjectInfo, Store } from "../../src/store/store.ts";

export interface StartedStore extends AsyncDisposable {
  store: Store;
}

export function describeStore(name: string, start: () => Promise<StartedStore>): void {
  describe(`the ${name} store`, () => {
    let started: StartedStore;
    let store: Store;
    beforeAll(async () => {
      started = await start();
      store = started.store;
    });
    afterAll(async () => await started[Symbol.asyncDispose]());

    const text = async (key: string) => new TextDecoder().decode(await readSmall(store.get(key)));
    const keys = async (prefix: string) =>
      (await Array.fromAsync(store.list(prefix))).map(({ key }: ObjectInfo) => key);

    it("gives back what was put, and knows its size", async () => {
      await store.put("prod/db/a.dump", bytesOf("one"));
      assertEquals(await text("prod/db/a.dump"), "one");
      const info = await store.head("prod/db/a.dump");
      assertEquals([info?.key, info?.bytes], ["prod/db/a.dump", 3]);
      assertEquals(Math.abs(Date.now() - info!.modified.getTime()) < 60_000, true);
    });

    it("stores a stream of unknown length, an empty one too", async () => {
      const chunks = Array.from({ length: 300 }, (_, at) => new Uint8Array(17_000).fill(at));
      const whole = await digestOf(streamOf(chunks));
      await store.put("prod/db/large.dump", streamOf(chunks));
      assertEquals(await digestOf(store.get("prod/db/large.dump")), whole);
      await store.put("prod/db/empty.dump", streamOf([]));
      assertEquals((await store.head("prod/db/empty.dump"))?.bytes, 0);
    });

    it("reads a range", async () => {
      await store.put("prod/db/range.dump", bytesOf("0123456789"));
      const range = async (offset: number, length?: number) =>
        new TextDecoder().decode(await readSmall(store.get("prod/db/range.dump", { offset, length })));
      assertEquals([await range(3), await range(3, 4), await range(0, 1)], ["3456789", "3456", "0"]);
    });

    it("shows nothing of an upload that breaks off, and says the stream's own reason", async () => {
      async function* breaking(): AsyncGenerator<Bytes> {
        yield new Uint8Array(100_000);
        await Promise.resolve();
        throw new DrillError("TOOL_FAILED", "Cannot dump erp: the server went away", "Look at it");
      }
      const error = await assertRejects(() => store.put("broken/db/b.dump", breaking()), DrillError);
      assertEquals(error.code, "TOOL_FAILED");
      assertEquals(await store.head("broken/db/b.dump"), undefined);
      assertEquals(await keys("broken/"), []);
    });

    it("keeps the old object when a new one under its name breaks off", async () => {
      await store.put("prod/db/kept.dump", bytesOf("old"));
      // deno-lint-ignore require-yield -- it breaks before its first byte
      async function* breaking(): AsyncGenerator<Bytes> {
        await Promise.resolve();
        throw new Error("stop");
      }
      await assertRejects(() => store.put("prod/db/kept.dump", breaking()));
      assertEquals(await text("prod/db/kept.dump"), "old");
    });

    it("lists by prefix, in the order of the keys, and only that prefix", async () => {
      for (const key of ["list/b/2", "list/b/10", "list/a.txt", "list/a/1", "listing/x"]) {
        await store.put(key, bytesOf(key));
      }
      assertEquals(await keys("list/"), ["list/a.txt", "list/a/1", "list/b/10", "list/b/2"]);
      assertEquals(await keys("list/b/1"), ["list/b/10"]);
      assertEquals(await keys("nothing/here/"), []);
    });

    it("keeps names with blanks and accents apart", async () => {
      for (const key of ["names/Été 2026.txt", "names/Ete 2026.txt", "names/%C3%89t%C3%A9.txt"]) {
        await store.put(key, bytesOf(key));
      }
      assertEquals((await keys("names/")).length, 3);
      assertEquals(await text("names/Été 2026.txt"), "names/Été 2026.txt");
    });

    it("says that there is no such object, and deletes one that is not there without a word", async () => {
      assertEquals(await store.head("prod/none"), undefined);
      assertEquals(
        (await assertRejects(() => readSmall(store.get("prod/none")), DrillError)).code,
        "OBJECT_MISSING",
      );
      await store.delete("prod/none");
      await store.put("prod/gone", bytesOf("x"));
      await store.delete("prod/gone");
      assertEquals(await store.head("prod/gone"), undefined);
    });

    it("leaves one whole object when two write the same key at once", async () => {
      const sides = ["a", "b"].map((letter) => letter.repeat(500_000));
      await Promise.all(sides.map((side) => store.put("prod/db/race.dump", bytesOf(side))));
      assertEquals(sides.map(sha256Of).includes(sha256Of(await text("prod/db/race.dump"))), true);
    });

    it("gives the lease to one at a time", async () => {
      const first = await takeLease(store, "leased", "backup");
      const error = await assertRejects(() => takeLease(store, "leased", "prune", { tries: 1 }), DrillError);
      assertEquals([error.code, error.message.includes("backup has been running there since")], [
        "LEASE_HELD",
        true,
      ]);
      await first.confirm();
      await first[Symbol.asyncDispose]();
      await using second = await takeLease(store, "leased", "prune");
      await second.confirm();
    });

    it("gives the lease to one of twenty who come together, and tells the holder when it was taken away", async () => {
      const tries = await Promise.allSettled(
        Array.from({ length: 20 }, (_, at) => takeLease(store, "crowd", `verb ${at}`, { tries: 3 })),
      );
      const held = tries.filter((one) => one.status === "fulfilled").map((one) => one.value);
      assertEquals(held.length <= 1, true);
      for (const lease of held) {
        await lease.confirm();
        for (const key of await keys("crowd/lease/")) await store.delete(key);
        assertEquals((await assertRejects(() => lease.confirm(), DrillError)).code, "LEASE_HELD");
        await lease[Symbol.asyncDispose]();
      }
    });

    it("takes over the lease of a process that is gone, and never that of another machine", async () => {
      const holder = { host: "elsewhere", boot: "x", pid: 1, start: "1" };
      const lease = (who: object) =>
        bytesOf(JSON.stringify({ format: 1, verb: "backup", since: "2026-06-30T15:53:13Z", holder: who }));
      await store.put(
        "orphan/lease/0.json",
        lease({ ...(await import("../../src/base/holder.ts")).thisProcess(), pid: 2 ** 22 + 7 }),
      );
      await (await takeLease(store, "orphan", "backup", { tries: 1 }))[Symbol.asyncDispose]();
      assertEquals(await keys("orphan/lease/"), []);
      await store.put("orphan/lease/1.json", lease(holder));
      assertEquals(
        (await assertRejects(() => takeLease(store, "orphan", "backup", { tries: 1 }), DrillError)).code,
        "LEASE_HELD",
      );
    });

    it("sweeps what a gone run left, but never an object that a manifest names or a live run makes", async () => {
      const [loose, named, live] = [
        "swept/db/20260630T155313Z.dump",
        "swept/docs/20260630T155313Z.tar.gz",
        "swept/db/20260701T155313Z.dump",
      ];
      for (const key of [loose!, named!, live!]) await store.put(key, bytesOf(key));
      const { thisProcess } = await import("../../src/base/holder.ts");
      const gone = {
        format: 1,
        startedAt: "2026-06-30T15:53:13Z",
        holder: { ...thisProcess(), pid: 2 ** 22 + 7 },
        keys: [loose, named],
      };
      await store.put("swept/runs/20260630T155313Z.json", bytesOf(JSON.stringify(gone)));
      const run = await startRun(store, "swept", "20260701T155313Z", [live!]);
      assertEquals(await sweepRuns(store, "swept", new Set([named!])), ["20260630T155313Z"]);
      assertEquals(await keys("swept/d"), [live!, named!]);
      await run.undo();
      assertEquals(await keys("swept/"), [named!]);
    });
  });
}

async function* streamOf(chunks: Bytes[]): AsyncGenerator<Bytes> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}
