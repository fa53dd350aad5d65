/** What every store must do, whatever it is made of. One suite, run against each driver. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { DrillError } from "../../src/base/errors.ts";
import { thisProcess } from "../../src/base/process/holder.ts";
import { type Bytes, bytesOf, digestOf, readSmall, sha256Of } from "../../src/base/streams.ts";
import { startRun, sweepRuns } from "../../src/store/records/runs.ts";
import type { ObjectInfo, Store } from "../../src/store/store.ts";
import { wholeSecond } from "../support/until.ts";

export interface StartedStore extends AsyncDisposable {
  store: Store;
}

const MiB = 1024 * 1024;

export function describeStore(name: string, start: () => Promise<StartedStore>, skip?: string): void {
  describe(`the ${name} store`, { skip }, () => {
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
      const before = wholeSecond();
      await store.put("prod/db/a.dump", bytesOf("one"));
      assertEquals(await text("prod/db/a.dump"), "one");
      const info = await store.head("prod/db/a.dump");
      assertEquals([info?.key, info?.bytes], ["prod/db/a.dump", 3]);
      assert(before <= info!.modified && info!.modified <= new Date(), info!.modified.toISOString());
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
      assertEquals([await range(8, 100), await range(0, 0), await range(0)], ["89", "", "0123456789"]);
      assertEquals([await range(10), await range(10, 5), await range(4000)], ["", "", ""]);
      await store.put("prod/db/nothing.dump", streamOf([]));
      assertEquals((await readSmall(store.get("prod/db/nothing.dump", { offset: 0, length: 5 }))).length, 0);
    });

    it("stores what is larger than a part, in chunks of any size, and reads in the middle of it", async () => {
      const bytes = 70 * MiB + 17;
      await store.put("prod/db/parts.dump", numbered(bytes, 777_777));
      assertEquals((await store.head("prod/db/parts.dump"))?.bytes, bytes);
      assertEquals(await digestOf(store.get("prod/db/parts.dump")), await digestOf(numbered(bytes, MiB)));
      const middle = { offset: 32 * MiB - 100, length: 200 };
      assertEquals(
        await readSmall(store.get("prod/db/parts.dump", middle)),
        await readSmall(numbered(bytes, MiB, middle.offset, middle.length)),
      );
      await store.delete("prod/db/parts.dump");
    });

    it("is content with a reader who does not read to the end", async () => {
      await store.put("prod/db/left.dump", numbered(3 * MiB, MiB));
      for await (const chunk of store.get("prod/db/left.dump")) {
        assertEquals(chunk.length > 0, true);
        break;
      }
      await store.delete("prod/db/left.dump");
    });

    it("stores exactly one part, and one byte more", async () => {
      for (const bytes of [32 * MiB, 32 * MiB + 1]) {
        await store.put("prod/db/edge.dump", numbered(bytes, 5 * MiB));
        assertEquals((await store.head("prod/db/edge.dump"))?.bytes, bytes);
      }
      await store.delete("prod/db/edge.dump");
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

    it("shows nothing of a large upload that breaks off, and leaves nothing unfinished behind", async () => {
      async function* breaking(): AsyncGenerator<Bytes> {
        yield* numbered(40 * MiB, MiB);
        throw new DrillError("TOOL_FAILED", "Cannot dump erp: the server went away", "Look at it");
      }
      const error = await assertRejects(() => store.put("broken/db/c.dump", breaking()), DrillError);
      assertEquals(error.code, "TOOL_FAILED");
      assertEquals(await keys("broken/"), []);
      assertEquals(await Array.fromAsync(store.unfinishedUploads("broken/")), []);
    });

    it("shows an object only when it is whole", async () => {
      const seen: unknown[] = [];
      async function* looking(): AsyncGenerator<Bytes> {
        yield* numbered(35 * MiB, MiB);
        seen.push(await store.head("looked/db/d.dump"), await keys("looked/"));
      }
      await store.put("looked/db/d.dump", looking());
      assertEquals([seen, await keys("looked/")], [[undefined, []], ["looked/db/d.dump"]]);
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

    it("lists 1,500 keys, each once and in order", async () => {
      const names = Array.from({ length: 1500 }, (_, at) => `many/${String(at).padStart(4, "0")}.json`);
      for (let at = 0; at < names.length; at += 30) {
        await Promise.all(names.slice(at, at + 30).map((name) => store.put(name, bytesOf(name))));
      }
      assertEquals(await keys("many/"), names);
      assertEquals((await keys("many/01")).length, 100);
    });

    it("keeps names with blanks and accents apart", async () => {
      for (
        const key of [
          "names/Été 2026.txt",
          "names/Ete 2026.txt",
          "names/%C3%89t%C3%A9.txt",
          "names/a+b&c=d #1?.txt",
        ]
      ) {
        await store.put(key, bytesOf(key));
        assertEquals([await text(key), (await store.head(key))?.key], [key, key]);
      }
      assertEquals((await keys("names/")).length, 4);
      assertEquals(await keys("names/É"), ["names/Été 2026.txt"]);
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

    it("never takes a key that leaves it", async () => {
      for (const key of ["../outside", "a/../../outside", "/etc/passwd", "a//b", ".parts/x"]) {
        assertEquals((await assertRejects(() => store.put(key, bytesOf("x")), DrillError)).code, "INTERNAL");
      }
    });

    it("leaves one whole object when two write the same key at once", async () => {
      const sides = ["a", "b"].map((letter) => letter.repeat(500_000));
      await Promise.all(sides.map((side) => store.put("prod/db/race.dump", bytesOf(side))));
      assertEquals(sides.map(sha256Of).includes(sha256Of(await text("prod/db/race.dump"))), true);
      const large = [0, 1].map((offset) => () => numbered(40 * MiB, MiB, offset, 33 * MiB));
      await Promise.all(large.map((side) => store.put("prod/db/race.dump", side())));
      const digests = await Promise.all(large.map(async (side) => (await digestOf(side())).sha256));
      assertEquals(digests.includes((await digestOf(store.get("prod/db/race.dump"))).sha256), true);
      await store.delete("prod/db/race.dump");
    });

    it("sweeps what a gone run left, but never an object that a manifest names or a live run makes", async () => {
      const [loose, named, live] = [
        "swept/db/20260630T155313Z.dump",
        "swept/docs/20260630T155313Z.tar.gz",
        "swept/db/20260701T155313Z.dump",
      ];
      for (const key of [loose!, named!, live!]) await store.put(key, bytesOf(key));
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

/** Bytes that tell where they stand, from `offset` on, in chunks of `size`. */
async function* numbered(bytes: number, size: number, offset = 0, length = bytes): AsyncGenerator<Bytes> {
  const end = Math.min(bytes, offset + length);
  for (let at = offset; at < end; at += size) {
    const chunk = new Uint8Array(Math.min(size, end - at));
    for (let i = 0; i < chunk.length; i++) chunk[i] = (at + i) % 251 ^ (at + i) >>> 16;
    yield await Promise.resolve(chunk);
  }
}
