/** pgbouncer in front of the lab's PostgreSQL (docs/facts.md, Through pgbouncer). */

import { DrillError } from "../../base/errors.ts";
import { limits, pauses } from "../../base/limits.ts";
import { requireTool } from "../../base/process/processes.ts";
import { waitUntil } from "../../base/time.ts";
import { logEnd } from "./cluster.ts";
import type { LabPaths } from "../paths.ts";
import { isListening, type Ports } from "./ports.ts";
import type { ServerUser } from "./programs.ts";
import { isAlive, startDetached } from "./processes.ts";
import { writeFileWhole } from "../files.ts";

/** Writes pgbouncer's files and starts it. @returns its process id, before it accepts connections. */
export async function startPooler(
  paths: LabPaths,
  user: ServerUser,
  ports: Ports,
  password: string,
): Promise<number> {
  const folder = paths.pgbouncer;
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (user) Deno.chownSync(folder, user.uid, user.gid);
  const files = { "pgbouncer.ini": settings(paths, ports), "users.txt": `"pgbouncer_auth" "${password}"\n` };
  for (const [name, content] of Object.entries(files)) {
    writeFileWhole(`${folder}/${name}`, content);
    if (user) Deno.chownSync(`${folder}/${name}`, user.uid, user.gid);
  }
  const program = requireTool("pgbouncer", "pgbouncer");
  return await startDetached([program, `${folder}/pgbouncer.ini`], { log: `${folder}/log`, user });
}

/**
 * Waits until a server listens on `port`.
 * @throws DrillError `LAB_FAILED` with the end of `log` where it does not.
 */
export async function waitUntilListening(
  name: string,
  port: number,
  pid: number,
  log: string,
  signal: AbortSignal,
): Promise<void> {
  let ready = false;
  const isDecided = async () => (ready = await isListening(port)) || !isAlive(pid);
  await waitUntil(isDecided, limits.labServerStarts, signal, pauses.labServer);
  if (ready) return;
  const details = logEnd(log).split("\n");
  throw new DrillError(
    "LAB_FAILED",
    `Cannot start ${name}: ${details.at(-1) || "it exited without a message"}`,
    `Read ${log}`,
    { details },
  );
}

const settings = (paths: LabPaths, ports: Ports): string =>
  `; Written at each start of the lab.
[databases]
* = host=127.0.0.1 port=${ports.postgres}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${ports.pooler}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${paths.pgbouncer}/users.txt
auth_user = pgbouncer_auth
auth_query = SELECT uname, phash FROM user_lookup($1)
pool_mode = session
max_client_conn = 200
default_pool_size = 30
log_connections = 0
log_disconnections = 0
`;
