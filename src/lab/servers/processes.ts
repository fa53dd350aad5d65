/** The processes that belong to a lab: found by what stands in /proc, started detached, stopped for certain. */

import { DrillError } from "../../base/errors.ts";
import { limits, pauses } from "../../base/limits.ts";
import { childEnvironment } from "../../base/process/processes.ts";
import { sleep } from "../../base/time.ts";
import type { Places } from "../places.ts";

/** What /proc tells of a process. */
export interface SystemProcess {
  pid: number;
  parent: number;
  argv: string[];
  /** Its working folder; absent where we may not look. */
  cwd?: string;
}

export type Role = "postgres" | "pgbouncer" | "prod" | "sandbox" | "build";

/** PHP ignores settings that it does not know, so this one can name the lab and the role on each PHP command line. */
export const phpTag = (root: string, role: "prod" | "sandbox" | "build"): string =>
  `dolibarr_drill.lab=${root}:${role}`;

/** The stand-in's own configuration file, which names it on its command line. */
export const standInConfig = (root: string, env: "prod" | "sandbox"): string => `${root}/run/${env}.json`;

/**
 * Which part of the lab a process is, or undefined: it is not the lab's. An editor, a shell or a verb of ours that
 * only names a file of the lab is none of it.
 */
export function roleOf(
  process: SystemProcess,
  { root, tag }: Pick<Places, "root" | "tag">,
): Role | undefined {
  const [first = "", ...args] = process.argv;
  if (first.startsWith(`postgres: ${tag}:`)) return "postgres"; // a server process renames itself
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

/** All living processes of the lab, with their roles. A zombie is none: it holds nothing, and nobody may ever reap it. */
export function labProcesses(places: Pick<Places, "root" | "tag">): (SystemProcess & { role: Role })[] {
  const found: (SystemProcess & { role: Role })[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === Deno.pid) continue;
    const process = readProcess(name);
    const role = process && roleOf(process, places);
    if (role) found.push({ ...process, role });
  }
  return found;
}

function readProcess(pid: string): SystemProcess | undefined {
  const state = stateOf(pid);
  if (!state || GONE.includes(state.state)) return undefined;
  try {
    const argv = Deno.readTextFileSync(`/proc/${pid}/cmdline`).replace(/\0+$/, "").split("\0");
    return argv[0] === "" ? undefined : { pid: Number(pid), parent: state.parent, argv, cwd: readCwd(pid) };
  } catch {
    return undefined; // it ended while we looked
  }
}

/** Dead, only nobody has asked for its exit status yet. */
const GONE = ["Z", "X"];

function stateOf(pid: string): { state: string; parent: number } | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const [state = "X", parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state, parent: Number(parent) };
  } catch {
    return undefined; // there is no such process any more
  }
}

function readCwd(pid: string): string | undefined {
  try {
    return Deno.readLinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // another user's
  }
}

/**
 * Stops every process of the lab and waits until none is left: first as each likes to be asked, then for certain.
 * @returns how many there were.
 * @throws DrillError `LAB_FAILED` when one cannot be stopped.
 */
export async function stopProcesses(places: Pick<Places, "root" | "tag">): Promise<number> {
  const started = Date.now();
  const asked = new Set<number>();
  // Twice nothing, for a process that is just becoming another program shows no arguments for a moment.
  for (let empty = 0; empty < 2; await sleep(pauses.labServer)) {
    const left = labProcesses(places);
    empty = left.length === 0 ? empty + 1 : 0;
    const waited = Date.now() - started;
    if (waited > limits.labServerStops + limits.processEnds) throw stillRuns(left);
    const alive = new Set(left.map(({ pid }) => pid));
    // PostgreSQL's processes that lost their parent have nobody to tell them: they get a second to notice.
    const orphans = left.every(({ role, parent }) => role === "postgres" && !alive.has(parent));
    const kill = waited > limits.labServerStops || (orphans && waited > limits.labOrphansEnd);
    for (const { pid, parent, role } of left) {
      // Its children stop with their parent, and an INT to one of them means something else.
      const child = role === "postgres" && alive.has(parent);
      if (kill) signal(pid, "SIGKILL");
      else if (!asked.has(pid) && !child) signal(pid, role === "postgres" ? "SIGINT" : "SIGTERM");
      asked.add(pid);
    }
  }
  return asked.size;
}

function stillRuns(left: { pid: number; role: Role }[]): DrillError {
  const names = left.map(({ pid, role }) => `${role} (process ${pid})`).join(", ");
  const kill = `kill -9 ${left.map(({ pid }) => pid).join(" ")}`;
  return new DrillError(
    "LAB_FAILED",
    `Cannot stop the lab: ${names} still runs`,
    `Stop it as its own user: ${kill}`,
  );
}

function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    // It has ended meanwhile, or is another user's: the caller looks again and says so.
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
      throw error;
    }
  }
}

/**
 * Starts a server in a session of its own, so that a Ctrl-C in the terminal does not reach it, with its output in
 * `log`. It is nobody's child afterwards.
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
      `Look into ${options.log}`,
    );
  }
  return Number(new TextDecoder().decode(stdout));
}

/** Whether a process is there and is no zombie. */
export const isAlive = (pid: number): boolean => {
  const state = stateOf(String(pid))?.state;
  return state !== undefined && !GONE.includes(state);
};
