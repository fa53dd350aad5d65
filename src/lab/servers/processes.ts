/** The processes of a lab: started detached, found by their command lines in /proc, and stopped. */

import { DrillError } from "../../base/errors.ts";
import { limits, pauses } from "../../base/limits.ts";
import { childEnvironment } from "../../base/process/processes.ts";
import { sleep } from "../../base/time.ts";
import type { LabPaths } from "../paths.ts";

/** A process as /proc shows it. */
interface ProcessInfo {
  pid: number;
  parent: number;
  argv: string[];
  /** Its working folder; absent where it belongs to another user. */
  cwd?: string;
}

export type ServerRole = "postgres" | "pgbouncer" | "prod" | "sandbox" | "build";

/** A PHP setting that names the lab and the role on the command line; PHP ignores settings that it does not know. */
export const phpTag = (root: string, role: "prod" | "sandbox" | "build"): string =>
  `dolibarr_drill.lab=${root}:${role}`;

/** The configuration file of a stand-in, which identifies it on its command line. */
export const standInConfig = (root: string, env: "prod" | "sandbox"): string => `${root}/run/${env}.json`;

/**
 * The role of a process in the lab; undefined where it is not of the lab. An editor, a shell or a verb of ours that only
 * names a file of the lab has none. Pure.
 */
export function roleOf(
  process: ProcessInfo,
  { root, tag }: Pick<LabPaths, "root" | "tag">,
): ServerRole | undefined {
  const [first = "", ...args] = process.argv;
  if (first.startsWith(`postgres: ${tag}:`)) return "postgres"; // a server process sets its own title
  const program = first.slice(first.lastIndexOf("/") + 1);
  const inside = (path: string | undefined) =>
    path !== undefined && (path === root || path.startsWith(`${root}/`));
  if (program === "postgres" || program === "initdb") {
    const data = `${root}/postgres/data`;
    return args.includes(data) || args.some((arg) => arg === `--pgdata=${data}`) || inside(process.cwd)
      ? "postgres"
      : undefined;
  }
  if (program === "pgbouncer") {
    return args.includes(`${root}/pgbouncer/pgbouncer.ini`) ? "pgbouncer" : undefined;
  }
  for (const env of ["prod", "sandbox"] as const) {
    if (
      args.includes(phpTag(root, env)) || (program === "deno" && args.includes(standInConfig(root, env)))
    ) return env;
  }
  if (args.includes(phpTag(root, "build"))) return "build";
  if (/^(ba|da)?sh$/.test(program) && args[0] === `${root}/bin/erp`) return "build";
  return program === "cp" && inside(args.at(-1)) ? "build" : undefined;
}

/** All running processes of the lab, with their roles. Zombies are left out: they hold nothing, and may never be reaped. */
export function labProcesses(paths: Pick<LabPaths, "root" | "tag">): (ProcessInfo & { role: ServerRole })[] {
  const found: (ProcessInfo & { role: ServerRole })[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === Deno.pid) continue;
    const process = readProcess(name);
    const role = process && roleOf(process, paths);
    if (role) found.push({ ...process, role });
  }
  return found;
}

function readProcess(pid: string): ProcessInfo | undefined {
  const state = stateOf(pid);
  if (!state || ENDED.includes(state.state)) return undefined;
  try {
    const argv = Deno.readTextFileSync(`/proc/${pid}/cmdline`).replace(/\0+$/, "").split("\0");
    return argv[0] === "" ? undefined : { pid: Number(pid), parent: state.parent, argv, cwd: readCwd(pid) };
  } catch {
    return undefined; // it ended in the meantime
  }
}

/** The states of a process that has ended, and whose exit status was not read yet. */
const ENDED = ["Z", "X"];

function stateOf(pid: string): { state: string; parent: number } | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const [state = "X", parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state, parent: Number(parent) };
  } catch {
    return undefined; // the process ended
  }
}

function readCwd(pid: string): string | undefined {
  try {
    return Deno.readLinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // a process of another user
  }
}

/**
 * Stops every process of the lab and waits until none is left. Those that do not end by their signal are killed.
 * @returns the number of processes.
 * @throws DrillError `LAB_FAILED` where one cannot be stopped.
 */
export async function stopProcesses(paths: Pick<LabPaths, "root" | "tag">): Promise<number> {
  const started = Date.now();
  const asked = new Set<number>();
  // none twice in a row: a process that is becoming another program shows no arguments for a moment
  for (let empty = 0; empty < 2; await sleep(pauses.labServer)) {
    const left = labProcesses(paths);
    empty = left.length === 0 ? empty + 1 : 0;
    const waited = Date.now() - started;
    if (waited > limits.labServerStops + limits.processEnds) throw stillRuns(left);
    const alive = new Set(left.map(({ pid }) => pid));
    // PostgreSQL's processes whose parent was killed end by themselves, within about a second
    const orphans = left.every(({ role, parent }) => role === "postgres" && !alive.has(parent));
    const kill = waited > limits.labServerStops || (orphans && waited > limits.labOrphansEnd);
    for (const { pid, parent, role } of left) {
      // the children of PostgreSQL stop with it; an INT to one of them has another meaning
      const child = role === "postgres" && alive.has(parent);
      if (kill) signal(pid, "SIGKILL");
      else if (!asked.has(pid) && !child) signal(pid, role === "postgres" ? "SIGINT" : "SIGTERM");
      asked.add(pid);
    }
  }
  return asked.size;
}

function stillRuns(left: { pid: number; role: ServerRole }[]): DrillError {
  const names = left.map(({ pid, role }) => `${role} (process ${pid})`).join(", ");
  const kill = `kill -9 ${left.map(({ pid }) => pid).join(" ")}`;
  return new DrillError(
    "LAB_FAILED",
    `Cannot stop the lab: still running: ${names}`,
    `Stop it as its own user: ${kill}`,
  );
}

function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    // it ended in the meantime, or is another user's: the caller looks again and reports it
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
      throw error;
    }
  }
}

/**
 * Starts a server detached from this process: in a session of its own, which no Ctrl-C in the terminal reaches, with its
 * output in `log`.
 * @returns its process id.
 */
export async function startDetached(
  argv: string[],
  options: { log: string; env?: Record<string, string>; user?: { uid: number; gid: number } },
): Promise<number> {
  const command = new Deno.Command("/bin/sh", {
    args: ["-c", 'log=$1; shift; setsid "$@" </dev/null >>"$log" 2>&1 & echo $!', "sh", options.log, ...argv],
    clearEnv: true,
    env: childEnvironment(options.env),
    cwd: "/",
    ...options.user,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await command.output();
  if (code !== 0) {
    throw new DrillError(
      "LAB_FAILED",
      `Cannot start ${argv[0]}: ${new TextDecoder().decode(stderr).trim()}`,
      `Read ${options.log}`,
    );
  }
  return Number(new TextDecoder().decode(stdout));
}

/** Whether a process is running, and not a zombie. */
export const isAlive = (pid: number): boolean => {
  const state = stateOf(String(pid))?.state;
  return state !== undefined && !ENDED.includes(state);
};
