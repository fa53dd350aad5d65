/** The time of a start: of `--help`, and what the entry script adds to a verb. */

import { alternate } from "../measuring/turns.ts";
import type { Bench } from "../bench.ts";
import { measure, oursByScript, oursDirectly } from "../measuring/programs.ts";
import type { Row } from "../measuring/table.ts";

/** Each takes a tenth of a second, so they are measured more often. */
const MORE_RUNS = 5;

export async function benchHelp({ folder, runs, signal }: Bench): Promise<Row[]> {
  await Deno.writeTextFile(`${folder}/empty.ts`, "");
  const run = (command: string[]) => async () => {
    const { ms, peakBytes } = await measure(command, { cwd: folder, signal });
    return { ms, peakBytes };
  };
  const { ours, bare } = await alternate(
    runs * MORE_RUNS,
    run(oursDirectly("--help")),
    run([Deno.execPath(), "run", "--no-config", `${folder}/empty.ts`]),
  );
  return [{
    what: "`--help`",
    ms: ours.ms,
    bare: { what: "an empty program", ms: bare.ms },
    limits: { ms: 150 },
    peakBytes: ours.peakBytes,
  }];
}

export async function benchRun({ folder, runs, signal }: Bench): Promise<Row[]> {
  const run = (command: string[]) => async () => ({
    ms: (await measure(command, { cwd: folder, signal })).ms,
  });
  const { ours, bare } = await alternate(
    runs * MORE_RUNS,
    run(oursByScript("list", "--help")),
    run(oursDirectly("list", "--help")),
  );
  return [{
    what: "`scripts/run list --help`",
    ms: ours.ms,
    bare: { what: "the same by deno", ms: bare.ms },
    limits: { moreMs: 300 },
  }];
}
