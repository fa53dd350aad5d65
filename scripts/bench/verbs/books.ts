/** What the register costs a night on which every table of the books changed, beside the backup with its documents. */

import { formatCount } from "../../../src/base/numbers.ts";
import { readContent, readFilledContent } from "../../../src/postgres/catalogue/content.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import type { Bench } from "../bench.ts";
import { type DataLab, startDataLab } from "../data/data_lab.ts";
import { changeBooks, fillBooks, fillPapers } from "../data/fill_books.ts";
import { wholeOf } from "../measuring/events.ts";
import { measure, oursDirectly } from "../measuring/programs.ts";
import type { Row } from "../measuring/table.ts";
import { alternate, medians } from "../measuring/turns.ts";
import { contentMs } from "../parts/databases.ts";

/** Of the second one the work itself has a limit too: it is as large as an ERP of ten years. */
const SIZES = [{ invoices: 3_000 }, { invoices: 50_000, limitMs: 1_200 }];
const PROCESS = new URL("../parts/register_process.ts", import.meta.url).pathname;

export async function benchBooks(bench: Bench): Promise<Row[]> {
  const { folder, signal, say } = bench;
  const rows: Row[] = [];
  for (const { invoices, limitMs } of SIZES) {
    await using lab = await startDataLab(`${folder}/books`, signal);
    const count = formatCount(invoices, "invoice");
    say(`making the books of ${count}`);
    await fillBooks(lab, invoices);
    fillPapers(`${lab.prod.documents}/facture`, invoices);
    const { register, processor, whole } = await changedNights(bench, lab, count);
    rows.push({
      what: `register of ${count}, every table changed`,
      ms: register,
      bare: { what: "the whole backup with its documents", ms: whole },
      limits: { ratio: 0.05, ...(limitMs === undefined ? {} : { ms: limitMs }) },
    }, { what: "- the processor time of it, and of the server's for it", ms: processor, limits: {} });
    if (limitMs === undefined) continue;
    say(`counting what each column of the books of ${count} fills`);
    const counting = await alternate(
      2 * bench.runs,
      () => contentMs(lab, readFilledContent),
      () => contentMs(lab, readContent),
    );
    rows.push({
      what: `counted and hashed with what each column fills, ${count}`,
      ms: counting.ours.ms,
      bare: { what: "the counts and hashes alone", ms: counting.bare.ms },
      limits: { ratio: 1.6 },
    });
  }
  return rows;
}

/**
 * Medians over nights; the first backup, which has none to compare with, is left out. The register is made once more by
 * itself: in the backup it is made beside the documents, and what it waits for is not what it costs.
 */
async function changedNights({ folder, runs, signal, say }: Bench, lab: DataLab, count: string) {
  const backup = () =>
    measure(oursDirectly("backup", "--config", lab.configFile, "--json"), { cwd: folder, signal });
  await backup();
  const nights: { register: number; processor: number; whole: number }[] = [];
  for (let night = 1; night <= runs; night++) {
    say(`register of ${count}: night ${night} of ${runs}`);
    {
      await using session = await connect(lab.prod.database);
      await changeBooks(session);
    }
    await Deno.writeTextFile(`${lab.prod.documents}/facture/note.txt`, `night ${night}`);
    const whole = wholeOf((await backup()).events);
    const alone = await measure(oursDirectly().toSpliced(-1, 1, PROCESS, lab.configFile), {
      cwd: folder,
      signal,
    });
    const [{ ms, processorMs }] = alone.events.map(({ event }) => event) as [
      { ms: number; processorMs: number },
    ];
    nights.push({ register: ms, processor: processorMs, whole });
  }
  return medians(nights);
}
