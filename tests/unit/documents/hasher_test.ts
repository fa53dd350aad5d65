import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { type Digest, sha256Of } from "../../../src/base/streams.ts";
import { startFileHasher } from "../../../src/documents/hash/hasher.ts";
import { together } from "../../../src/base/together.ts";
import { temporaryFolder } from "../../support/folder.ts";

describe("hashing files on a thread of its own", () => {
  it("gives each file's hashes in their order, whatever their sizes and however many", async () => {
    await using folder = await temporaryFolder();
    const edges = [64, 128 * 1024, 1024 * 1024, 2 * 1024 * 1024].flatMap((size) =>
      [-9, -8, -1, 0, 1].map((more) => size + more)
    );
    const sizes = [...edges, 0, 1, 250_000, 0, 3_000_001, 17, ...Array(600).fill(3)];
    const files = sizes.map((size, at) => ({ path: `${folder.path}/${at}`, bytes: size }));
    for (const [at, { path, bytes }] of files.entries()) Deno.writeFileSync(path, textOf(at, bytes));
    using hasher = startFileHasher(files);
    assertEquals(
      await hasher.finish(),
      sizes.map((bytes, at) => ({
        bytes,
        sha256: sha256Of(textOf(at, bytes)),
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
    assertEquals((found.at(-1) as Digest).sha256, sha256Of("paper"));
  });

  it("reads the size that the file has, not the one that it had", async () => {
    await using folder = await temporaryFolder();
    Deno.writeTextFileSync(`${folder.path}/file`, "paper");
    using hasher = startFileHasher([{ path: `${folder.path}/file`, bytes: 1 }]);
    assertEquals((await hasher.finish())[0], { bytes: 5, sha256: sha256Of("paper") });
  });

  it("names the file that cannot be read", async () => {
    using hasher = startFileHasher([UNREADABLE]);
    const error = await assertRejects(() => hasher.finish(), DrillError);
    assertEquals(error.code, "DOCUMENTS_UNREADABLE");
    assertStringIncludes(error.message, UNREADABLE.path);
    assertThrows(() => hasher.throwIfFailed(), DrillError, UNREADABLE.path);
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
