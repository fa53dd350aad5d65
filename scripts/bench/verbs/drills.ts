/** The first build of a lab, and drills on a lab that is built. */

import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { labDestroy, labUp } from "../../../src/lab/lab.ts";
import type { Bench } from "../bench.ts";
import { medians } from "../measuring/turns.ts";
import { measure, oursDirectly } from "../measuring/programs.ts";
import { PEAK_BYTES, type Row } from "../measuring/table.ts";

/** What is read of report.json. */
interface Report {
  erp: "real" | "stand-in";
  banner?: string;
  ms: number;
  phases: { title: string; ms: number }[];
}

const BROWSER_PHASE = "Checks in the browser";

/** Builds a lab in a new folder and drills on it. @returns the rows that are wanted: of the build, of the drills. */
export async function benchDrills(bench: Bench, wanted: { build: boolean; drill: boolean }): Promise<Row[]> {
  const { folder, signal, say } = bench;
  const lab = `${folder}/drills`;
  const run = (...args: string[]) => measure(oursDirectly(...args, "--lab", lab), { cwd: folder, signal });
  await using _gone = { [Symbol.asyncDispose]: async () => void await labDestroy(lab) };

  say("building a lab");
  const built = await run("lab", "up", "--json");
  const erp = erpOf(built.events.at(-1)?.event);
  await run("lab", "down");
  const rows: Row[] = [];
  if (wanted.build) {
    const limits = erp === "Dolibarr" ? { ms: 45_000 } : {}; // the build of the stand-in says nothing about that of Dolibarr
    rows.push({ what: `first build of the lab (${erp})`, ms: built.ms, limits, peakBytes: built.peakBytes });
  }
  if (!wanted.drill) return rows;

  const { drill, process } = await drills(bench, lab);
  return [
    ...rows,
    {
      what: `drill on a built lab (${erp}), with its start and stop`,
      ms: process.ms,
      limits: { ms: 12_000, peakBytes: PEAK_BYTES },
      peakBytes: process.peakBytes,
    },
    { what: "- restore, checks and browser of it", ms: drill.ms, limits: { ms: 8_000 } },
    { what: "- the browser of it", ms: drill.browser, limits: {} },
  ];
}

/** How many invoices an ERP of some years has. */
const MANY = 3000;

/** Drills on a lab with thousands of invoices and their PDFs. Creating them takes minutes. */
export async function benchManyInvoices(bench: Bench): Promise<Row[]> {
  const lab = `${bench.folder}/many`;
  await using _gone = { [Symbol.asyncDispose]: async () => void await labDestroy(lab) };
  bench.say(`building a lab with ${MANY} invoices`);
  let erp: string;
  {
    await using built = await labUp({
      ...{ folder: lab, invoices: MANY, reporter: silentReporter, signal: bench.signal },
    });
    erp = built.erp === "real" ? "Dolibarr" : "the stand-in";
  }
  const rows: Row[] = [];
  for (const { level, limit } of [{ level: "standard", limit: 40_000 }, { level: "fast", limit: 15_000 }]) {
    const { drill, process } = await drills(bench, lab, "--level", level);
    rows.push({
      what: `${level} drill of ${MANY} invoices with their PDFs (${erp})`,
      ms: drill.ms,
      limits: { ms: limit, peakBytes: PEAK_BYTES },
      peakBytes: process.peakBytes,
    }, { what: "- the browser of it", ms: drill.browser, limits: {} });
  }
  return rows;
}

/** Medians of several drills, without the first one, which fills caches. */
async function drills({ folder, runs, signal, say }: Bench, lab: string, ...args: string[]) {
  const found: Record<"process" | "drill" | "browser" | "peakBytes", number>[] = [];
  for (let at = 0; at <= runs; at++) {
    say(at === 0 ? "a drill to warm up" : `drill ${at} of ${runs}`);
    const command = oursDirectly("drill", "--json", "--report", `${folder}/report`, "--lab", lab, ...args);
    const { ms, peakBytes } = await measure(command, { cwd: folder, signal });
    const report = JSON.parse(await Deno.readTextFile(`${folder}/report/report.json`)) as Report;
    const browser = report.phases.find(({ title }) => title === BROWSER_PHASE);
    if (!browser) throw new Error(`the report has no phase "${BROWSER_PHASE}"`);
    if (at > 0) found.push({ process: ms, drill: report.ms, browser: browser.ms, peakBytes });
  }
  const { process, drill, browser, peakBytes } = medians(found);
  return { process: { ms: process, peakBytes }, drill: { ms: drill, browser } };
}

/** Which ERP the lab got, from the result of `lab up`. */
function erpOf(result: Record<string, unknown> | undefined): "Dolibarr" | "the stand-in" {
  const status = result?.status as { erp?: string } | undefined;
  return status?.erp === "real" ? "Dolibarr" : "the stand-in";
}
