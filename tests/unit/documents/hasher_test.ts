import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { md5Of, sha256Of } from "../../../src/base/streams.ts";
import { type HashedFile, startFileHasher } from "../../../src/documents/hash/hasher.ts";
import { together } from "../../../src/base/together.ts";
import { BLOCK_BYTES, LANE_BYTES, LANES, makeMd5Lanes } from "../../../src/documents/hash/md5_lanes.ts";
import { temporaryFolder } from "../../support/folder.ts";

describe("hashing files on a thread of its own", () => {
  it("gives each file's hashes in their order, whatever their sizes and however many", async () => {
    await using folder = await temporaryFolder();
    const edges = [BLOCK_BYTES, LANE_BYTES, 2 * LANE_BYTES].flatMap((size) =>
      [-9, -8, -1, 0, 1].map((more) => size + more)
    );
    const sizes = [...edges, 0, 1, 250_000, 0, 1024 * 1024, 3_000_001, 17, ...Array(600).fill(3)];
    const files = sizes.map((size, at) => ({ path: `${folder.path}/${at}`, bytes: size }));
    for (const [at, { path, bytes }] of files.entries()) Deno.writeFileSync(path, textOf(at, bytes));
    using hasher = startFileHasher(files);
    assertEquals(
      await hasher.finish(),
      sizes.map((bytes, at) => ({
        bytes,
        sha256: sha256Of(textOf(at, bytes)),
        md5: md5Of(textOf(at, bytes)),
      })),
    );
  });

  it("says what is gone, and never follows a link or waits for a pipe", async () => {
    await using folder = await temporaryFolder();
    Deno.symlinkSync("/etc/hostname", `${folder.path}/link`);
    Deno.mkdirSync(`${folder.path}/folder`);
    await new Deno.Command("mkfifo", { args: [`${folder.path}/pipe`] }).output();
    Deno.writeTextFileSync(`${folder.path}/file`, "paper");
    const names = ["link", "folder", "pipe", "nothing", "file/below", "file"];
    using hasher = startFileHasher(names.map((name) => ({ path: `${folder.path}/${name}`, bytes: 5 })));
    const found = await hasher.finish();
    assertEquals(found.slice(0, -1), Array(5).fill("gone"));
    assertEquals((found.at(-1) as HashedFile).sha256, sha256Of("paper"));
  });

  it("reads the size that the file has, not the one that it had", async () => {
    await using folder = await temporaryFolder();
    Deno.writeTextFileSync(`${folder.path}/file`, "paper");
    using hasher = startFileHasher([{ path: `${folder.path}/file`, bytes: 1 }]);
    assertEquals((await hasher.finish())[0], { bytes: 5, sha256: sha256Of("paper"), md5: md5Of("paper") });
  });

  it("names the file that cannot be read", async () => {
    using hasher = startFileHasher([UNREADABLE]);
    const error = await assertRejects(() => hasher.finish());
    assertStringIncludes((error as Error).message, UNREADABLE.path);
  });

  it("has nothing to say where there is no file, and stops in the middle", async () => {
    using none = startFileHasher([]);
    assertEquals(await none.finish(), []);
    await using folder = await temporaryFolder();
    Deno.writeFileSync(`${folder.path}/large`, new Uint8Array(5_000_000));
    using _stopped = startFileHasher([{ path: `${folder.path}/large`, bytes: 5_000_000 }]);
  });
});

const textOf = (file: number, bytes: number) => new Uint8Array(bytes).fill(65 + file % 26);
/** Of the system's own: nobody may read it, not even root. */
const UNREADABLE = { path: "/proc/sys/net/ipv4/route/flush", bytes: 1 };

describe("MD5 in lanes", () => {
  it("is MD5, for every length around a block, in every lane, beside others", () => {
    const lanes = makeMd5Lanes();
    for (let length = 0; length <= 2 * BLOCK_BYTES + 1; length++) {
      const texts = Array.from({ length: LANES }, (_, lane) => textOf(lane + length, length));
      const blocks = texts.map((text, lane) => {
        lanes.begin(lane);
        lanes.buffers[lane]!.set(text);
        return lanes.pad(lane, length, length);
      });
      lanes.update([0, 0, 0, 0], blocks[0]!);
      assertEquals(texts.map((_, lane) => lanes.digest(lane)), texts.map(md5Of));
    }
  });

  it("counts lengths of more than 32 bits", () => {
    const lanes = makeMd5Lanes();
    lanes.pad(1, 0, 0x1_2000_0001);
    assertEquals([...lanes.buffers[1]!.subarray(56, 64)], [8, 0, 0, 0, 9, 0, 0, 0]);
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
