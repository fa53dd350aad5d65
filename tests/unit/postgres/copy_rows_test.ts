import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Bytes } from "../../../src/base/streams.ts";
import { countCopyRows } from "../../../src/postgres/programs/copy_rows.ts";

const SCRIPT = `--
-- PostgreSQL database dump
--
COMMENT ON TABLE public.llx_facture IS 'COPY public.llx_none (rowid) FROM stdin;';
COPY public.llx_facture (rowid, ref, "note public") FROM stdin;
1\tFA1\tone\\ntwo
2\tFA2\t\\\\.
3\t\\N\tÉté
\\.


COPY public."Odd ""name"".x" (a) FROM stdin;
\\.
COPY other.empty_columns  FROM stdin;
COPY public.llx_user (rowid) FROM stdin;
COPY public.llx_fake (rowid) FROM stdin;
\\.
SELECT pg_catalog.setval('public.llx_facture_rowid_seq', 3, true);
`;

/** The script in pieces of `size` bytes. */
async function* inPieces(text: string, size: number): AsyncGenerator<Bytes> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) {
    yield await Promise.resolve(new Uint8Array(bytes.subarray(at, at + size)));
  }
}

describe("the rows of a script", () => {
  for (const size of [1, 2, 3, 7, 64, 100_000]) {
    it(`are the lines of each block, whatever its lines look like, in pieces of ${size} bytes`, async () => {
      const counted = countCopyRows(inPieces(SCRIPT, size));
      let text = "";
      const decoder = new TextDecoder();
      for await (const chunk of counted.stream) text += decoder.decode(chunk, { stream: true });
      assertEquals(text, SCRIPT);
      assertEquals(Object.fromEntries(counted.rows()), {
        "public.llx_facture": 3,
        'public."Odd ""name"".x"': 0,
        "public.llx_user": 1,
      });
    });
  }

  it("of a script that ends in a block are not counted: it was cut", async () => {
    const counted = countCopyRows(inPieces("COPY public.llx_user (rowid) FROM stdin;\n1\n2\n", 5));
    for await (const _ of counted.stream) { /* only the count is wanted */ }
    assertEquals(counted.rows().size, 0);
  });
});
