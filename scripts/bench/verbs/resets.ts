/** A reset of the demo company after a few rows and a file were changed, against `DROP OWNED` with `pg_restore` of the same dump. */

import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { openEnvironment } from "../../../src/cli/command/clients.ts";
import { environmentOf } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { labDestroy, labUp } from "../../../src/lab/lab.ts";
import type { OpenEnvironment } from "../../../src/platform/environment.ts";
import { connectionEnvironment } from "../../../src/postgres/connection/database.ts";
import { findPrograms, type Programs } from "../../../src/postgres/programs/programs.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { identify } from "../../../src/postgres/connection/identity.ts";
import type { Bench } from "../bench.ts";
import { alternate } from "../measuring/turns.ts";
import { measure, oursDirectly, shell } from "../measuring/programs.ts";
import { PEAK_BYTES, type Row } from "../measuring/table.ts";
import { dropOwned, writeEntries } from "./bare_restore.ts";

/** What a drill in the browser leaves: an account, its rights, its sign-in. */
const EDITS = [
  "UPDATE llx_user SET datelastlogin = now() WHERE rowid = 1",
  "INSERT INTO llx_user (login, lastname, admin, statut, entity) VALUES ('bench', 'bench', 1, 1, 0)",
  "INSERT INTO llx_user_rights (entity, fk_user, fk_id) SELECT 1, max(rowid), 11 FROM llx_user",
  "UPDATE llx_societe SET nom = nom || '.' WHERE rowid = (SELECT min(rowid) FROM llx_societe)",
];

export async function benchResets({ folder, runs, signal, say }: Bench): Promise<Row[]> {
  const place = `${folder}/resets`;
  await using _gone = { [Symbol.asyncDispose]: async () => void await labDestroy(place) };
  say("building a lab");
  await using lab = await labUp({ folder: place, reporter: silentReporter, signal });
  const config = await loadConfig(lab.configFile);
  const sandbox = await openEnvironment(environmentOf(config, config.drill.into), silentReporter);
  const ours = (...args: string[]) =>
    measure(oursDirectly(...args, "--config", lab.configFile, "--json"), { cwd: folder, signal });
  await ours("backup");
  await ours("restore");
  const bare = await bareScript(folder, sandbox, await checkpointOf(ours), signal);

  const found = await alternate(runs, async () => {
    await ours("reset"); // whatever the alternative has left
    await edit(sandbox);
    say("reset");
    const { ms, events, peakBytes } = await ours("reset");
    const done = events.find(({ event }) => event.event === "reset")?.event as { ms: number; how: string };
    if (done.how !== "rows") throw new Error("the reset loaded the whole database");
    return { process: ms, reset: done.ms, peakBytes };
  }, async () => {
    await edit(sandbox);
    say("reload");
    return { ms: (await measure(shell(bare.script), { env: bare.env, cwd: folder, signal })).ms };
  });
  const what = `reset of the demo company (${lab.erp === "real" ? "Dolibarr" : "the stand-in"})`;
  const reload = { what: "DROP OWNED, pg_restore", ms: found.bare.ms };
  return [
    {
      what: `${what}, a few rows and a file`,
      ms: found.ours.process,
      bare: reload,
      limits: { ms: 500, peakBytes: PEAK_BYTES },
      peakBytes: found.ours.peakBytes,
    },
    { what: "- without the process's start", ms: found.ours.reset, bare: reload, limits: { ratio: 0.3 } },
  ];
}

async function edit({ database, documents }: OpenEnvironment): Promise<void> {
  await using session = await connect(database);
  for (const sql of EDITS) await session.query(sql);
  await Deno.writeTextFile(`${documents}/mycompany/bench-${crypto.randomUUID()}.txt`, "left behind");
}

async function checkpointOf(
  ours: (...args: string[]) => ReturnType<typeof measure>,
): Promise<string> {
  const { events } = await ours("checkpoint");
  const made = events.find(({ event }) => event.event === "checkpoint")?.event as { folder: string };
  return `${made.folder}/database.dump`;
}

/** The same dump, the same database, and the same entries. */
async function bareScript(folder: string, { database }: OpenEnvironment, dump: string, signal: AbortSignal) {
  const programs = await programsFor(database);
  const copy = `${folder}/reset.dump`;
  await Deno.copyFile(dump, copy);
  const entries = await writeEntries({ folder, dump: copy, programs, signal });
  return {
    env: connectionEnvironment(database),
    script: `${dropOwned(database.owner, programs)}
      "${programs.pgRestore}" --single-transaction --no-owner --no-acl --use-list="${entries}" --dbname="${database.name}" "${copy}"`,
  };
}

async function programsFor(database: OpenEnvironment["database"]): Promise<Programs> {
  await using session = await connect(database);
  return await findPrograms((await identify(session)).serverVersion);
}
