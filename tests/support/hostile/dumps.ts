/** Hostile dumps: of a scratch database beside the lab's, or with other SQL in them. */

import { runTool } from "../../../src/base/process/processes.ts";
import type { Bytes } from "../../../src/base/streams.ts";
import { connectionEnvironment, type Database } from "../../../src/postgres/connection/database.ts";
import { findPrograms } from "../../../src/postgres/programs/programs.ts";
import { connect, type Session } from "../../../src/postgres/connection/session.ts";
import { contentOf } from "../../../src/postgres/connection/snapshot.ts";
import type { RecordedTable } from "../../../src/store/records/manifest.ts";
import type { DrillLab } from "../lab/drill_lab.ts";

export interface Scratch extends AsyncDisposable {
  /** A superuser's session in it. */
  session: Session;
  /** What its tables hold now. */
  content(): Promise<RecordedTable[]>;
  /** A dump of it in this format, after `change`, which is undone. */
  dump(options?: { change?: string; undo?: string; args?: string[] }): Promise<Bytes>;
  /** Changes it for good. */
  become(changes: readonly string[]): Promise<void>;
  /** A dump that runs `sql` before its first table, or behind the data of all. */
  dumpRunning(sql: string, when: keyof typeof COMMENTED): Promise<Bytes>;
}

/** Comments that are there to be replaced by other SQL of the same length. */
const COMMENTED = {
  early: `COMMENT ON FUNCTION public.hostile() IS '${"x".repeat(1200)}';`,
  late: `COMMENT ON TRIGGER hostile ON public.llx_facture IS '${"x".repeat(1200)}';`,
};

/** A copy of production's database on the lab's server, with its owners. It goes when it is disposed. */
export async function startScratch(lab: DrillLab): Promise<Scratch> {
  const programs = await findPrograms(150_000);
  const provisioner = await lab.provisionerOf(lab.prod);
  const database: Database = { ...provisioner, name: "hostile" };
  await using started = new AsyncDisposableStack();
  const outside = started.use(await connect(provisioner));
  await outside.query("DROP DATABASE IF EXISTS hostile");
  await outside.query(`CREATE DATABASE hostile OWNER ${lab.prod.database.owner}`);
  started.defer(async () => void await outside.query("DROP DATABASE hostile WITH (FORCE)"));
  const file = await Deno.makeTempFile({ prefix: "dolibarr-drill-hostile-" });
  started.defer(() => Deno.remove(file));
  const run = async (path: string, on: Database, args: string[]) => {
    const { code, stderr } = await runTool(path, { args, env: connectionEnvironment(on) });
    if (code !== 0) throw new Error(stderr);
  };
  await run(programs.pgDump, provisioner, ["--format=custom", `--file=${file}`]);
  await runTool(programs.pgRestore, {
    args: ["--dbname=hostile", file],
    env: connectionEnvironment(database),
  });
  const session = started.use(await connect(database));
  await session.query(
    `CREATE FUNCTION public.hostile() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
  );
  await session.query(
    "CREATE TRIGGER hostile BEFORE UPDATE ON public.llx_facture FOR EACH ROW WHEN (false) EXECUTE FUNCTION public.hostile()",
  );
  await session.query(`ALTER FUNCTION public.hostile() OWNER TO ${lab.prod.database.owner}`);
  for (const comment of Object.values(COMMENTED)) await session.query(comment);
  let plain: Bytes | undefined;
  const dump: Scratch["dump"] = async ({ change, undo, args = ["--format=custom"] } = {}) => {
    if (change) await session.query(change);
    try {
      await run(programs.pgDump, database, [...args, `--file=${file}`]);
      return new Uint8Array(await Deno.readFile(file));
    } finally {
      if (undo) await session.query(undo);
    }
  };
  const resources = started.move();
  return {
    session,
    content: () => contentOf(session),
    dump,
    async become(changes) {
      for (const sql of changes) await session.query(sql);
      plain = undefined;
    },
    async dumpRunning(sql, when) {
      plain ??= await dump();
      return replaced(plain, COMMENTED[when], sql.padEnd(COMMENTED[when].length));
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Bytes with the one place where `from` stands changed to `to`, of the same length. */
export function replaced(bytes: Bytes, from: string, to: string): Bytes {
  const latin = new TextDecoder("latin1").decode(bytes);
  const at = latin.indexOf(from);
  if (at < 0 || from.length !== to.length) throw new Error(`cannot replace ${from.slice(0, 40)}`);
  const copy = bytes.slice();
  copy.set(new TextEncoder().encode(to), at);
  return copy;
}

/** One bit of each of `count` bytes changed, so far into it (0 to 1). */
export function flipped(bytes: Bytes, part: number, count = 1): Bytes {
  const copy = bytes.slice();
  const from = Math.floor(bytes.length * part);
  for (let at = from; at < from + count; at++) copy[at]! ^= 4;
  return copy;
}
