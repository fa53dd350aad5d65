/** What is read of, and changed in, a script of pg_restore on its way. */

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { type Bytes, readSmall } from "../../../src/base/streams.ts";
import { withoutTransaction } from "../../../src/postgres/programs/large_objects.ts";
import { collectMessages } from "../../../src/postgres/programs/tool_messages.ts";
import { withoutTransactionTimeout } from "../../../src/postgres/programs/script_head.ts";
import { policyRoles } from "../../../src/restore/gate/policy_roles.ts";

/** `text` in pieces of these sizes, and the rest. */
async function* inPieces(text: string, sizes: readonly number[]): AsyncGenerator<Bytes, void, void> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  for (const size of sizes) yield bytes.slice(at, at += size);
  yield await Promise.resolve(bytes.slice(at));
}
const read = async (script: AsyncIterable<Bytes>) => new TextDecoder().decode(await readSmall(script));

const LINE = "SET transaction_timeout = 0;\n";
const HEAD = `--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n`;
const BODY =
  `SET row_security = off;\n\n--\n-- Name: é; Type: TABLE; Schema: public; Owner: -\n--\n\nCOPY public.a FROM stdin;\n${LINE}\\.\n${LINE}`;

describe("the settings of pg_restore 17 for an older server", () => {
  it("lose that one line of the head, wherever the script is cut, and no line behind it", async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.nat(60), { maxLength: 8 }), async (sizes) => {
      assertEquals(await read(withoutTransactionTimeout(inPieces(HEAD + LINE + BODY, sizes))), HEAD + BODY);
      assertEquals(await read(withoutTransactionTimeout(inPieces(HEAD + BODY, sizes))), HEAD + BODY);
    }));
  });

  it("lose it from a script without objects, and pass on an empty one and a large one", async () => {
    const large = "x\n".repeat(20_000);
    assertEquals(await read(withoutTransactionTimeout(inPieces(HEAD + LINE, []))), HEAD);
    assertEquals(await read(withoutTransactionTimeout(inPieces("", []))), "");
    assertEquals(await read(withoutTransactionTimeout(inPieces(HEAD + LINE + large, [9]))), HEAD + large);
    assertEquals(await read(withoutTransactionTimeout(inPieces(large + LINE, []))), large + LINE);
  });
});

describe("large objects of others", () => {
  it("are taken out of the bytes of all, and the others are counted", async () => {
    const object = (oid: number) =>
      `SELECT pg_catalog.lo_open('${oid}', 131072);\nSELECT pg_catalog.lowrite(0, '\\x61');\nSELECT pg_catalog.lo_close(0);\n`;
    const script = withoutTransaction(
      inPieces(`BEGIN;\n\n${object(7)}\n${object(8)}\n${object(9)}\nCOMMIT;\n`, [20, 30]),
      new Set(["8"]),
    );
    assertEquals(await read(script.stream), `\n${object(7)}\n\n${object(9)}\n`);
    assertEquals(script.objects(), 2);
  });
});

describe("the roles of row security policies", () => {
  it("are read as pg_dump writes them", () => {
    assertEquals(
      policyRoles(`
CREATE POLICY everybody ON public.a USING (true);
CREATE POLICY "its TO x" ON public."b c" AS RESTRICTIVE FOR SELECT TO bi USING ((a TO other));
CREATE POLICY two ON public.a TO "of ""another""", bi WITH CHECK (true);
`),
      [
        { policy: '"its TO x" ON public."b c"', roles: ["bi"] },
        { policy: "two ON public.a", roles: ['of "another"', "bi"] },
      ],
    );
  });
});

describe("what a program says while it runs", () => {
  const encode = (text: string) => new TextEncoder().encode(text);

  it("is known up to a mark, which is not part of it", async () => {
    const said = collectMessages();
    const marked = said.until("mark-1");
    for (const piece of ["WARNING:  one\nma", "rk-1\n"]) said.take(encode(piece));
    await marked;
    assertEquals(said.text(), "WARNING:  one\n");
    assertEquals(said.text(), "");
  });

  it("has its mark seen also where it lies half in what is kept of the beginning", async () => {
    const said = collectMessages();
    const marked = said.until("mark-3");
    said.take(encode(`${"NOTICE:  again\n".repeat(5000)}mar`));
    said.take(encode("k-3\n"));
    await marked;
    assertEquals(said.text().includes("mar"), false);
  });

  it("is known by its beginning and its end where it is very much, also up to a mark", async () => {
    const said = collectMessages();
    said.take(encode("FIRST\n"));
    const many = encode("NOTICE:  again\n".repeat(500));
    for (let at = 0; at < 100; at++) said.take(many);
    said.take(encode("LAST\nmark-2\n"));
    await said.until("mark-2");
    const lines = said.text().trim().split("\n");
    assertEquals([lines[0], lines.at(-1)], ["FIRST", "LAST"]);
    assertEquals(lines.filter((line) => !/^(FIRST|LAST|NOTICE: {2}again|)$/.test(line)), []);
  });
});
