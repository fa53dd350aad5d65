import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compareTree } from "../../../src/checks/documents/restored_files.ts";
import { besideWhat, isNeverBackedUp } from "../../../src/documents/tree/names.ts";

describe("the tree of a restored sandbox against the index", () => {
  const files = [{ path: "a.pdf", bytes: 3 }, { path: "install.lock", bytes: 0 }];
  // deno-fmt-ignore: a line each
  const cases: [what: string, there: Record<string, number>, differences: string[], own: string[]][] = [
    ["is right", { "a.pdf": 3, "install.lock": 0 }, [], ["install.lock"]],
    ["is right with the sandbox's own install.lock", { "a.pdf": 3, "install.lock": 20 }, [], ["install.lock"]],
    ["is wrong without any install.lock", { "a.pdf": 3 }, ["install.lock: missing"], []],
    ["is wrong with a file less", { "install.lock": 0 }, ["a.pdf: missing"], ["install.lock"]],
    ["is wrong with a file of another size", { "a.pdf": 4, "install.lock": 0 }, ["a.pdf: 4 bytes, the backup has 3"], ["install.lock"]],
    ["is wrong with a file more", { "a.pdf": 3, "b.pdf": 1, "install.lock": 0 }, ["1 file that the backup does not have, first b.pdf"], ["install.lock"]],
    ["is wrong with one more in the place of another", { "b.pdf": 3, "install.lock": 0 }, ["a.pdf: missing", "1 file that the backup does not have, first b.pdf"], ["install.lock"]],
  ];
  for (const [what, there, differences, own] of cases) {
    it(what, () => assertEquals(compareTree(files, new Map(Object.entries(there))), { differences, own }));
  }

  it("does not ask for the sandbox's own install.lock in the backup", () =>
    assertEquals(compareTree([], new Map([["install.lock", 1]])), {
      differences: [],
      own: ["install.lock"],
    }));
});

describe("names that are no documents", () => {
  for (
    const path of [
      ".dolibarr-drill",
      ".dolibarr-drill/old/facture/a.pdf",
      ".mycompany.drill-new/a",
      ".mycompany.drill-journal.json~",
      "mycompany/.logos.drill-gone",
      "lost+found/#12",
    ]
  ) it(`${path} is in no backup`, () => assertEquals(isNeverBackedUp(path), true));

  for (
    const path of [
      "install.lock",
      "a/lost+found/b",
      "drill-new",
      ".drill-new",
      "a.drill-new",
      "dolibarr-drill",
    ]
  ) {
    it(`${path} is`, () => assertEquals(isNeverBackedUp(path), false));
  }

  it("tell which folder they belong to", () =>
    assertEquals([".a.b.drill-old", ".a.drill-journal.json", "a"].map(besideWhat), ["a.b", "a", undefined]));
});
