import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { closeSync, openSync, statSync } from "node:fs";
import fc from "fast-check";
import { bytesOf, readSmall } from "../../../../src/base/streams.ts";
import { openArchive } from "../../../../src/documents/archive/compressor.ts";
import { packDocuments } from "../../../../src/documents/archive/pack.ts";
import { endFile, writePiece } from "../../../../src/documents/tree/holes.ts";
import { copyTo, unpackTo } from "../../../support/documents/by_path.ts";
import { temporaryFolder } from "../../../support/folder.ts";

const signal = new AbortController().signal;
const MB = 1024 * 1024;

describe("a file with holes", () => {
  it("has every byte, wherever the pieces end and the zeros begin", async () => {
    await using folder = await temporaryFolder();
    const part = fc.record({ zero: fc.boolean(), bytes: fc.integer({ min: 1, max: 20_000 }) });
    const pieces = fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), pieces, (parts, pieces) => {
        const content = new Uint8Array(parts.reduce((sum, { bytes }) => sum + bytes, 0));
        let at = 0;
        for (const { zero, bytes } of parts) content.fill(zero ? 0 : 7, at, at += bytes);
        const path = `${folder.path}/file`;
        const file = openSync(path, "w+");
        for (let done = 0, n = 0; done < content.length; n++) {
          const piece = content.subarray(done, done + pieces[n % pieces.length]!);
          writePiece(file, piece, done);
          done += piece.length;
        }
        endFile(file, content.length);
        closeSync(file);
        assertEquals(Deno.readFileSync(path), content);
      }),
      { numRuns: 60 },
    );
  });

  it("comes back with its holes from an archive and from a copy", async () => {
    await using folder = await temporaryFolder();
    const [source, out, copy] = ["source", "out", "copy"].map((name) => `${folder.path}/${name}`) as [
      string,
      string,
      string,
    ];
    for (const path of [source, out, copy]) Deno.mkdirSync(path);
    Deno.writeFileSync(`${source}/image`, new Uint8Array(4096).fill(1));
    Deno.truncateSync(`${source}/image`, 40 * MB);
    Deno.writeFileSync(`${source}/image`, new Uint8Array(4096).fill(2), { append: true });
    using archive = packDocuments({ documents: source }, { signal });
    const packed = await readSmall(archive.stream);
    await unpackTo(openArchive("packed", bytesOf(packed), signal), out, archive.describe().index, undefined);
    await copyTo({ documents: source }, copy, { signal });
    for (const path of [out, copy]) {
      const { size, blocks } = statSync(`${path}/image`);
      assertEquals(size, 40 * MB + 4096);
      assert(blocks * 512 < MB, `${path} takes ${blocks} blocks`);
    }
  });
});
