/** A restore with all its checks against `DROP OWNED` with `pg_restore`, and `tar` into a new folder. */

import { formatBytes } from "../../../src/base/numbers.ts";
import { findCompressor } from "../../../src/documents/archive/compressor.ts";
import { connectionEnvironment } from "../../../src/postgres/connection/database.ts";
import { emptyStore } from "./backups.ts";
import type { Bench } from "../bench.ts";
import { alternate } from "../measuring/turns.ts";
import type { DataLab } from "../data/data_lab.ts";
import { spanOf, wholeOf } from "../measuring/events.ts";
import { measure, oursDirectly, shell } from "../measuring/programs.ts";
import { PEAK_BYTES, type Row } from "../measuring/table.ts";
import { dropOwned, onlyFile, writeEntries } from "./bare_restore.ts";

const OF_THE_DATABASE = ["Loading the database", "Comparing every table"];

export async function benchRestore(bench: Bench, lab: DataLab, size: number): Promise<Row[]> {
  const { folder, runs, signal, say } = bench;
  await emptyStore(lab, signal);
  const ours = (...args: string[]) =>
    measure(oursDirectly(...args, "--config", lab.configFile, "--json"), { cwd: folder, signal });
  await ours("backup");
  const scripts = await bareScripts(bench, lab);
  let turn = 0;
  const tell = () => {
    say(`restore of ${formatBytes(size)}: ${turn === 0 ? "warming up" : `${turn} of ${2 * runs}`}`);
    turn++;
  };

  tell();
  await ours("restore"); // from now on both find the same in the sandbox
  const found = await alternate(runs, async () => {
    tell();
    const { events, peakBytes } = await ours("restore");
    return { whole: wholeOf(events), database: spanOf(events, OF_THE_DATABASE), peakBytes };
  }, async () => {
    tell();
    const run = async (script: string) =>
      (await measure(shell(script), { ...scripts, cwd: folder, signal })).ms;
    const [database, documents] = [await run(scripts.database), await run(scripts.documents)];
    return { database, whole: database + documents };
  });
  await emptyStore(lab, signal);

  return [
    {
      what: `restore of ${formatBytes(size)}, with all its checks`,
      ms: found.ours.whole,
      bare: { what: "DROP OWNED, pg_restore, tar", ms: found.bare.whole },
      limits: { peakBytes: PEAK_BYTES },
      peakBytes: found.ours.peakBytes,
    },
    {
      what: "- the database of it",
      ms: found.ours.database,
      bare: { what: "DROP OWNED, pg_restore", ms: found.bare.database },
      limits: { ratio: 1.35 },
    },
  ];
}

/** The same dump and archive, the same database, and the same entries of the dump. */
async function bareScripts({ folder, signal }: Bench, { store, sandbox, programs }: DataLab) {
  const [dump, archive] = [onlyFile(`${store}/prod/db`, ".dump"), onlyFile(`${store}/prod/docs`, ".tar.gz")];
  const entries = await writeEntries({ folder, dump, programs, signal });
  const { path, decompress } = findCompressor();
  const { owner, name } = sandbox.database;
  return {
    env: connectionEnvironment(sandbox.database),
    database: `${dropOwned(owner, programs)}
      "${programs.pgRestore}" --single-transaction --no-owner --no-acl --use-list="${entries}" --dbname="${name}" "${dump}"`,
    documents: `rm -rf "${folder}/documents" && mkdir "${folder}/documents"
      "${path}" ${decompress.join(" ")} <"${archive}" | { tar -x -C "${folder}/documents"; cat >/dev/null; }`,
  };
}
