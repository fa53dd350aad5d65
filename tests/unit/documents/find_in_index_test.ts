import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { findInIndex } from "../../../src/documents/find_in_index.ts";

const file = (path: string) => ({ path, bytes: 5, mtimeMs: 0, ctimeMs: 0, sha256: "a".repeat(64) });

describe("a path in an index", () => {
  const find = findInIndex({
    files: [file("facture/FA1/FA1.pdf"), file("old/2012/FA0.pdf")],
    links: [
      { path: "facture/FA0", target: "../old/2012" },
      { path: "facture/copy.pdf", target: "FA1/FA1.pdf" },
      { path: "archive", target: "old" },
      { path: "archive2", target: "archive/./2012" },
      { path: "a", target: "b" },
      { path: "b", target: "a" },
      { path: "out", target: "../../etc" },
    ],
  });
  const rows: [path: string, found: string | undefined][] = [
    ["facture/FA1/FA1.pdf", "facture/FA1/FA1.pdf"],
    ["facture//FA1/./FA1.pdf", "facture/FA1/FA1.pdf"],
    ["facture/FA2/../FA1/FA1.pdf", "facture/FA1/FA1.pdf"],
    ["facture/FA1/FA2.pdf", undefined],
    ["facture/FA1", undefined],
    ["facture/FA0/FA0.pdf", "old/2012/FA0.pdf"],
    ["facture/copy.pdf", "facture/FA1/FA1.pdf"],
    ["archive/2012/FA0.pdf", "old/2012/FA0.pdf"],
    ["archive2/FA0.pdf", "old/2012/FA0.pdf"],
    ["a/FA1.pdf", undefined],
    ["out/passwd", undefined],
    ["../facture/FA1/FA1.pdf", undefined],
    ["", undefined],
  ];
  for (const [path, found] of rows) {
    it(`${path || "(empty)"} is ${found ?? "no file"}`, () => assertEquals(find(path)?.path, found));
  }
});
