import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { DrillError } from "../../../src/base/errors.ts";
import { sha256Of } from "../../../src/base/streams.ts";
import { type IndexedFile, indexText, writeIndex } from "../../../src/documents/index.ts";
import { type Catalogue, newCatalogue, readCatalogue } from "../../../src/restore/extract/catalogue.ts";

type Files = Record<string, string>;

const filesOf = (files: Files): IndexedFile[] =>
  Object.entries(files).map(([path, content]) => ({
    ...{ path, bytes: content.length, sha256: sha256Of(content), mtimeMs: 1, ctimeMs: 2 },
  }));
const textOf = (files: Files) =>
  indexText(writeIndex({ excludes: [], files: filesOf(files), links: [] }), "index");
const all = (catalogue: Catalogue, index: string) =>
  (catalogue.find(() => true).get(index) ?? []).toSorted((a, b) => a.path < b.path ? -1 : 1);

function holds(catalogue: Catalogue, nights: readonly Files[]): void {
  nights.forEach((files, night) =>
    assertEquals(all(catalogue, `${night}`), filesOf(files).sort((a, b) => a.path < b.path ? -1 : 1))
  );
}

describe("a catalogue of documents", () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`facture/${at}.pdf`, "x"]));
  const { "facture/70.pdf": _, ...without } = many;
  // deno-fmt-ignore: a line each
  const changes: [title: string, night: Files][] = [
    ["nothing changed", many],
    ["one changed", { ...many, "facture/70.pdf": "other" }],
    ["the first changed", { ...many, "facture/0.pdf": "other" }],
    ["the last changed", { ...many, "facture/199.pdf": "other" }],
    ["one came at the end", { ...many, "facture/200.pdf": "x" }],
    ["one came at the start", { "a.pdf": "x", ...many }],
    ["one went", without],
    ["one came back as it was", many],
    ["all went but one", { "facture/70.pdf": "x" }],
    ["all went", {}],
    ["the order is another", Object.fromEntries(Object.entries(many).reverse())],
    ["a letter is none of ASCII's", { ...many, "facture/é.pdf": "x" }],
  ];
  for (const [title, night] of changes) {
    it(`holds what each index lists where ${title}`, () => {
      const nights = [many, night, many];
      const catalogue = newCatalogue();
      nights.forEach((files, at) => catalogue.add(`${at}`, textOf(files), "index"));
      holds(catalogue, nights);
      holds(readCatalogue(catalogue.text(new Set(["0", "1", "2"]))), nights);
    });
  }

  it("holds what each index lists, whatever comes and goes, and in whatever order they are added and read again", () => {
    const night = fc.dictionary(fc.constantFrom(..."abcdefgh"), fc.constantFrom("x", "y", "z"), {
      noNullPrototype: true,
    });
    fc.assert(fc.property(fc.array(night, { maxLength: 8 }), fc.nat(8), (nights, readAfter) => {
      let catalogue = newCatalogue();
      nights.forEach((files, at) => {
        if (at === readAfter) {
          catalogue = readCatalogue(catalogue.text(new Set(nights.map((_, at) => `${at}`))));
        }
        catalogue.add(`${at}`, textOf(files), "index");
      });
      holds(catalogue, nights);
    }));
  });

  it("forgets an index that is not used any more, and the files that only it had", () => {
    const catalogue = newCatalogue();
    for (const [index, files] of [["0", { a: "x" }], ["1", { a: "x", b: "x" }], ["2", { a: "y" }]] as const) {
      catalogue.add(index, textOf(files), "index");
    }
    const left = readCatalogue(catalogue.text(new Set(["0", "2"])));
    assertEquals(["0", "1", "2"].map((index) => left.has(index)), [true, false, true]);
    assertEquals(all(left, "0").map(({ path }) => path), ["a"]);
    assertEquals(all(left, "1"), []);
    assertEquals(left.text(new Set(["0", "2"])).includes('"b"'), false);
    assertEquals([catalogue.changed, left.changed], [true, false]);
  });

  it("holds nothing of an index that is damaged", () => {
    const catalogue = newCatalogue();
    catalogue.add("0", textOf({ a: "x", b: "x" }), "index");
    const damaged = textOf({ a: "x", b: "y", c: "z" }).replace(
      /"bytes":1(?=[^}]*\}\],"links")/,
      '"bytes":-1',
    );
    assertThrows(() => catalogue.add("1", damaged, "index"), DrillError, "it is not an index");
    assertEquals(catalogue.has("1"), false);
    holds(catalogue, [{ a: "x", b: "x" }]);
    catalogue.add("1", textOf({ a: "x", b: "y" }), "index");
    holds(catalogue, [{ a: "x", b: "x" }, { a: "x", b: "y" }]);
  });
});
