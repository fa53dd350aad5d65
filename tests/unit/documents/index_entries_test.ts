import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { gzipSync } from "node:zlib";
import { DrillError } from "../../../src/base/errors.ts";
import { sha256Of } from "../../../src/base/streams.ts";
import { type DocumentsIndex, indexText, readIndex, writeIndex } from "../../../src/documents/index.ts";
import { endOfFile, filesPart, parseFile, textsOfFiles } from "../../../src/documents/index_entries.ts";

const KEY = "prod/docs/20260102T020000Z.index.json.gz";
const file = (path: string) => ({ path, bytes: 1, mtimeMs: 1.5, ctimeMs: 2, sha256: sha256Of(path) });
const indexWith = (...paths: string[]): DocumentsIndex => ({
  excludes: ["*.tmp"],
  files: paths.map(file),
  links: [{ path: "link", target: "a" }],
});
const entriesOf = (data: Uint8Array) => {
  const text = indexText(data, KEY);
  const part = filesPart(text, KEY);
  const texts: string[] = [];
  for (let at = part?.from ?? 0; part && at < part.end; at = endOfFile(text, at, part) + 1) {
    texts.push(text.slice(at, endOfFile(text, at, part)));
  }
  return part && texts.every(parseFile) ? texts : textsOfFiles(text, KEY);
};
const parsed = (texts: readonly string[]) => texts.map((text) => JSON.parse(text));

describe("the entries of an index", () => {
  const indexes: [title: string, index: DocumentsIndex][] = [
    ["without a file", indexWith()],
    ["of one file", indexWith("a")],
    ["of several files", indexWith("a", "b/c", "é")],
    [
      "whose paths look like the text between two files",
      indexWith('},{"path":"x', '}],"links":[', '"files":[{"path":', "a\nb", "\\"),
    ],
    ["with a file that changed meanwhile", {
      ...indexWith("a"),
      files: [{ ...file("a"), changed: true }, file("b")],
    }],
    ["with further folders, and links that were left out", {
      ...indexWith("a", "b"),
      roots: { custom: "/srv/custom" },
      leftOut: [{ path: "out", target: "/etc" }],
    }],
  ];
  for (const [title, index] of indexes) {
    it(`are its files, of one ${title}`, () => {
      assertEquals(parsed(entriesOf(writeIndex(index))), readIndex(writeIndex(index), KEY).files);
    });
  }

  it("are the same where another writer put blanks, line breaks or another order into it", () => {
    const { files, ...rest } = indexWith("a", "b");
    for (const index of [{ files, ...rest }, { ...rest, files }]) {
      for (const blanks of [0, 2]) {
        const data = gzipSync(JSON.stringify({ format: 2, minReader: 2, ...index }, null, blanks));
        assertEquals(parsed(entriesOf(data)), files);
        for (const text of entriesOf(data)) assertEquals(text, JSON.stringify(JSON.parse(text)));
      }
    }
  });

  it("are read of an index of format 1 too", () => {
    const files = [{ ...file("a"), md5: "0".repeat(32) }];
    const data = gzipSync(JSON.stringify({ format: 1, excludes: [], files, links: [] }));
    assertEquals(parsed(entriesOf(data)).map(({ path, sha256 }) => [path, sha256]), [["a", sha256Of("a")]]);
  });

  const damaged: [title: string, data: Uint8Array, code: string][] = [
    ["no gzip", new TextEncoder().encode("not an index"), "OBJECT_CORRUPT"],
    ["no JSON", gzipSync("{"), "OBJECT_CORRUPT"],
    [
      "of a newer version",
      gzipSync(JSON.stringify({ format: 9, minReader: 9, ...indexWith("a") })),
      "STORE_NEWER",
    ],
    [
      "with a hash that is none",
      writeIndex({ ...indexWith(), files: [{ ...file("a"), sha256: "x" }] }),
      "OBJECT_CORRUPT",
    ],
    [
      "with a link that is none",
      writeIndex({ ...indexWith("a"), links: [{ path: "" } as never] }),
      "OBJECT_CORRUPT",
    ],
  ];
  for (const [title, data, code] of damaged) {
    it(`are refused of one that is ${title}`, () => {
      assertEquals(assertThrows(() => entriesOf(data), DrillError).code, code);
    });
  }
});
