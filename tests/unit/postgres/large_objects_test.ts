import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { bytesOf, readSmall } from "../../../src/base/streams.ts";
import { withoutTransaction } from "../../../src/postgres/programs/large_objects.ts";

const SCRIPT = `SET client_encoding = 'UTF8';

BEGIN;

SELECT pg_catalog.lo_open('7', 131072);
SELECT pg_catalog.lowrite(0, '\\x434f4d4d49543b');
SELECT pg_catalog.lo_close(0);

SELECT pg_catalog.lo_open('9', 131072);
SELECT pg_catalog.lo_close(0);

COMMIT;

-- the end: é
`;

async function* inChunks(text: string, size: number) {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) {
    yield await Promise.resolve(bytes.slice(at, at + size));
  }
}

describe("the script of large objects", () => {
  for (const size of [1, 7, 10_000]) {
    it(`loses its BEGIN and COMMIT and nothing else, in chunks of ${size} bytes`, async () => {
      const { stream, objects } = withoutTransaction(inChunks(SCRIPT, size));
      const text = new TextDecoder().decode(await readSmall(stream));
      assertEquals(text, SCRIPT.replace("BEGIN;\n", "").replace("COMMIT;\n", ""));
      assertEquals(objects(), 2);
    });
  }

  it("keeps whatever only looks like one, for the guard to see", async () => {
    const lines = "commit;\n COMMIT;\nCOMMIT; DROP TABLE t;\nEND;\nSELECT 1; COMMIT;\n";
    const { stream } = withoutTransaction(bytesOf(lines));
    assertEquals(new TextDecoder().decode(await readSmall(stream)), lines);
  });

  it("takes the last line without a newline too", async () => {
    const { stream } = withoutTransaction(bytesOf("SELECT 1;\nCOMMIT;"));
    assertEquals(new TextDecoder().decode(await readSmall(stream)), "SELECT 1;\n");
  });
});
