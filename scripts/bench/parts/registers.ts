/** Two registers compared row by row, against unpacking them: the time, and the memory beside that of unpacking. */

import { formatCount } from "../../../src/base/numbers.ts";
import type { Bench } from "../bench.ts";
import { measure, oursDirectly } from "../measuring/programs.ts";
import type { Row } from "../measuring/table.ts";
import { alternate } from "../measuring/turns.ts";

const PROCESS = new URL("registers_process.ts", import.meta.url).pathname;
/** The second is ten times what the first may take: nothing of it grows faster than its rows. */
const SIZES = [{ invoices: 50_000, limitMs: 500 }, { invoices: 500_000, limitMs: 5_000 }];
/** More than unpacking them holds, and than the register itself, which is read whole: it is proved before it is believed. */
const MORE_BYTES = 100e6;

export async function benchRegisters(bench: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { invoices, limitMs } of SIZES) {
    const title = `registers of ${formatCount(invoices, "invoice")} compared`;
    const file = `${bench.folder}/register.json.gz`;
    await inProcess(bench, "write", file, `${invoices}`);
    bench.say(title);
    const { ours, bare } = await alternate(
      bench.runs,
      () => inProcess(bench, "compare", file),
      () => inProcess(bench, "unpack", file),
    );
    const { size } = await Deno.stat(file);
    await Deno.remove(file);
    rows.push({
      what: title,
      ms: ours.ms,
      bare: { what: "both unpacked", ms: bare.ms },
      limits: { ms: limitMs, peakBytes: bare.peakBytes + size + MORE_BYTES },
      peakBytes: ours.peakBytes,
    });
  }
  return rows;
}

async function inProcess({ folder, signal }: Bench, ...args: string[]) {
  const command = oursDirectly().toSpliced(-1, 1, PROCESS, ...args);
  const { events, peakBytes } = await measure(command, { cwd: folder, signal });
  const [reported] = events.map(({ event }) => event as unknown as { ms: number; rows: number });
  if (!reported || reported.rows === 0) throw new Error(`${args[0]} reported nothing`);
  return { ms: reported.ms, peakBytes };
}
