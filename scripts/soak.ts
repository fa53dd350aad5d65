/**
 * Drills again and again, as nights do, until there is a history worth the name: `deno task soak --drills 40`. Not for CI.
 * Every drill is the command line's own, on a lab of its own. Exit status 0: every one was a PASS. 1: one was not.
 * With --corpus --invoices 3000: one PDF missing, one cent, one line of the log among so many, each found and named.
 */

import { parseArgs } from "node:util";
import { formatDuration } from "../src/base/numbers.ts";
import { openStore } from "../src/cli/command/clients.ts";
import { loadConfig } from "../src/config/load.ts";
import { HISTORY_DRILLS, historyOf, type Trend } from "../src/report/history.ts";
import { readNewestDrills } from "../src/store/records/drills.ts";

const { drills, lab, report, corpus, invoices } = parseArgs({
  options: {
    drills: { type: "string", default: "40" },
    /** The lab's folder: its store holds the history. */
    lab: { type: "string", default: ".lab-soak" },
    /** Where the last drill's report is written. */
    report: { type: "string", default: "report/soak" },
    /** Instead: ways of the corpus on a lab with so many invoices, one loss among all of them. */
    corpus: { type: "boolean", default: false },
    invoices: { type: "string", default: "3000" },
  },
}).values;

if (import.meta.main && corpus) {
  const { soakCorpus } = await import("./soak_corpus.ts");
  const wrong = await soakCorpus(`${await absoluteOf(lab)}/corpus`, Number(invoices), say);
  await say(
    wrong === 0 ? "each loss was found by what must see it" : `${wrong} of them were not judged rightly`,
  );
  Deno.exitCode = wrong === 0 ? 0 : 1;
} else if (import.meta.main) {
  const count = Number(drills);
  if (!Number.isInteger(count) || count < 1) {
    throw new TypeError(`--drills takes a number, and ${drills} is none`);
  }
  let failed = 0;
  const folder = await absoluteOf(lab);
  // Kept up from the first drill to the last: what is repeated is the drill, not the start of servers.
  await dolibarrDrill("lab", "up", "--lab", folder);
  await using _running = {
    async [Symbol.asyncDispose]() {
      await dolibarrDrill("lab", "down", "--lab", folder);
    },
  };
  for (let drill = 1; drill <= count; drill++) {
    const began = performance.now();
    const { code, line } = await drillOnce(folder);
    if (code !== 0) failed++;
    await say(
      `drill ${drill} of ${count}: exit ${code} in ${formatDuration(performance.now() - began)}${line}`,
    );
  }
  await tell(`${folder}/dolibarr-drill.yaml`);
  await say(failed === 0 ? `${count} of ${count} were a PASS` : `${failed} of ${count} were no PASS`);
  Deno.exitCode = failed === 0 ? 0 : 1;
}

/** One drill as a person runs it; of one that is no PASS also its last words. */
async function drillOnce(folder: string): Promise<{ code: number; line: string }> {
  const { code, out, said } = await dolibarrDrill("drill", "--lab", folder, "--report", report, "--json");
  return { code, line: code === 0 ? "" : `\n  ${out}\n  ${said}` };
}

/** Runs the command line to its end; `out` and `said` are its last lines. */
async function dolibarrDrill(...args: string[]): Promise<{ code: number; out: string; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "src/main.ts", ...args],
    cwd: new URL("..", import.meta.url),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const last = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim().split("\n").at(-1) ?? "";
  return { code, out: last(stdout), said: last(stderr) };
}

/** What the history says of all of them. */
async function tell(configFile: string): Promise<void> {
  const store = await openStore((await loadConfig(configFile)).store);
  const read = await readNewestDrills(store, "prod", HISTORY_DRILLS, ({ error }) => void say(error.message));
  const history = historyOf(read.map(({ found }) => found));
  await say(`${history.points.length} drills in the history, ${history.comparable} of them alike`);
  for (const { title, trend } of [{ title: "The whole drill", trend: history.duration }, ...history.phases]) {
    if (trend) await say(`  ${title}: ${inWords(trend)}`);
  }
}

function inWords({ recent, before, direction }: Trend): string {
  const then = before === undefined ? "" : `, ${formatDuration(before)} before`;
  return `${formatDuration(recent)} in the median${then}, ${direction}`;
}

async function absoluteOf(folder: string): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  return await Deno.realPath(folder);
}

async function say(line: string): Promise<void> {
  await Deno.stderr.write(new TextEncoder().encode(line + "\n"));
}
