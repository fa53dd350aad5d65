/** The lab's own PostgreSQL: its files, its start, and the roles and databases of DESIGN.md's platform. */

import { DrillError } from "../../base/errors.ts";
import { limits, pauses } from "../../base/limits.ts";
import { runTool, startTool } from "../../base/process/processes.ts";
import { waitUntil } from "../../base/time.ts";
import type { Places } from "../places.ts";
import { serverPrograms, type ServerUser } from "./programs.ts";
import { fileExists, writeWhole } from "../state.ts";
import { isAlive, startDetached } from "./processes.ts";

/** Passwords of the lab, each in a file of its own under `secrets`. */
export interface LabPasswords {
  provisioner: string;
  pgbouncer: string;
  prod: string;
  sandbox: string;
}

/** The two databases, with the roles that own them. */
export const DATABASES = {
  prod: { name: "erp", owner: "erp_role" },
  sandbox: { name: "erp-sandbox", owner: "erp_sandbox_role" },
} as const;

const dataOf = (places: Places): string => `${places.postgres}/data`;

/** Makes an empty cluster; its superuser is `provisioner`, and nobody gets in without a password. */
export async function createCluster(
  places: Places,
  user: ServerUser,
  password: string,
  signal: AbortSignal,
): Promise<void> {
  Deno.mkdirSync(places.postgres, { mode: 0o700 });
  if (user) Deno.chownSync(places.postgres, user.uid, user.gid);
  const passwordFile = `${places.postgres}/password`;
  writeWhole(passwordFile, password);
  if (user) Deno.chownSync(passwordFile, user.uid, user.gid);
  const end = await runTool(`${serverPrograms()}/initdb`, {
    args: [
      `--pgdata=${dataOf(places)}`,
      ...["--username=provisioner", `--pwfile=${passwordFile}`, "--auth=scram-sha-256"],
      ...["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"],
    ],
    cwd: "/",
    ...user,
    signal,
  });
  Deno.removeSync(passwordFile);
  signal.throwIfAborted();
  if (end.code !== 0) {
    throw failed("make a PostgreSQL cluster", end.stderr, `Is the disk full? Look at ${places.postgres}`);
  }
}

/** Starts the server; resolves as soon as its process is there. */
export async function startCluster(places: Places, user: ServerUser, port: number): Promise<number> {
  const data = dataOf(places);
  await Deno.remove(`${data}/postmaster.pid`).catch((error) => {
    // Left by a crash: its process is gone, and its id may by now be somebody else's.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  for (
    const [name, content] of [["postgresql.conf", settings(places, port)], ["pg_hba.conf", ACCESS]] as const
  ) {
    writeWhole(`${data}/${name}`, content);
    if (user) Deno.chownSync(`${data}/${name}`, user.uid, user.gid);
  }
  return await startDetached([`${serverPrograms()}/postgres`, "-D", data], {
    log: `${places.postgres}/log`,
    user,
  });
}

/**
 * Waits until the server lets people in.
 * @throws DrillError `LAB_FAILED` with the end of its log when it does not.
 */
export async function clusterIsReady(places: Places, pid: number, signal: AbortSignal): Promise<void> {
  const file = `${dataOf(places)}/postmaster.pid`;
  // Its eighth line is the server's own word: starting, ready, stopping.
  const isReady = () => fileExists(file) && Deno.readTextFileSync(file).split("\n")[7]?.trim() === "ready";
  let ready = false;
  const isDecided = () => (ready = isReady()) || !isAlive(pid);
  await waitUntil(isDecided, limits.labServerStarts, signal, pauses.labServer);
  if (ready) return;
  const log = `${places.postgres}/log`;
  throw failed(
    "start PostgreSQL",
    logEnd(log),
    `Look into ${log}. To have the lab built anew: rm -r ${places.root}`,
  );
}

/** The last lines of a server's log. */
export function logEnd(file: string): string {
  return fileExists(file) ? Deno.readTextFileSync(file).trimEnd().split("\n").slice(-5).join("\n") : "";
}

export interface Superuser {
  port: number;
  password: string;
}

/** Runs SQL as the provisioner; `\connect` changes the database on the way. */
export async function runSql({ port, password }: Superuser, sql: string, signal: AbortSignal): Promise<void> {
  await using psql = startTool(`${serverPrograms()}/psql`, {
    args: [
      "--no-psqlrc",
      "--quiet",
      "--set=ON_ERROR_STOP=1",
      "--host=127.0.0.1",
      `--port=${port}`,
      "--username=provisioner",
      "postgres",
    ],
    env: { PGPASSWORD: password },
    stdin: "piped",
    signal,
  });
  // Where psql ends before it has read all, its own words below say why.
  const written = new Blob([sql]).stream().pipeTo(psql.stdin).catch(() => {});
  const [, , end] = await Promise.all([written, new Response(psql.stdout).text(), psql.ended]);
  signal.throwIfAborted();
  if (end.code !== 0) throw failed("make the lab's roles and databases", end.stderr, "Run it again.");
}

/**
 * Owners that cannot log in, databases that they own, login users as Vault makes them, and in every database the
 * function that pgbouncer asks for a user's password hash. `users` expire at `until`.
 */
export function platformSql(
  passwords: LabPasswords,
  users: { prod: string; sandbox: string; until: string },
): string {
  const env = (name: "prod" | "sandbox") => {
    const { owner } = DATABASES[name];
    return `CREATE ROLE ${owner} NOLOGIN;
CREATE ROLE "${users[name]}" LOGIN PASSWORD '${
      passwords[name]
    }' VALID UNTIL '${users.until}' IN ROLE ${owner};
ALTER ROLE "${users[name]}" SET ROLE ${owner};
`;
  };
  const databases = Object.values(DATABASES).map(({ name, owner }) =>
    `CREATE DATABASE "${name}" OWNER ${owner};\n`
  );
  return `CREATE ROLE pgbouncer_auth LOGIN PASSWORD '${passwords.pgbouncer}';
${env("prod")}${env("sandbox")}
${USER_LOOKUP}
\\connect template1
${USER_LOOKUP}
${databases.join("")}`;
}

/** Gives the login users another month. */
export const renewSql = (users: { prod: string; sandbox: string; until: string }): string =>
  [users.prod, users.sandbox].map((user) => `ALTER ROLE "${user}" VALID UNTIL '${users.until}';\n`).join("");

const USER_LOOKUP =
  `CREATE FUNCTION public.user_lookup(i_username text, OUT uname text, OUT phash text) RETURNS record
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
  AS 'SELECT usename::text, passwd::text FROM pg_catalog.pg_shadow WHERE usename = i_username';
REVOKE ALL ON FUNCTION public.user_lookup(text) FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO pgbouncer_auth;
GRANT EXECUTE ON FUNCTION public.user_lookup(text) TO pgbouncer_auth;
`;

const ACCESS = "host all all 127.0.0.1/32 scram-sha-256\n";

/** TCP only: so no path of a socket can be too long, and nothing lies in /tmp. */
const settings = (places: Places, port: number): string =>
  `# Written at each start of the lab.
listen_addresses = '127.0.0.1'
port = ${port}
unix_socket_directories = ''
cluster_name = '${places.tag}'
max_connections = 80
# One transaction restores 300 tables with their indexes and sequences.
max_locks_per_transaction = 256
shared_buffers = 128MB
# A lab may lose its data with the machine: it is built again then, and starts and fills far quicker so.
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 512MB
checkpoint_timeout = 30min
# Nothing of a crashed server stays behind in /dev/shm.
dynamic_shared_memory_type = mmap
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] %u@%d '
`;

function failed(action: string, output: string, hint: string): DrillError {
  const details = output.trim().split("\n").slice(-5);
  return new DrillError("LAB_FAILED", `Cannot ${action}: ${details.at(-1) || "it says nothing"}`, hint, {
    details,
  });
}
