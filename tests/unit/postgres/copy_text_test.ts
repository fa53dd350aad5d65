import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Bytes } from "../../../src/base/streams.ts";
import { csvLine, readCopyBlock } from "../../../src/postgres/programs/copy_text.ts";

const SCRIPT = [
  "SET client_encoding = 'UTF8';",
  'COPY public.llx_facture (rowid, "Sub", "a ""b""", note) FROM stdin;',
  "1\tFA1\t\\N\tline one\\nline two\\ttab \\\\ backslash",
  "2\t\té\t\\\\N",
  "\\.",
  "",
  "-- done",
  "",
].join("\n");

/** The script in pieces of `size` bytes: letters and lines are cut anywhere. */
async function* inChunks(size: number): AsyncGenerator<Bytes, void, void> {
  const bytes = new TextEncoder().encode(SCRIPT);
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

describe("the rows of a script of pg_restore", () => {
  for (const size of [1, 2, 7, 4096]) {
    it(`are read from pieces of ${size} bytes as PostgreSQL wrote them`, async () => {
      const block = await readCopyBlock(inChunks(size));
      assertEquals(block?.columns, ["rowid", "Sub", 'a "b"', "note"]);
      assertEquals(await Array.fromAsync(block!.rows), [
        ["1", "FA1", null, "line one\nline two\ttab \\ backslash"],
        ["2", "", "é", "\\N"],
      ]);
    });
  }

  it("are none where the script copies nothing", async () => {
    const nothing = async function* () {
      yield new TextEncoder().encode("SELECT 1;\n");
    };
    assertEquals(await readCopyBlock(nothing()), undefined);
  });
});

describe("a line of CSV", () => {
  const cases: [values: (string | null)[], line: string][] = [
    [["1", null, ""], '1,,""'],
    [["a,b", 'say "x"', "two\nlines"], '"a,b","say ""x""","two\nlines"'],
    [[" x", "\\."], '" x","\\."'],
  ];
  for (const [values, line] of cases) it(JSON.stringify(line), () => assertEquals(csvLine(values), line));
});
