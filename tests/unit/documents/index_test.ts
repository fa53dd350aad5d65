import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { gzipSync } from "node:zlib";
import { DrillError } from "../../../src/base/errors.ts";
import { sha256Of } from "../../../src/base/streams.ts";
import { type DocumentsIndex, readIndex, writeIndex } from "../../../src/documents/index.ts";

const KEY = "prod/docs/20260630T155313Z.index.json.gz";
const written = (text: string) => new Uint8Array(gzipSync(text));

describe("an index of documents", () => {
  const index: DocumentsIndex = {
    excludes: ["*.log"],
    files: [{ path: "facture/a.pdf", bytes: 5, mtimeMs: 1, ctimeMs: 2, sha256: sha256Of("paper") }],
    links: [{ path: "l", target: "facture" }],
  };

  it("is read as it was written", () => assertEquals(readIndex(writeIndex(index), KEY), index));

  it("of an earlier version, with an MD5 of each file, is read without them", () => {
    // as that version wrote it, with a file that is marked as changed
    const text =
      '{"format":1,"excludes":["*/temp/*","*.log","*.pdf_preview-*.png","admin/backup/*"],"files":[{"path":"facture/FA1/FA1.pdf","bytes":12,"mtimeMs":1700000000000,"ctimeMs":1796057778000,"sha256":"083f8a8575d8400236531ca15134dfb9eb5d8272763090a82972e1558297ec34","md5":"795ae42c21afc6a8c33edbffc787b2d5"},{"path":"install.lock","bytes":0,"mtimeMs":1796057778852,"ctimeMs":1796057778000,"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","md5":"d41d8cd98f00b204e9800998ecf8427e","changed":true}],"links":[{"path":"facture/newest.pdf","target":"FA1/FA1.pdf"}],"leftOut":[{"path":"out","target":"/etc"}]}';
    assertEquals(readIndex(written(text), KEY), {
      excludes: ["*/temp/*", "*.log", "*.pdf_preview-*.png", "admin/backup/*"],
      files: [{
        path: "facture/FA1/FA1.pdf",
        bytes: 12,
        mtimeMs: 1_700_000_000_000,
        ctimeMs: 1_796_057_778_000,
        sha256: sha256Of("%PDF a paper"),
      }, {
        path: "install.lock",
        bytes: 0,
        mtimeMs: 1_796_057_778_852,
        ctimeMs: 1_796_057_778_000,
        sha256: sha256Of(""),
        changed: true,
      }],
      links: [{ path: "facture/newest.pdf", target: "FA1/FA1.pdf" }],
      leftOut: [{ path: "out", target: "/etc" }],
    });
  });

  it("with a field that a newer minor version added is read without it", () => {
    const [file] = index.files;
    const newer = { format: 2, ...index, more: true, files: [{ ...file, owner: 33 }] };
    assertEquals(readIndex(written(JSON.stringify(newer)), KEY), index);
  });

  const refused: [what: string, text: string, code: string, message: string][] = [
    [
      "of a newer format",
      '{"format":3}',
      "STORE_NEWER",
      `Cannot read ${KEY}: it is of format 3, this version knows 2`,
    ],
    ["of another kind", '{"format":2}', "OBJECT_CORRUPT", `Cannot read ${KEY}: it is not an index of ours`],
    [
      "that lacks a hash",
      JSON.stringify({ format: 2, ...index, files: [{ ...index.files[0], sha256: undefined }] }),
      "OBJECT_CORRUPT",
      `Cannot read ${KEY}: it is not an index of ours`,
    ],
  ];
  for (const [what, text, code, message] of refused) {
    it(`${what} is refused`, () => {
      const error = assertThrows(() => readIndex(written(text), KEY), DrillError);
      assertEquals([error.code, error.message], [code, message]);
    });
  }
});
