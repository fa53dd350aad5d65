/** A refresh of the sandbox's database from production, and a staged restore, against PostgreSQL's own programs. */

import { formatBytes } from "../../../src/base/numbers.ts";
import {
  contentSettingsSql,
  contentSql,
  HASHED_TABLES_SQL,
  type HashedTable,
} from "../../../src/postgres/catalogue/content.ts";
import { connectionEnvironment } from "../../../src/postgres/connection/database.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { trustedSettingsSql } from "../../../src/postgres/rows/settings.ts";
import { emptyStore } from "./backups.ts";
import type { Bench } from "../bench.ts";
import { alternate } from "../measuring/turns.ts";
import type { DataLab } from "../data/data_lab.ts";
import { spanOf } from "../measuring/events.ts";
import { measure, oursDirectly, shell } from "../measuring/programs.ts";
import { PEAK_BYTES, type Row } from "../measuring/table.ts";
import { dropOwned, onlyFile, writeEntries } from "./bare_restore.ts";

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
    tell("staged restore");
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
      what: "- a staged restore, loaded and compared",
      ms: staged.ours.ms,
      bare: { what: "DROP OWNED, pg_restore -j2, hashes", ms: staged.bare.ms },
      limits: { ratio: 1.15, peakBytes: PEAK_BYTES },
      peakBytes: staged.ours.peakBytes,
    },
  ];
}

/** The same databases, the same entries of the dump, the same hashes. */
async function bareScripts({ folder, signal }: Bench, { prod, sandbox, store, programs }: DataLab) {
  const dump = onlyFile(`${store}/prod/db`, ".dump");
  const entries = await writeEntries({ folder, dump, programs, signal });
  await using session = await connect(prod.database);
  const tables = await session.ask<HashedTable[]>(HASHED_TABLES_SQL);
  await Deno.writeTextFile(
    `${folder}/hashes.sql`,
    `BEGIN; ${contentSettingsSql()} ${trustedSettingsSql()} ${contentSql(tables)}; COMMIT;\n`,
  );
  const { owner, name } = sandbox.database;
  const theirs = Object.entries(connectionEnvironment(prod.database)).map(([key, value]) =>
    `${key}='${value}'`
  );
  const drop = dropOwned(owner, programs);
  const options = `--no-owner --no-acl --use-list="${entries}" --dbname="${name}"`;
  return {
    env: connectionEnvironment(sandbox.database),
    streamed: `${drop}
      env ${theirs.join(" ")} "${programs.pgDump}" -Fc | "${programs.pgRestore}" ${options}`,
    staged: `${drop}
      "${programs.pgRestore}" -j2 ${options} "${dump}"
      "${programs.psql}" --quiet --output=/dev/null --file="${folder}/hashes.sql"`,
  };
}
