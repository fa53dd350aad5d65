/** The lab's PostgreSQL: its files, its start, and its roles and databases, which are those of a platform with Vault. */

import { DrillError } from "../../base/errors.ts";
import { limits, pauses } from "../../base/limits.ts";
import { runTool, startTool } from "../../base/process/processes.ts";
import { waitUntil } from "../../base/time.ts";
import type { LabPaths } from "../paths.ts";
import { serverPrograms, type ServerUser } from "./programs.ts";
import { isAlive, startDetached } from "./processes.ts";
import { fileExists, writeFileWhole } from "../files.ts";

/** The passwords of the roles that log in to PostgreSQL. */
export interface LabPasswords {
  provisioner: string;
  pgbouncer: string;
  prod: string;
  sandbox: string;
}

/** The databases of the environments, with the roles that own them. */
export const DATABASES = {
  prod: { name: "erp", owner: "erp_role" },
  sandbox: { name: "erp-sandbox", owner: "erp_sandbox_role" },
} as const;

const dataOf = (paths: LabPaths): string => `${paths.postgres}/data`;

/** Creates an empty cluster; its superuser is `provisioner`, and every login needs a password. */
export async function createCluster(
  paths: LabPaths,
  user: ServerUser,
  password: string,
  signal: AbortSignal,
): Promise<void> {
  Deno.mkdirSync(paths.postgres, { mode: 0o700 });
  if (user) Deno.chownSync(paths.postgres, user.uid, user.gid);
  const passwordFile = `${paths.postgres}/password`;
  writeFileWhole(passwordFile, password);
  if (user) Deno.chownSync(passwordFile, user.uid, user.gid);
  const end = await runTool(`${serverPrograms()}/initdb`, {
    args: [
      `--pgdata=${dataOf(paths)}`,
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
    throw failed(
      "create a PostgreSQL cluster",
      end.stderr,
      `Check the free space of the disk of ${paths.postgres}.`,
    );
  }
}

/** Starts the server. @returns its process id, before it accepts connections. */
export async function startCluster(paths: LabPaths, user: ServerUser, port: number): Promise<number> {
  const data = dataOf(paths);
  await Deno.remove(`${data}/postmaster.pid`).catch((error) => {
    // left by a crash: by now another process may have the id in it
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  for (
    const [name, content] of [["postgresql.conf", settings(paths, port)], ["pg_hba.conf", ACCESS]] as const
  ) {
    writeFileWhole(`${data}/${name}`, content);
    if (user) Deno.chownSync(`${data}/${name}`, user.uid, user.gid);
  }
  return await startDetached([`${serverPrograms()}/postgres`, "-D", data], {
    log: `${paths.postgres}/log`,
    user,
  });
}

/**
 * Waits until the server accepts connections.
 * @throws DrillError `LAB_FAILED` with the end of its log when it does not.
 */
export async function waitUntilReady(paths: LabPaths, pid: number, signal: AbortSignal): Promise<void> {
  const file = `${dataOf(paths)}/postmaster.pid`;
  // Its eighth line is the server's own word: starting, ready, stopping.
  const isReady = () => fileExists(file) && Deno.readTextFileSync(file).split("\n")[7]?.trim() === "ready";
  let ready = false;
  const isDecided = () => (ready = isReady()) || !isAlive(pid);
  await waitUntil(isDecided, limits.labServerStarts, signal, pauses.labServer);
  if (ready) return;
  const log = `${paths.postgres}/log`;
  throw failed(
    "start PostgreSQL",
    logEnd(log),
    `Read ${log}. To build the lab again: rm -r ${paths.root}`,
  );
}

/** The last five lines of a server's log. */
export function logEnd(file: string): string {
  return fileExists(file) ? Deno.readTextFileSync(file).trimEnd().split("\n").slice(-5).join("\n") : "";
}

/** How the provisioner logs in. */
interface Superuser {
  port: number;
  password: string;
}

/** Runs SQL as the provisioner, beginning in the database `postgres`; it may contain `\connect`. */
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
  // where psql ends before it has read all of it, its message below says why
  const written = new Blob([sql]).stream().pipeTo(psql.stdin).catch(() => {});
  const [, , end] = await Promise.all([written, new Response(psql.stdout).text(), psql.ended]);
  signal.throwIfAborted();
  if (end.code !== 0) throw failed("create the lab's roles and databases", end.stderr, "Run it again.");
}

/**
 * The SQL for the owners, which cannot log in, their databases, the login users as Vault creates them, and in every
 * database the function that pgbouncer asks for a password hash. The login users expire at `until`.
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

/** The SQL that extends the login users until `until`. */
export const renewUsersSql = (users: { prod: string; sandbox: string; until: string }): string =>
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

/** TCP only, so that no path of a socket is too long and nothing is in /tmp. */
const settings = (paths: LabPaths, port: number): string =>
  `# Written at each start of the lab.
listen_addresses = '127.0.0.1'
port = ${port}
unix_socket_directories = ''
cluster_name = '${paths.tag}'
max_connections = 80
# One transaction restores 300 tables with their indexes and sequences.
max_locks_per_transaction = 256
shared_buffers = 128MB
# If the machine goes down, the lab is built again: without syncing it starts and fills much faster.
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 512MB
checkpoint_timeout = 30min
# A crashed server leaves nothing in /dev/shm.
dynamic_shared_memory_type = mmap
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] %u@%d '
`;

function failed(action: string, output: string, hint: string): DrillError {
  const details = output.trim().split("\n").slice(-5);
  return new DrillError("LAB_FAILED", `Cannot ${action}: ${details.at(-1) || "no message"}`, hint, {
    details,
  });
}
