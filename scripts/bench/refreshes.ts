/** A sandbox's database made like production's: streamed, and in stages, against PostgreSQL's own programs. */

import { formatBytes } from "../../src/base/numbers.ts";
import { readFile } from "../../src/base/streams.ts";
import { listArchive } from "../../src/postgres/programs/archive.ts";
import {
  contentSettingsSql,
  contentSql,
  type TableName,
  TABLES_SQL,
} from "../../src/postgres/catalogue/content.ts";
import { connectionEnvironment, quoteIdentifier } from "../../src/postgres/connection/database.ts";
import { connect } from "../../src/postgres/connection/session.ts";
import { planRestore } from "../../src/restore/dump/filter.ts";
import { emptyStore } from "./backups.ts";
import type { Bench } from "./bench.ts";
import { alternate } from "./compare.ts";
import type { DataLab } from "./data_lab.ts";
import { spanOf } from "./events.ts";
import { measure, oursDirectly, shell } from "./measure.ts";
import { only } from "./restores.ts";
import { PEAK_BYTES, type Row } from "./rows.ts";
import { parseContents } from "../../src/restore/dump/toc.ts";

const STAGES = ["Loading the database", "Comparing every table"];

/** `lab` holds a database of `size` and next to no documents. */
export async function benchRefresh(bench: Bench, lab: DataLab, size: number): Promise<Row[]> {
  const { folder, runs, signal, say } = bench;
  await emptyStore(lab, signal);
  const ours = (...args: string[]) =>
    measure(oursDirectly(...args, "--config", lab.configFile, "--json"), { cwd: folder, signal });
  await ours("backup");
  const bare = await bareScripts(bench, lab);
  let turn = 0;
  const tell = (what: string) => say(`${what} of ${formatBytes(size)}: ${turn++} of ${4 * runs + 1}`);
  const run = async (what: string, script: string) => {
    tell(what);
    return (await measure(shell(script), { cwd: folder, env: bare.env, signal })).ms;
  };

  tell("warming up");
  await ours("refresh-from-prod");
  const streamed = await alternate(runs, async () => {
    tell("refresh");
    const { ms, peakBytes } = await ours("refresh-from-prod");
    return { ms, peakBytes };
  }, async () => ({ ms: await run("pg_dump | pg_restore", bare.streamed) }));
  const staged = await alternate(runs, async () => {
    tell("restore in stages");
    const { events, peakBytes } = await ours("restore", "--staged", "--half", "db");
    return { ms: spanOf(events, STAGES), peakBytes };
  }, async () => ({ ms: await run("pg_restore -j2", bare.staged) }));
  await emptyStore(lab, signal);

  return [
    {
      what: `refresh of ${formatBytes(size)}, the whole process`,
      ms: streamed.ours.ms,
      bare: { what: "DROP OWNED, pg_dump, pg_restore", ms: streamed.bare.ms },
      limits: { ratio: 1.2, peakBytes: PEAK_BYTES },
      peakBytes: streamed.ours.peakBytes,
    },
    {
      what: "- restored in stages, loaded and compared",
      ms: staged.ours.ms,
      bare: { what: "DROP OWNED, pg_restore -j2, hashes", ms: staged.bare.ms },
      limits: { ratio: 1.15, peakBytes: PEAK_BYTES },
      peakBytes: staged.ours.peakBytes,
    },
  ];
}

/** The same databases, the same entries of the dump, the same hashes. */
async function bareScripts({ folder, signal }: Bench, { prod, sandbox, store, programs }: DataLab) {
  const dump = only(`${store}/prod/db`, ".dump");
  const list = await listArchive(readFile(dump), programs, signal);
  const entries = planRestore(parseContents(list)).included.map(({ line }) => line);
  await Deno.writeTextFile(`${folder}/entries`, entries.join("\n") + "\n");
  await using session = await connect(prod.database);
  const tables = await session.ask<TableName[]>(TABLES_SQL);
  await Deno.writeTextFile(
    `${folder}/hashes.sql`,
    `BEGIN; ${contentSettingsSql()} ${contentSql(tables)}; COMMIT;\n`,
  );
  const { owner, name } = sandbox.database;
  const theirs = Object.entries(connectionEnvironment(prod.database)).map(([key, value]) =>
    `${key}='${value}'`
  );
  const drop = `"${programs.psql}" --quiet --command='DROP OWNED BY ${quoteIdentifier(owner)} CASCADE'`;
  const options = `--no-owner --no-acl --use-list="${folder}/entries" --dbname="${name}"`;
  return {
    env: connectionEnvironment(sandbox.database),
    streamed: `${drop}
      env ${theirs.join(" ")} "${programs.pgDump}" -Fc | "${programs.pgRestore}" ${options}`,
    staged: `${drop}
      "${programs.pgRestore}" -j2 ${options} "${dump}"
      "${programs.psql}" --quiet --output=/dev/null --file="${folder}/hashes.sql"`,
  };
}
