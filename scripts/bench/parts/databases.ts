/** The backup of a database with counts, hashes and fingerprint, against `pg_dump` alone; and of one without a change. */

import { formatBytes } from "../../../src/base/numbers.ts";
import {
  contentSettingsSql,
  readContent,
  readFilledContent,
} from "../../../src/postgres/catalogue/content.ts";
import { connect, type Session } from "../../../src/postgres/connection/session.ts";
import { connectionEnvironment } from "../../../src/postgres/connection/database.ts";
import { emptyStore } from "../verbs/backups.ts";
import type { Bench } from "../bench.ts";
import { alternate, medians } from "../measuring/turns.ts";
import type { DataLab } from "../data/data_lab.ts";
import { spanOf } from "../measuring/events.ts";
import { measure, oursDirectly, shell } from "../measuring/programs.ts";
import { PEAK_BYTES, type Row } from "../measuring/table.ts";

/** The steps that are compared, without the start, and without pg_restore reading everything back. */
const STORING = ["Counting and hashing", "Dumping the database"];

/** `lab` holds a database of `size` and next to no documents. */
export async function benchDatabase(bench: Bench, lab: DataLab, size: number): Promise<Row[]> {
  const { folder, runs, signal, say } = bench;
  const env = connectionEnvironment(lab.prod.database);
  const bareDump = shell(`"${lab.programs.pgDump}" -Fc >"${lab.store}/bare.dump"`);
  const backup = async (...args: string[]) => {
    const command = oursDirectly("backup", ...args, "--config", lab.configFile, "--json");
    return await measure(command, { cwd: folder, signal });
  };
  let turn = 0;
  const settle = async () => {
    say(`database of ${formatBytes(size)}: ${turn++} of ${2 * runs + 1}`);
    await emptyStore(lab, signal);
  };

  await settle();
  await measure(bareDump, { cwd: folder, env, signal }); // reads everything once, so that all of it is in memory
  const { ours, bare } = await alternate(runs, async () => {
    await settle();
    const { ms, events, peakBytes } = await backup();
    return { storing: spanOf(events, STORING), process: ms, peakBytes };
  }, async () => {
    await settle();
    return { ms: (await measure(bareDump, { cwd: folder, env, signal })).ms };
  });

  await settle();
  const first = await backup();
  const nights: { ms: number }[] = [];
  for (let night = 0; night < runs; night++) {
    say(`nights after the first: ${night + 1} of ${runs}`);
    nights.push({ ms: (await backup()).ms });
  }
  await emptyStore(lab, signal);
  say("counting what each column fills");
  const counting = await alternate(
    2 * runs,
    () => contentMs(lab, readFilledContent),
    () => contentMs(lab, readContent),
  );

  const alternative = { what: "pg_dump -Fc", ms: bare.ms };
  const whole = { what: "the first one", ms: first.ms };
  return [
    {
      what: `dump of ${formatBytes(size)}, counted and hashed`,
      ms: ours.storing,
      bare: alternative,
      limits: { ratio: 1.2, peakBytes: PEAK_BYTES },
      peakBytes: ours.peakBytes,
    },
    {
      what: "- with its start, and read back by pg_restore",
      ms: ours.process,
      bare: alternative,
      limits: {},
    },
    {
      what: "- the whole backup of an unchanged night",
      ms: medians(nights).ms,
      bare: whole,
      limits: { ratio: 0.25 },
    },
    {
      what: "- counted and hashed, with what each column fills",
      ms: counting.ours.ms,
      bare: { what: "the counts and hashes alone", ms: counting.bare.ms },
      limits: { ratio: 1.6 },
    },
  ];
}

/** How long `read` takes over every table, in a session of its own. */
export async function contentMs(
  { prod }: DataLab,
  read: (ask: Session["ask"]) => Promise<unknown>,
): Promise<{ ms: number }> {
  await using session = await connect(prod.database);
  await session.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  await session.query(contentSettingsSql());
  const began = performance.now();
  await read(session.ask);
  return { ms: performance.now() - began };
}
