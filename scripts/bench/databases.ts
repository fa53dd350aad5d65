/** The database alone: its dump with counts, hashes and fingerprint against bare `pg_dump`, and a night without a change. */

import { formatBytes } from "../../src/base/text.ts";
import { connectionEnvironment } from "../../src/postgres/database.ts";
import { connect } from "../../src/postgres/session.ts";
import { emptyStore } from "./backups.ts";
import type { Bench } from "./bench.ts";
import { alternate, medians } from "./compare.ts";
import type { DataLab } from "./data_lab.ts";
import { type TimedEvent, wholeOf } from "./events.ts";
import { measure, oursDirectly, shell } from "./measure.ts";
import { PEAK_BYTES, type Row } from "./rows.ts";

const COUNTING = "Counting and hashing";
const DUMPING = "Dumping the database";

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
    return { storing: dumpingOf(events), process: ms, peakBytes };
  }, async () => {
    await settle();
    return { ms: (await measure(bareDump, { cwd: folder, env, signal })).ms };
  });

  await settle();
  const first = await backup();
  const nights: Record<"same" | "changed", number>[] = [];
  for (let night = 0; night < runs; night++) {
    say(`nights after the first: ${night + 1} of ${runs}`);
    const same = await backup();
    await changeOneRow(lab, night);
    nights.push({ same: same.ms, changed: dumpingOf((await backup()).events) });
  }
  const night = medians(nights);
  await emptyStore(lab, signal);

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
      what: "- after a change: counted first, to know of it",
      ms: night.changed,
      bare: alternative,
      limits: {},
    },
    {
      what: "- with its start, and read back by pg_restore",
      ms: ours.process,
      bare: alternative,
      limits: {},
    },
    {
      what: "- the whole backup of an unchanged night",
      ms: night.same,
      bare: whole,
      limits: { ratio: 0.25 },
    },
  ];
}

/** From the first sign of counting or dumping to the end of the dump, in ms. */
function dumpingOf(events: readonly TimedEvent[]): number {
  const of = (title: string) =>
    events.filter(({ event }) => event.event === "progress" && String(event.step).startsWith(title));
  const [begun] = [...of(COUNTING), ...of(DUMPING)].map(({ at }) => at).sort((a, b) => a - b);
  const ended = of(DUMPING).find(({ event }) => event.ended === true);
  if (begun === undefined || !ended) throw new Error(`no dump was made in ${wholeOf(events)} ms`);
  return ended.at - begun;
}

async function changeOneRow({ prod }: DataLab, night: number): Promise<void> {
  await using session = await connect(prod.database);
  await session.query("UPDATE llx_bench SET label = $1 WHERE id = 1", [`changed in night ${night}`]);
}
