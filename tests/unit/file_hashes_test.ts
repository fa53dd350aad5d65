import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { md5Of, sha256Of } from "../../src/base/streams.ts";
import { startFileHasher } from "../../src/platform/file_hashes.ts";
import { together } from "../../src/base/together.ts";

describe("hashing files on a thread of its own", () => {
  it("gives each file's hashes in their order, whatever their sizes and however they come in", async () => {
    const sizes = [0, 1, 250_000, 0, 1024 * 1024, 3_000_001, 17, 1024 * 1024 - 18, 1];
    const files = sizes.map((size, file) => new Uint8Array(size).fill(65 + file));
    using hasher = startFileHasher();
    for (const file of files) {
      for (let at = 0; at < file.length; at += 700_000) await hasher.add(file.subarray(at, at + 700_000));
      hasher.endFile();
    }
    assertEquals(
      await hasher.finish(),
      files.map((file) => ({ sha256: sha256Of(file), md5: md5Of(file) })),
    );
  });

  it("takes a copy: the bytes may be overwritten at once", async () => {
    const bytes = new TextEncoder().encode("paper");
    using hasher = startFileHasher();
    await hasher.add(bytes);
    bytes.fill(0);
    hasher.endFile();
    assertEquals((await hasher.finish())[0]?.sha256, sha256Of("paper"));
  });

  it("has nothing to say where there was no file, and stops in the middle", async () => {
    using none = startFileHasher();
    assertEquals(await none.finish(), []);
    using stopped = startFileHasher();
    await stopped.add(new Uint8Array(5_000_000));
  });
});

describe("two things together", () => {
  const signal = new AbortController().signal;
  const until = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

  it("give both results", async () => {
    assertEquals(await together(signal, () => Promise.resolve(1), () => Promise.resolve("b")), [1, "b"]);
  });

  it("end together when one fails, with the error of the one that failed first", async () => {
    let ended = false;
    const other = async (signal: AbortSignal) => {
      try {
        await until(signal);
      } finally {
        await new Promise((resolve) => setTimeout(resolve, 10));
        ended = true;
      }
    };
    await assertRejects(
      () => together(signal, other, () => Promise.reject(new RangeError("full"))),
      RangeError,
      "full",
    );
    assertEquals(ended, true);
  });

  it("both hear of an interruption", async () => {
    const stop = new AbortController();
    const both = together(stop.signal, until, until);
    stop.abort(new DOMException("Interrupted", "AbortError"));
    await assertRejects(() => both, DOMException, "Interrupted");
  });
});
