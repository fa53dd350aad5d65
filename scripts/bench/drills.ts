/** The first build of a lab, and drills on it once it is there. */

import { labDestroy } from "../../src/lab/lab.ts";
import type { Bench } from "./bench.ts";
import { medians } from "./compare.ts";
import { measure, oursDirectly } from "./measure.ts";
import { PEAK_BYTES, type Row } from "./rows.ts";

/** What is used of report.json. */
interface Report {
  erp: "real" | "stand-in";
  banner?: string;
  ms: number;
  phases: { title: string; ms: number }[];
}

const BROWSER_PHASE = "Checks in the browser";

/** Builds a lab in a fresh folder and drills on it; the rows of the build alone, or of the drills, where only they are wanted. */
export async function benchDrills(bench: Bench, wanted: { build: boolean; drill: boolean }): Promise<Row[]> {
  const { folder, runs, signal, say } = bench;
  const lab = `${folder}/drills`;
  const run = (...args: string[]) => measure(oursDirectly(...args, "--lab", lab), { cwd: folder, signal });
  await using _gone = { [Symbol.asyncDispose]: async () => void await labDestroy(lab) };

  say("building a lab");
  const built = await run("lab", "up", "--json");
  const erp = erpOf(built.events.at(-1)?.event);
  await run("lab", "down");
  const rows: Row[] = [];
  if (wanted.build) {
    const limits = erp === "Dolibarr" ? { ms: 45_000 } : {}; // the stand-in's build proves nothing about Dolibarr's
    rows.push({ what: `first build of the lab (${erp})`, ms: built.ms, limits, peakBytes: built.peakBytes });
  }
  if (!wanted.drill) return rows;

  const found: Record<"process" | "drill" | "browser" | "peakBytes", number>[] = [];
  for (let at = 1; at <= runs; at++) {
    say(`drill ${at} of ${runs}`);
    const { ms, peakBytes } = await run("drill", "--json", "--report", `${folder}/report`);
    const report = JSON.parse(await Deno.readTextFile(`${folder}/report/report.json`)) as Report;
    const browser = report.phases.find(({ title }) => title === BROWSER_PHASE);
    if (!browser) throw new Error(`the report has no phase "${BROWSER_PHASE}"`);
    found.push({ process: ms, drill: report.ms, browser: browser.ms, peakBytes });
  }
  const drill = medians(found);
  return [
    ...rows,
    {
      what: `drill on a built lab (${erp}), with its start and stop`,
      ms: drill.process,
      limits: { ms: 12_000, peakBytes: PEAK_BYTES },
      peakBytes: drill.peakBytes,
    },
    { what: "- restore, checks and browser of it", ms: drill.drill, limits: { ms: 12_000 } },
    { what: "- the browser of it", ms: drill.browser, limits: { ms: 5_000 } },
  ];
}

/** Which ERP the lab got, from the result of `lab up`. */
function erpOf(result: Record<string, unknown> | undefined): "Dolibarr" | "the stand-in" {
  const status = result?.status as { erp?: string } | undefined;
  return status?.erp === "real" ? "Dolibarr" : "the stand-in";
}
