/**
 * The embedded lab: a small platform of real parts in one folder, and a configuration file that leads to it. Its processes
 * are found by their command lines in /proc, so that the next start cleans up whatever a crash left.
 */

import { DrillError } from "../base/errors.ts";
import { removeTree } from "../base/files.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { buildLab } from "./build.ts";
import { webUrl } from "./config_file.ts";
import { whyPhpCannotRun } from "./dolibarr/php_runtime.ts";
import { chooseDolibarr, findLocalDolibarr } from "./dolibarr/release.ts";
import { fileExists, readJson } from "./files.ts";
import { lockHolder, takeLock } from "./lock.ts";
import { findLabPaths, findOrphanedLabs, type LabPaths } from "./paths.ts";
import { planStart, recipeOf } from "./recipe.ts";
import { labSecrets } from "./secrets.ts";
import { missingPrograms } from "./servers/erp_script.ts";
import { isListening } from "./servers/ports.ts";
import { labProcesses, type ServerRole, stopProcesses } from "./servers/processes.ts";
import { serverUser } from "./servers/programs.ts";
import { startServers } from "./servers/web_servers.ts";
import { startServersOfLab } from "./start.ts";
import { bootId, type LabState, type RunningRecord } from "./state.ts";

interface LabOptions {
  /** The lab's folder, absolute: `/home/anne/dolibarr-drill/.lab`. */
  folder: string;
  reporter: Reporter;
  signal: AbortSignal;
  /** Set where the stand-in is asked for, whatever Dolibarr is available. */
  erp?: "stand-in";
  /** For measuring: a new lab is filled with this number of invoices, one a day, in place of the demo company's own. */
  invoices?: number;
  /** Whether it stays up until `labDown`, for other runs. */
  stayUp?: boolean;
}

/** A lab that runs. Disposing stops it, unless it stays up. */
export interface Lab extends AsyncDisposable {
  /** The folder with its data; another one than `LabOptions.folder` where that is a link. */
  folder: string;
  configFile: string;
  erp: "real" | "stand-in";
  /** Why it is the stand-in. */
  reason?: string;
  /** Whether this call built it. */
  built: boolean;
  /** Whether it was up before this call. What a killed run left is stopped and started again. */
  wasUp: boolean;
}

export interface LabStatus {
  state: "none" | "half-built" | "stopped" | "partly up" | "up";
  folder: string;
  configFile?: string;
  erp?: "real" | "stand-in";
  reason?: string;
  dolibarr?: { version: string; home: string };
  /** The process that builds, starts, stops or uses it now: `process 4711 on anna`. */
  heldBy?: string;
  servers: {
    name: Exclude<ServerRole, "build">;
    running: boolean;
    port?: number;
    url?: string;
    pids: number[];
  }[];
}

/**
 * Builds the lab where there is none, starts it where it is down, and returns when all of its servers listen.
 * @throws DrillError `LEASE_HELD` while another process builds or starts the lab, or uses one that it started itself;
 * `LAB_FAILED`, `TOOL_MISSING`. After an error none of its servers runs.
 */
export async function labUp(options: LabOptions): Promise<Lab> {
  const { folder, reporter, signal, erp, invoices } = options;
  signal.throwIfAborted();
  const user = serverUser();
  const paths = await findLabPaths(folder, { make: { server: user } });
  if (!paths) {
    throw new DrillError(
      "LAB_FAILED",
      `Cannot make the lab ${folder}: its folder is missing`,
      "Run it again.",
    );
  }
  await using held = new AsyncDisposableStack();
  held.use(takeLock(paths));

  let state = readJson<LabState>(paths.state);
  const wasUp = state !== undefined && await isUp(paths, state);
  if (state && wasUp && missingPrograms(paths.erpScript).length === 0) {
    await startServers(paths, state, signal, crashedServers(paths));
    return { ...about(paths, state), built: false, wasUp: true, async [Symbol.asyncDispose]() {} };
  }
  if (wasUp) {
    reporter.note(`Restarting the lab in ${paths.asked}: another version of this program started it`);
  }
  const stayUp = wasUp || options.stayUp === true;

  let started = false;
  held.defer(async () => {
    if (!started || !stayUp) await stopLab(paths);
  });
  await stopProcesses(paths); // those of a run that was killed, too
  const plan = planStart(
    { state, filled: fileExists(paths.filled), running: readJson<RunningRecord>(paths.running) },
    await wanted(paths, state, options),
  );
  if (plan.action === "build" || !state) {
    reporter.note(buildNote(paths, plan.action === "build" ? plan.why : "", state !== undefined));
    await removeOrphanedLabs();
    await emptyFolder(paths);
    state = await buildLab({ paths, user, erp, invoices, reporter, signal });
  }
  using step = reporter.step("Starting the lab");
  await startServersOfLab(paths, state, labSecrets(paths), user, { stayUp, signal });
  step.end();

  started = true;
  const stops = stayUp ? undefined : held.move();
  return {
    ...about(paths, state),
    built: plan.action === "build",
    wasUp: false,
    [Symbol.asyncDispose]: async () => await stops?.disposeAsync(),
  };
}

/** What a build does, in a line; the store of a lab that is built again is removed with it. */
const buildNote = ({ asked }: LabPaths, why: string, again: boolean): string =>
  again
    ? `Building the lab in ${asked} again, and removing it with the sets in its store: ${why}`
    : `Building the lab in ${asked}`;

/**
 * Stops all processes of the lab, also those that a crash left. Its data remains.
 * @returns the number of processes that were stopped.
 * @throws DrillError `LEASE_HELD` while a run uses it.
 */
export async function labDown(folder: string): Promise<{ stopped: number }> {
  const paths = await findLabPaths(folder);
  if (!paths) return { stopped: 0 };
  using _lock = takeLock(paths);
  return { stopped: await stopLab(paths) };
}

/** Stops the lab and removes it with its data and its store. */
export async function labDestroy(folder: string): Promise<{ stopped: number }> {
  const paths = await findLabPaths(folder);
  if (!paths) return { stopped: 0 };
  using _lock = takeLock(paths);
  const stopped = await stopProcesses(paths);
  await emptyFolder(paths);
  await Deno.remove(paths.root, { recursive: true });
  await removeTree(paths.asked); // the link, where the data lies in another folder
  return { stopped };
}

/** The state of a lab and of its servers. It changes nothing. */
export async function labStatus(folder: string): Promise<LabStatus> {
  const paths = await findLabPaths(folder);
  if (!paths) return { state: "none", folder, servers: [] };
  const state = readJson<LabState>(paths.state);
  const built = state !== undefined && fileExists(paths.filled);
  const found = labProcesses(paths);
  const servers = (["postgres", "pgbouncer", "prod", "sandbox"] as const).map((name) => {
    const pids = found.filter((process) => process.role === name).map((process) => process.pid);
    const port = state?.ports[name === "pgbouncer" ? "pooler" : name];
    const web = name === "prod" || name === "sandbox";
    return { name, running: pids.length > 0, port, ...(web && port ? { url: webUrl(port) } : {}), pids };
  });
  const running = servers.filter((server) => server.running).length;
  const word = running === servers.length ? "up" : running > 0 ? "partly up" : "stopped";
  return {
    state: built ? word : "half-built",
    folder: paths.root,
    ...(built
      ? { configFile: paths.config, erp: state.erp, reason: state.reason, dolibarr: state.dolibarr }
      : {}),
    heldBy: lockHolder(paths),
    servers,
  };
}

const about = (paths: LabPaths, { erp, reason }: LabState) => ({
  folder: paths.root,
  configFile: paths.config,
  erp,
  ...(reason === undefined ? {} : { reason }),
});

async function stopLab(paths: LabPaths): Promise<number> {
  const stopped = await stopProcesses(paths);
  await removeTree(paths.running);
  return stopped;
}

/** Web servers that ended without being stopped. One that a restore stopped has no pid file, and must stay down. */
function crashedServers(paths: LabPaths): ("prod" | "sandbox")[] {
  const running = new Set(labProcesses(paths).map((process) => process.role));
  return (["prod", "sandbox"] as const).filter((env) =>
    fileExists(`${paths.run}/${env}.pid`) && !running.has(env)
  );
}

/** Whether it is to stay up, and its platform runs and listens. */
async function isUp(paths: LabPaths, { ports }: LabState): Promise<boolean> {
  const running = readJson<RunningRecord>(paths.running);
  if (!fileExists(paths.filled) || !running?.keep || running.boot !== bootId()) return false;
  const roles = new Set(labProcesses(paths).map((process) => process.role));
  if (!roles.has("postgres") || !roles.has("pgbouncer")) return false;
  return await isListening(ports.postgres) && await isListening(ports.pooler);
}

/** What the lab would be built from now, without the network. */
async function wanted(paths: LabPaths, state: LabState | undefined, { erp, signal }: LabOptions) {
  // a lab with the real Dolibarr was built with PHP, so only a stand-in needs to ask for it
  const php = state?.erp === "stand-in" ? await whyPhpCannotRun(signal) : undefined;
  const choice = erp ? undefined : chooseDolibarr({ ...findLocalDolibarr(), php });
  return {
    root: paths.root,
    recipe: await recipeOf(state?.erp ?? "real"),
    boot: bootId(),
    erp,
    ...(choice?.erp === "real" ? { home: choice.home, named: !choice.ours } : { named: false }),
  };
}

/** Removes everything except the lock, which is held, and the file that names the link to this folder. */
async function emptyFolder(paths: LabPaths): Promise<void> {
  for (const { name } of [...Deno.readDirSync(paths.root)]) {
    const path = `${paths.root}/${name}`;
    if (path !== paths.lock && path !== paths.link) await Deno.remove(path, { recursive: true });
  }
}

/** Removes the data of labs whose link was removed, unless a run still uses them. */
async function removeOrphanedLabs(): Promise<void> {
  for (const orphan of findOrphanedLabs()) {
    if (lockHolder(orphan)) continue;
    await stopProcesses(orphan);
    await removeTree(orphan.root);
  }
}
