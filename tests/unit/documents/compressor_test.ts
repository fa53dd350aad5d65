import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { gzipSync } from "node:zlib";
import { DrillError } from "../../../src/base/errors.ts";
import { findTool } from "../../../src/base/process/processes.ts";
import { type Bytes, bytesOf, readSmall } from "../../../src/base/streams.ts";
import { openArchive } from "../../../src/documents/archive/compressor.ts";

const NAME = "prod/docs/20261102T030000Z.tar.gz";
const { signal } = new AbortController();

/** What no compressor shrinks, so that a byte in its middle is one of the content. */
const content = crypto.getRandomValues(new Uint8Array(60_000));
const packed = new Uint8Array(gzipSync(content));
const changed = (at: number): Bytes => packed.map((byte, index) => index === at ? byte ^ 1 : byte);

// deno-fmt-ignore: a line each
const bad: [what: string, bytes: Bytes, state: RegExp][] = [
  ["an empty one", new Uint8Array(), /the archive is empty$/],
  ["one that ends in its head", packed.slice(0, 4), /the archive is truncated after 4 B$/],
  ["one that ends right behind its head", packed.slice(0, 17), /the archive is truncated after 17 B$/],
  ["one that ends in its middle", packed.slice(0, 30_000), /the archive is truncated after 30 kB$/],
  ["one that ends in its last bytes", packed.slice(0, -3), /the archive is truncated after 60 kB$/],
  ["one with another bit in its middle", changed(30_000), /the archive is damaged within its first 60 kB$/],
  ["one with another checksum", changed(packed.length - 6), /the archive is damaged within its first 60 kB$/],
  ["one with another length", changed(packed.length - 2), /the archive is damaged within its first 60 kB$/],
  ["another thing", new TextEncoder().encode("<html>not found</html>".repeat(9)), /it is not a gzip archive$/],
];

for (const program of ["igzip", "pigz", "gzip"]) {
  const path = findTool(program);
  describe(
    `an archive that ${program} decompresses`,
    { skip: path ? undefined : `there is no ${program}` },
    () => {
      const read = (bytes: Bytes | AsyncIterable<Bytes>) =>
        readSmall(
          openArchive(NAME, bytes instanceof Uint8Array ? bytesOf(bytes) : bytes, signal, {
            path: path!,
            decompress: ["-d", "-c"],
          }).tar,
        );

      it("is what was packed", async () => assertEquals(await read(packed), content));

      for (const [what, bytes, state] of bad) {
        it(`is refused where it is ${what}, by its name and how far it goes`, async () => {
          const error = await assertRejects(() => read(bytes), DrillError);
          assertEquals(error.code, "OBJECT_CORRUPT");
          assert(error.message.startsWith(`Cannot read ${NAME}: `), error.message);
          assertMatch(error.message, state);
          assertMatch(error.details.join(), new RegExp(`^${program}: `));
          assertEquals(error.hint, "Take another set: dolibarr-drill list");
        });
      }

      it("fails with what its source fails with", async () => {
        async function* failing() {
          yield await Promise.resolve(packed.slice(0, 30_000));
          throw new RangeError("the store went away");
        }
        await assertRejects(() => read(failing()), RangeError, "the store went away");
      });
    },
  );
}

describe("a program that was killed while it decompressed", () => {
  it("says nothing against the archive", async () => {
    const killed = { path: "/bin/sh", decompress: ["-c", "kill -9 $$"] };
    const error = await assertRejects(
      () => readSmall(openArchive(NAME, bytesOf(packed), signal, killed).tar),
      DrillError,
    );
    assertEquals([error.code, error.message], [
      "TOOL_FAILED",
      `Cannot read ${NAME}: sh was ended by SIGKILL`,
    ]);
  });
});
