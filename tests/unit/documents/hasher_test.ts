import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { type Digest, sha256Of } from "../../../src/base/streams.ts";
import { startHashing } from "../../../src/documents/hash/hasher.ts";
import { Folder } from "../../../src/documents/tree/folder.ts";
import { together } from "../../../src/base/together.ts";
import { temporaryFolder } from "../../support/folder.ts";

/** Hashes files of one folder. */
async function hashesIn(path: string, names: readonly string[]) {
  using folder = Folder.open(path);
  using hasher = startHashing([folder]);
  return await hasher.hash(names.map((path) => ({ root: 0, path })));
}

describe("hashing files on a thread of its own", () => {
  it("gives each file's hashes in their order, whatever their sizes and however many", async () => {
    await using folder = await temporaryFolder();
    const edges = [64, 128 * 1024, 1024 * 1024, 2 * 1024 * 1024].flatMap((size) =>
      [-9, -8, -1, 0, 1].map((more) => size + more)
    );
    const sizes = [...edges, 0, 1, 250_000, 0, 3_000_001, 17, ...Array(600).fill(3)];
    for (const [at, bytes] of sizes.entries()) Deno.writeFileSync(`${folder.path}/${at}`, textOf(at, bytes));
    assertEquals(
      await hashesIn(folder.path, sizes.map((_, at) => String(at))),
      sizes.map((bytes, at) => ({ bytes, sha256: sha256Of(textOf(at, bytes)) })),
    );
  });

  it("says what is gone, and never follows a link or waits for a pipe", async () => {
    await using folder = await temporaryFolder();
    Deno.symlinkSync("/etc/hostname", `${folder.path}/link`);
    Deno.symlinkSync("/etc", `${folder.path}/to-folder`);
    Deno.mkdirSync(`${folder.path}/folder`);
    await new Deno.Command("mkfifo", { args: [`${folder.path}/pipe`] }).output();
    Deno.writeTextFileSync(`${folder.path}/file`, "paper");
    const names = ["link", "to-folder/hostname", "folder", "pipe", "nothing", "file/below"];
    const found = await hashesIn(folder.path, [...names, "file"]);
    assertEquals(found.slice(0, -1), names.map(() => "gone"));
    assertEquals((found.at(-1) as Digest).sha256, sha256Of("paper"));
  });

  it("names the file that cannot be read", async () => {
    const error = await assertRejects(() => hashesIn(...UNREADABLE), DrillError);
    assertEquals(error.code, "DOCUMENTS_UNREADABLE");
    assertStringIncludes(error.message, UNREADABLE.join("/"));
  });

  it("stops in the middle, and then has no answer", async () => {
    await using folder = await temporaryFolder();
    Deno.writeFileSync(`${folder.path}/large`, new Uint8Array(5_000_000));
    using opened = Folder.open(folder.path);
    const stopped = startHashing([opened]);
    const answer = stopped.hash([{ root: 0, path: "large" }]);
    stopped[Symbol.dispose]();
    await assertRejects(() => answer, Error, "was ended");
  });
});

const textOf = (file: number, bytes: number) => new Uint8Array(bytes).fill(65 + file % 26);
/** Of the system's own: nobody may read it, not even root. */
const UNREADABLE: [folder: string, names: string[]] = ["/proc/sys/net/ipv4/route", ["flush"]];

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
