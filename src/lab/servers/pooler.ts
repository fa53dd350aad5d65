/** pgbouncer in front of the lab's PostgreSQL, set up as FACTS and the platform have it. */

import { DrillError } from "../../base/errors.ts";
import { limits, pauses } from "../../base/limits.ts";
import { requireTool } from "../../base/process/processes.ts";
import { waitUntil } from "../../base/time.ts";
import { logEnd } from "./cluster.ts";
import type { Places } from "../places.ts";
import { answersOn, type Ports } from "./ports.ts";
import type { ServerUser } from "./programs.ts";
import { writeWhole } from "../state.ts";
import { isAlive, startDetached } from "./processes.ts";

/** Writes pgbouncer's files and starts it; resolves as soon as its process is there. */
export async function startPooler(
  places: Places,
  user: ServerUser,
  ports: Ports,
  password: string,
): Promise<number> {
  const folder = places.pgbouncer;
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (user) Deno.chownSync(folder, user.uid, user.gid);
  const files = { "pgbouncer.ini": settings(places, ports), "users.txt": `"pgbouncer_auth" "${password}"\n` };
  for (const [name, content] of Object.entries(files)) {
    writeWhole(`${folder}/${name}`, content);
    if (user) Deno.chownSync(`${folder}/${name}`, user.uid, user.gid);
  }
  const program = requireTool("pgbouncer", "pgbouncer");
  return await startDetached([program, `${folder}/pgbouncer.ini`], { log: `${folder}/log`, user });
}

/**
 * Waits until a server of ours listens on `port`.
 * @throws DrillError `LAB_FAILED` with the end of `log` when it does not.
 */
export async function listens(
  name: string,
  port: number,
  pid: number,
  log: string,
  signal: AbortSignal,
): Promise<void> {
  let ready = false;
  const isDecided = async () => (ready = await answersOn(port)) || !isAlive(pid);
  await waitUntil(isDecided, limits.labServerStarts, signal, pauses.labServer);
  if (ready) return;
  const details = logEnd(log).split("\n");
  throw new DrillError(
    "LAB_FAILED",
    `Cannot start ${name}: ${details.at(-1) || "it ended without a word"}`,
    `Look into ${log}`,
    { details },
  );
}

const settings = (places: Places, ports: Ports): string =>
  `; Written at each start of the lab.
[databases]
* = host=127.0.0.1 port=${ports.postgres}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${ports.pooler}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${places.pgbouncer}/users.txt
auth_user = pgbouncer_auth
auth_query = SELECT uname, phash FROM user_lookup($1)
pool_mode = session
max_client_conn = 200
default_pool_size = 30
log_connections = 0
log_disconnections = 0
`;
