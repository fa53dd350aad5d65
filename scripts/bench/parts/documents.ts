/** The documents alone: their archive against `tar` and the same compressor, a look at unchanged ones, and memory. */

import { formatBytes, formatCount } from "../../../src/base/numbers.ts";
import { findCompressor } from "../../../src/documents/archive/compressor.ts";
import type { Bench } from "../bench.ts";
import { alternate, medians } from "../measuring/turns.ts";
import type { Reported } from "./documents_process.ts";
import { fillDocuments } from "../data/fill.ts";
import { measure, oursDirectly, shell } from "../measuring/programs.ts";
import type { Row } from "../measuring/table.ts";

/** Of our own process, at any size. */
const PEAK_BYTES = 300e6;
/** What passes us when memory is measured; nothing of it is on a disk. */
const STREAMED_BYTES = 20e9;
/** The times of files that were just made do not tell all: the archive would be asked for each. */
const SETTLES_MS = 3_000;

export async function benchDocuments(bench: Bench, size: number): Promise<Row[]> {
  const { folder, runs, say, signal } = bench;
  const [documents, store] = [`${folder}/documents`, `${folder}/store`];
  say(`making ${formatBytes(size)} of documents`);
  fillDocuments(documents, size);
  await measure(shell(`mkdir -p "${store}" && sync`), { cwd: folder, signal });
  await new Promise((resolve) => setTimeout(resolve, SETTLES_MS));

  let turn = 0;
  const run = (what: string) => async () => {
    say(`documents of ${formatBytes(size)}, ${what}: ${turn++} of ${2 * runs + 2}`);
    await measure(shell(`rm -rf "${store}"/* && sync`), { cwd: folder, signal });
    return await inProcess(bench, what, documents, store);
  };
  await run("bare")(); // reads everything once, so that all of it is in memory
  const { ours, bare } = await alternate(runs, run("ours"), run("bare"));
  await run("ours")(); // leaves its index, which the looks are compared with
  const looks: Record<string, number>[] = [];
  for (let look = 0; look < runs; look++) looks.push(await inProcess(bench, "scan", documents, store));
  const scan = medians(looks);
  await Deno.remove(documents, { recursive: true });

  const title = `documents of ${formatBytes(size)}, ${formatCount(ours.files!, "file")}`;
  const alternative = `tar, ${findCompressor().name}`;
  return [
    {
      what: title,
      ms: ours.ms!,
      bare: { what: alternative, ms: bare.ms! },
      limits: { ratio: 1.15, peakBytes: PEAK_BYTES },
      peakBytes: ours.peakBytes,
    },
    {
      what: "- time of the processor, of all processes",
      ms: ours.cpuMs!,
      bare: { what: alternative, ms: bare.cpuMs! },
      limits: {},
      peakBytes: ours.childrenBytes,
    },
    { what: "- looked at again, unchanged", ms: scan.ms!, limits: { ms: 200 }, peakBytes: scan.peakBytes },
    ...await benchMemory(bench),
  ];
}

/** 20 GB that no disk holds: as holes of a tree, which tar reads, and as a stream that the compressor might have made. */
async function benchMemory(bench: Bench): Promise<Row[]> {
  const { folder, say } = bench;
  const holes = `${folder}/holes`;
  await Deno.mkdir(holes);
  const FILES = 80;
  for (let at = 0; at < FILES; at++) {
    await Deno.writeFile(`${holes}/${at}`, new Uint8Array());
    await Deno.truncate(`${holes}/${at}`, STREAMED_BYTES / FILES);
  }
  await new Promise((resolve) => setTimeout(resolve, SETTLES_MS));
  const rows: Row[] = [];
  for (
    const [mode, what] of [["count", "of files are packed"], ["stream", "of archive are stored"]] as const
  ) {
    say(`memory while ${formatBytes(STREAMED_BYTES)} ${what}`);
    const { ms, peakBytes } = await inProcess(bench, mode, holes, String(STREAMED_BYTES));
    rows.push({
      what: `- memory while ${formatBytes(STREAMED_BYTES)} ${what}`,
      ms: ms!,
      limits: { peakBytes: PEAK_BYTES },
      peakBytes,
    });
  }
  return rows;
}

const PROCESS = new URL("./documents_process.ts", import.meta.url).pathname;

/** One run in a process of its own. Its children's memory is the largest that any one of them held. */
async function inProcess({ folder, signal }: Bench, ...args: string[]): Promise<Record<string, number>> {
  const command = oursDirectly().toSpliced(-1, 1, PROCESS, ...args);
  const { events, peakBytes, childrenBytes } = await measure(command, { cwd: folder, signal });
  const [reported] = events.map(({ event }) => event as unknown as Reported);
  if (!reported) throw new Error(`${args[0]} reported nothing`);
  return { peakBytes, childrenBytes, ...reported };
}
