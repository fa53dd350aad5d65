/**
 * One run of what books.ts measures, in a process of its own: `CONFIG`. Makes the register of prod, compared with that of the
 * moment before, where every part must be read. Prints one line of JSON: `ms` without the start of the process, and of these
 * `processorMs`, that of this process and of its session's server.
 */

import process from "node:process";
import { makeRegister } from "../../../src/backup/register/register.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { openEnvironment } from "../../../src/cli/command/clients.ts";
import { environmentOf } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { REGISTER_TABLES } from "../../../src/dolibarr/register/tables.ts";
import { contentSettingsSql } from "../../../src/postgres/catalogue/content.ts";
import { connect, type Session } from "../../../src/postgres/connection/session.ts";
import type { RecordedTable } from "../../../src/store/records/manifest.ts";
import { openRegister } from "../../../src/store/records/register/text.ts";

/** Hashes that no other moment has, so that no part is taken over unread. */
const changedTables = (): RecordedTable[] =>
  REGISTER_TABLES.map(({ table }) => ({ table: `public.${table}`, rows: 0, hash: crypto.randomUUID() }));

async function run(session: Session): Promise<{ ms: number; processorMs: number }> {
  const about = { environment: "prod", session };
  const first = await makeRegister({ ...about, set: "20261101T030000Z", tables: changedTables() });
  const data = first.bytes();
  const server = await session.ask<number>("SELECT pg_catalog.pg_backend_pid()");
  const processor = () => processorMsOf(server) + ownProcessorMs();
  const [began, had] = [performance.now(), processor()];
  const earlier = await openRegister(data, "prod/registers/20261101T030000Z.json.gz");
  const second = await makeRegister({ ...about, set: "20261102T030000Z", tables: changedTables(), earlier });
  second.bytes();
  const found = { ms: performance.now() - began, processorMs: processor() - had };
  if (second.faults.length > 0) throw new Error(`${second.faults.length} rows differ from themselves`);
  return found;
}

function ownProcessorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Linux counts in hundredths of a second. */
function processorMsOf(pid: number): number {
  const [, fields = ""] = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ");
  const [user, system] = fields.split(" ").slice(11, 13).map(Number) as [number, number];
  return (user + system) * 10;
}

if (import.meta.main) {
  const config = await loadConfig(Deno.args[0]!);
  const prod = await openEnvironment(environmentOf(config, "prod"), silentReporter);
  await using session = await connect(prod.database);
  await session.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  await session.query(contentSettingsSql());
  await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(await run(session)) + "\n"));
}
