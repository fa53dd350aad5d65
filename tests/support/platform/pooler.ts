/** A pgbouncer for a test, in front of the test's own server. */

import { requireTool } from "../../../src/base/process/processes.ts";
import { serverUser } from "../../../src/lab/servers/programs.ts";
import type { Database } from "../../../src/postgres/connection/database.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { temporaryFolder } from "../folder.ts";
import { findFreePort } from "../../../src/lab/servers/ports.ts";

export type PoolMode = "session" | "transaction" | "statement";

/** Starts it. @returns the same database, reached through it. */
export async function startTestPooler(
  database: Database,
  mode: PoolMode,
  settings = "",
): Promise<AsyncDisposable & { database: Database }> {
  await using started = new AsyncDisposableStack();
  const folder = started.use(await temporaryFolder()).path;
  await Deno.chmod(folder, 0o755);
  const port = findFreePort();
  await Deno.writeTextFile(`${folder}/users.txt`, `"${database.user}" ""\n`);
  await Deno.writeTextFile(
    `${folder}/pgbouncer.ini`,
    `[databases]
* = host=127.0.0.1 port=${database.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${folder}/users.txt
pool_mode = ${mode}
default_pool_size = 5
${settings}
`,
  );
  const child = new Deno.Command(requireTool("pgbouncer", "pgbouncer"), {
    args: ["-q", `${folder}/pgbouncer.ini`],
    cwd: "/",
    ...serverUser(), // it refuses to run as root
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  started.defer(async () => {
    child.kill("SIGTERM"); // at once, whoever is connected
    await child.status;
  });
  const pooled = { ...database, port };
  await answers(pooled);
  const resources = started.move();
  return { database: pooled, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

async function answers(database: Database): Promise<void> {
  for (let tried = 1;; tried++) {
    try {
      await using session = await connect(database);
      await session.query("SELECT 1");
      return;
    } catch (error) {
      if (tried === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }
}
