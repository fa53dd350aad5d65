/** A backup against `pg_dump` and `tar` into the same folder. */

import { formatBytes } from "../../../src/base/numbers.ts";
import { findCompressor } from "../../../src/documents/archive/compressor.ts";
import { connectionEnvironment } from "../../../src/postgres/connection/database.ts";
import type { Bench } from "../bench.ts";
import { alternate } from "../measuring/turns.ts";
import type { DataLab } from "../data/data_lab.ts";
import { spanOf } from "../measuring/events.ts";
import { splitOf } from "../data/fill.ts";
import { measure, oursDirectly, shell } from "../measuring/programs.ts";
import { PEAK_BYTES, type Row } from "../measuring/table.ts";

/** The steps that are compared, without the start, and without reading everything back. */
const STORING = ["Counting and hashing", "Dumping the database", "Archiving the documents"];

export async function benchBackup(bench: Bench, lab: DataLab, size: number): Promise<Row[]> {
  const { folder, runs, signal, say } = bench;
  const env = connectionEnvironment(lab.prod.database);
  const { path, name, compress } = findCompressor();
  const target = `${lab.store}/bare`;
  const script = `"${lab.programs.pgDump}" -Fc >"${target}.dump"
    tar -c -C "${lab.prod.documents}" . | "${path}" ${compress.join(" ")} >"${target}.tar.gz"`;
  let turn = 0;
  const settle = async () => {
    say(`backup of ${formatBytes(size)}: ${turn === 0 ? "warming up" : `${turn} of ${2 * runs}`}`);
    turn++;
    await emptyStore(lab, signal);
  };

  await settle();
  await measure(shell(script), { cwd: folder, env, signal }); // reads everything once, so that all of it is in memory
  const { ours, bare } = await alternate(runs, async () => {
    await settle();
    const command = oursDirectly("backup", "--config", lab.configFile, "--json");
    const { ms, events, peakBytes } = await measure(command, { cwd: folder, signal });
    return { storing: spanOf(events, STORING), process: ms, peakBytes };
  }, async () => {
    await settle();
    return { ms: (await measure(shell(script), { cwd: folder, env, signal })).ms };
  });
  await emptyStore(lab, signal);

  const { database, documents } = splitOf(size);
  const alternative = { what: `pg_dump, tar with ${name}`, ms: bare.ms };
  return [
    {
      what: `backup of ${formatBytes(size)} (database ${formatBytes(database)}, documents ${
        formatBytes(documents)
      })`,
      ms: ours.storing,
      bare: alternative,
      limits: { ratio: 1.2, peakBytes: PEAK_BYTES },
      peakBytes: ours.peakBytes,
    },
    { what: "- with its start, and read back", ms: ours.process, bare: alternative, limits: {} },
  ];
}

/** Empties the store, and waits until the disk has written everything. */
export async function emptyStore({ store }: DataLab, signal: AbortSignal): Promise<void> {
  await measure(shell(`rm -rf "${store}"/* && sync`), { cwd: "/", signal });
}
