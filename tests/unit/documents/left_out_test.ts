import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { whyLeftOut } from "../../../src/documents/index.ts";

describe("a document that a backup left out", () => {
  const index = {
    excludes: ["*/temp/*", "*.log", "admin/backup", "facture/FA2608*"],
    files: [],
    links: [],
    leftOut: [{ path: "facture/FA2609-0046", target: "/srv/other/FA2609-0046" }],
  };
  // deno-fmt-ignore: a line each
  const cases: [path: string, why: string | undefined][] = [
    ["facture/FA2609-0046/FA2609-0046.pdf", "facture/FA2609-0046 is a link out of the documents, to /srv/other/FA2609-0046: it is not in the backup"],
    ["facture/FA2609-00461/x.pdf", undefined],
    ["facture/FA2608-0001/FA2608-0001.pdf", 'the exclude "facture/FA2608*" keeps it out of the backup'],
    ["admin/backup/old.sql", 'the exclude "admin/backup" keeps it out of the backup'],
    ["ticket/TK1/trace.log", 'the exclude "*.log" keeps it out of the backup'],
    ["facture/FA2610-0004/FA2610-0004.pdf", undefined],
  ];
  it("is none that a row names, where the backup asked the database", () => {
    const asked = { ...index, keepsNamed: true as const };
    assertEquals(whyLeftOut(asked, "ticket/TK1/trace.log"), undefined);
    assertEquals(whyLeftOut(asked, "facture/FA2609-0046/FA2609-0046.pdf"), cases[0]![1], "but for a link");
  });
  for (const [path, why] of cases) it(path, () => assertEquals(whyLeftOut(index, path), why));
});
