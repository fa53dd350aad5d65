/**
 * One run of what registers.ts measures, in a process of its own: `write FILE INVOICES`, `compare FILE`, `unpack FILE`.
 * Prints one line of JSON: `ms` without the start of the process, and the number of rows.
 */

import { createGunzip } from "node:zlib";
import { createReadStream } from "node:fs";
import { mergeRows } from "../../../src/dolibarr/register/merge.ts";
import type { RegisterHead } from "../../../src/store/records/register/head.ts";
import { openRegister, RegisterWriter } from "../../../src/store/records/register/text.ts";

const HEAD: RegisterHead = {
  ...{ environment: "prod", set: "20261130T020000Z", algorithm: "x", settings: {}, standing: [], notes: [] },
  logs: { highestEvent: 0, highestLogLine: 0, unalterable: true, agenda: [] },
};

/** Rows of each table, for each invoice. */
const ROWS = {
  facture: 1,
  facturedet: 2.4,
  paiement: 1,
  paiement_facture: 1,
  bank: 1,
  blockedlog: 1,
  entries: 2,
};

const RUNS: Record<string, (file: string, invoices: number) => Promise<number>> = {
  async write(file, invoices) {
    const writer = new RegisterWriter();
    let rows = 0;
    for (const [table, each] of Object.entries(ROWS)) {
      writer.beginPart({ table, columns: ["ref text"], values: ["ref", "date", "total"], content: table });
      for (let id = 1; id <= invoices * each; id++, rows++) {
        const hash = BigInt.asIntN(64, BigInt(id) * 6364136223846793005n + 1442695040888963407n);
        writer.row(`[${id},"${hash}","FA2610-${id}","2026-10-02","${id % 1000}.5"]`);
      }
    }
    await Deno.writeFile(file, writer.finish(HEAD));
    return rows;
  },
  /** As a backup does where every table changed: both are read, row by row, and nothing differs. */
  async compare(file) {
    const data = await Deno.readFile(file);
    const [was, is] = await Promise.all([openRegister(data, file), openRegister(data, file)]);
    const [earlier, now] = [was.parts(), is.parts()];
    let rows = 0;
    for (;;) {
      const [one, other] = [await earlier.next(), await now.next()];
      if (one.done || other.done) return rows;
      await mergeRows(one.value.rows, other.value.rows, {
        now: () => void rows++,
        differing: (before, after) => {
          throw new Error(`${before} is not ${after}`);
        },
      });
    }
  },
  /** The bare alternative: what must be done with both in any case. */
  async unpack(file) {
    let bytes = 0;
    for (let register = 0; register < 2; register++) {
      for await (const chunk of createReadStream(file).pipe(createGunzip())) bytes += chunk.length;
    }
    return bytes;
  },
};

if (import.meta.main) {
  const [what = "", file = "", invoices = "0"] = Deno.args;
  const run = RUNS[what];
  if (!run) throw new Error(`no run ${what}`);
  const began = performance.now();
  const rows = await run(file, Number(invoices));
  const reported = { ms: performance.now() - began, rows };
  await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(reported) + "\n"));
}
