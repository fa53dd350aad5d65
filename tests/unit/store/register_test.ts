import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { gunzipSync, gzipSync } from "node:zlib";
import { DrillError } from "../../../src/base/errors.ts";
import type { Bytes } from "../../../src/base/streams.ts";
import type { RegisterHead, RegisterPart } from "../../../src/store/records/register/head.ts";
import { openRegister, RegisterWriter } from "../../../src/store/records/register/text.ts";

const HEAD: RegisterHead = {
  environment: "prod",
  set: "20261130T200000Z",
  algorithm: "sum",
  settings: {},
  logs: { highestEvent: 1, highestLogLine: 2, unalterable: true, agenda: [] },
  standing: [],
  notes: [],
};

const PART: RegisterPart = { table: "llx_facture", columns: ["ref text"], values: ["ref"], content: "c" };

type Parts = [RegisterPart, string[]][];

function written(parts: Parts): Bytes {
  const writer = new RegisterWriter();
  for (const [part, rows] of parts) {
    writer.beginPart(part);
    for (const row of rows) writer.row(row);
  }
  return writer.finish(HEAD);
}

async function read(data: Bytes): Promise<{ head: RegisterHead; parts: Parts }> {
  const { head, parts } = await openRegister(data, "prod/registers/1.json.gz");
  const found: Parts = [];
  for await (const { rows, ...part } of parts()) found.push([part, (await Array.fromAsync(rows)).flat()]);
  return { head, parts: found };
}

const refuses = (data: Bytes, part: string) =>
  assertRejects(() => read(data), DrillError, part).then((error) =>
    assertEquals((error as DrillError).code, "OBJECT_CORRUPT")
  );

describe("a register", () => {
  it("is read as it was written, whatever the rows say, and is one JSON document", async () => {
    const row = fc.tuple(fc.integer({ min: 0 }), fc.string({ unit: "binary" })).map(([id, text]) =>
      JSON.stringify([id, "-1", text])
    );
    const parts = fc.array(fc.tuple(fc.constant(PART), fc.array(row, { maxLength: 40 })), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(parts, async (parts) => {
        const data = written(parts);
        assertEquals(await read(data), { head: HEAD, parts });
        const whole = JSON.parse(new TextDecoder().decode(gunzipSync(data)));
        assertEquals(whole.parts.length, parts.length);
        assertEquals(
          whole.parts.flatMap(({ rows }: { rows: unknown[] }) => rows).length,
          parts.flatMap(([, rows]) => rows).length,
        );
      }),
      { numRuns: 60 },
    );
  });

  it("is read in pieces where it is long, and parts that nobody asks for are passed over", async () => {
    const rows = Array.from(
      { length: 60_000 },
      (_, id) => JSON.stringify([id, "-812361723617236", `FA26-${id}`]),
    );
    const { parts } = await openRegister(
      written([[PART, rows], [{ ...PART, table: "llx_paiement" }, rows]]),
      "key",
    );
    const tables: string[] = [];
    for await (const { table } of parts()) tables.push(table);
    assertEquals(tables, ["llx_facture", "llx_paiement"]);
  });

  it("that is cut off, of another kind or no gzip is damaged", async () => {
    const data = written([[PART, ['[1,"2"]', '[2,"3"]']]]);
    const text = new TextDecoder().decode(gunzipSync(data));
    const gzip = (text: string) => new Uint8Array(gzipSync(text)) as Bytes;
    await refuses(gzip(text.slice(0, -4)), "cut off");
    await refuses(gzip(text.slice(0, text.indexOf("[2"))), "cut off");
    await refuses(data.slice(0, -5) as Bytes, "");
    await refuses(new TextEncoder().encode("no gzip") as Bytes, "");
    await refuses(gzip('{"files":[]}'), "not a register");
    await refuses(gzip(text.replace('"table":"llx_facture",', "")), "");
    assert(text.endsWith("]}\n]}\n"));
  });
});
