import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Bytes, digestOf } from "../../../src/base/streams.ts";
import { partsOf } from "../../../src/store/drivers/s3/parts.ts";

describe("a stream in parts", () => {
  const sizes = async (chunks: number[], size: number) => {
    const found: string[] = [];
    for await (const { data, last } of partsOf(zeros(chunks), size)) {
      found.push(`${data.length}${last ? " last" : ""}`);
    }
    return found;
  };

  it("has parts of exactly the size, and the rest", async () => {
    assertEquals(await sizes([3, 3, 3, 3], 5), ["5", "5", "2 last"]);
    assertEquals(await sizes([10], 5), ["5", "5 last"]);
    assertEquals(await sizes([5], 5), ["5 last"]);
    assertEquals(await sizes([4], 5), ["4 last"]);
    assertEquals(await sizes([0, 1, 0, 12, 0], 5), ["5", "5", "3 last"]);
  });

  it("has none where there is nothing", async () => assertEquals(await sizes([0, 0], 5), []));

  it("uses memory again only when it was given back", async () => {
    const [size, count] = [1024, 40];
    const bytes = crypto.getRandomValues(new Uint8Array(size * count));
    const parts = partsOf(chunksOf(bytes, 100), size);
    const buffers = new Set<ArrayBuffer>();
    const held: { number: number; data: Bytes }[] = [];
    let number = 0;
    for await (const { data } of parts) {
      buffers.add(data.buffer);
      held.push({ number: number++, data });
      if (held.length < 3) continue;
      const { number: at, data: oldest } = held.splice(number % 3, 1)[0]!; // in any order
      assertEquals(oldest, bytes.slice(at * size, at * size + oldest.length));
      parts.free(oldest);
    }
    assert(buffers.size <= 5, `${buffers.size} buffers`);
  });

  it("is what it was", async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    async function* joined(): AsyncGenerator<Bytes> {
      for await (const { data } of partsOf(chunksOf(bytes, 777), 4096)) yield data.slice();
    }
    assertEquals(await digestOf(joined()), await digestOf(chunksOf(bytes, 1)));
  });
});

async function* zeros(sizes: number[]): AsyncGenerator<Bytes> {
  for (const size of sizes) yield await Promise.resolve(new Uint8Array(size));
}

async function* chunksOf(bytes: Bytes, size: number): AsyncGenerator<Bytes> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}
