/**
 * `deno task bench`: measures how long things take, each beside its obvious alternative in the same run. It is no test: the
 * result depends on the machine and its load. Everything that it makes is in one folder, which is removed.
 */

import { cpus, loadavg } from "node:os";
import { asDrillError, EXIT, exitStatusOf } from "../../src/base/errors.ts";
import { makeScratch } from "../../src/base/process/scratch.ts";
import { listenForInterrupts } from "../../src/base/process/signals.ts";
import { formatBytes } from "../../src/base/numbers.ts";
import { errorLines, lineWriter } from "../../src/cli/command/output.ts";
import { benchBackup } from "./verbs/backups.ts";
import { benchBooks } from "./verbs/books.ts";
import type { Bench } from "./bench.ts";
import { requireRoom, startDataLab } from "./data/data_lab.ts";
import { benchDatabase } from "./parts/databases.ts";
import { benchDocuments } from "./parts/documents.ts";
import { benchDrills, benchManyInvoices } from "./verbs/drills.ts";
import { fill, splitOf } from "./data/fill.ts";
import { type BenchOptions, HELP, readOptions } from "./options.ts";
import { benchRefresh } from "./verbs/refreshes.ts";
import { benchResets } from "./verbs/resets.ts";
import { benchRestore } from "./verbs/restores.ts";
import { markdownTable, overLimits, type Row } from "./measuring/table.ts";
import { benchExtract } from "./verbs/extracts.ts";
import { benchFind } from "./verbs/searches.ts";
import { benchRegisters } from "./parts/registers.ts";
import { benchStores } from "./parts/stores.ts";
import { benchHelp, benchRun } from "./verbs/start_up.ts";

const print = lineWriter(Deno.stdout);
const say = lineWriter(Deno.stderr);
/** On a disk, and open to PostgreSQL's system user. */
const FOLDER = "/var/tmp";
/** The books and the papers of 50,000 invoices. */
const BOOKS_BYTES = 1.5e9;

/** Measures what the command line asks for. @returns the exit status. */
async function main(args: readonly string[]): Promise<number> {
  using interrupts = listenForInterrupts(
    () => say("Interrupted: cleaning up. Press Ctrl-C again to exit at once."),
    () => Deno.exit(EXIT.interrupted),
  );
  try {
    const options = readOptions(args);
    if (!options) {
      print(HELP.trimEnd());
      return EXIT.ok;
    }
    const machine = machineOf(options);
    const rows = await measureAll(options, interrupts.signal);
    const over = rows.flatMap(overLimits);
    if (options.json) print(JSON.stringify({ machine, rows, over }, null, 2));
    else for (const line of [machine, "", ...markdownTable(rows)]) print(line);
    for (const line of over) say(`Over its limit: ${line}`);
    return over.length === 0 ? EXIT.ok : EXIT.bad;
  } catch (thrown) {
    const error = asDrillError(thrown, interrupts.signal);
    for (const line of errorLines(error)) say(line);
    return exitStatusOf(error.code);
  }
}

async function measureAll({ only, sizes, runs }: BenchOptions, signal: AbortSignal): Promise<Row[]> {
  using scratch = makeScratch(FOLDER);
  const bench: Bench = { folder: scratch.path, runs, signal, say };
  const wanted = (name: typeof only[number]) => only.includes(name);
  const rows: Row[] = [];
  if (wanted("help")) rows.push(...await benchHelp(bench));
  if (wanted("run")) rows.push(...await benchRun(bench));
  if (wanted("stores")) rows.push(...await benchStores(bench));
  if (wanted("find")) rows.push(...await benchFind(bench));
  if (wanted("extract")) {
    requireRoom(FOLDER, sizes.at(-1)!);
    rows.push(...await benchExtract(bench, sizes.at(-1)!));
  }
  const drills = { build: wanted("build"), drill: wanted("drill") };
  if (drills.build || drills.drill) rows.push(...await benchDrills(bench, drills));
  if (wanted("many")) rows.push(...await benchManyInvoices(bench));
  if (wanted("reset")) rows.push(...await benchResets(bench));
  if (wanted("registers")) rows.push(...await benchRegisters(bench));
  if (wanted("books")) {
    requireRoom(FOLDER, BOOKS_BYTES);
    rows.push(...await benchBooks(bench));
  }
  if (wanted("documents")) {
    requireRoom(FOLDER, sizes.at(-1)!);
    rows.push(...await benchDocuments(bench, sizes.at(-1)!));
  }
  if (wanted("database") || wanted("refresh")) {
    const [size] = sizes as [number];
    requireRoom(FOLDER, size);
    await using lab = await startDataLab(`${scratch.path}/database`, signal);
    say(`making ${formatBytes(size)} of database`);
    await fill(lab, { database: size, documents: 1e6 }, signal);
    if (wanted("database")) rows.push(...await benchDatabase(bench, lab, size));
    if (wanted("refresh")) rows.push(...await benchRefresh(bench, lab, size));
  }
  if (wanted("backup") || wanted("restore")) {
    const largest = wanted("backup") ? sizes.at(-1)! : sizes[0]!;
    requireRoom(FOLDER, largest);
    await using lab = await startDataLab(`${scratch.path}/data`, signal);
    for (const size of sizes.filter((size) => size <= largest)) {
      say(`making ${formatBytes(size)} of data`);
      await fill(lab, splitOf(size), signal);
      if (wanted("backup")) rows.push(...await benchBackup(bench, lab, size));
      if (wanted("restore") && size === sizes[0]) rows.push(...await benchRestore(bench, lab, size));
    }
  }
  return rows;
}

/** The machine that the numbers were measured on, in one line. */
function machineOf({ runs }: BenchOptions): string {
  const [cpu] = cpus();
  return `${cpus().length} cores (${cpu?.model.trim() ?? "unknown"}), load ${
    loadavg()[0]!.toFixed(1)
  } at the start, Deno ${Deno.version.deno}, medians of ${runs}`;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
