/**
 * The embedded lab: a whole small platform of real parts in one folder, and a configuration file that leads to it.
 * What runs of it is found again by what stands in /proc, so that no crash leaves anything that the next start does
 * not clean up.
 */

import { DrillError } from "../base/errors.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { buildLab, recipeOf } from "./build.ts";
import { webUrl } from "./config_file.ts";
import { chooseDolibarr, findLocalDolibarr } from "./dolibarr/release.ts";
import { emptyFolder, removeIfThere, removeOrphans } from "./folders.ts";
import { lockHolder, takeLock } from "./lock.ts";
import { whyNoPhp } from "./dolibarr/php_runtime.ts";
import { findPlaces, type Places } from "./places.ts";
import { answersOn } from "./servers/ports.ts";
import { labSecrets } from "./secrets.ts";
import { serverUser } from "./servers/programs.ts";
import { startLab } from "./start.ts";
import { startServers } from "./servers/web_servers.ts";
import { bootId, fileExists, type LabState, planStart, readJson, type Running } from "./state.ts";
import { labProcesses, type Role, stopProcesses } from "./servers/processes.ts";

export interface LabOptions {
  /** The lab's folder, absolute: `/home/anne/dolibarr-drill/.lab`. */
  folder: string;
  reporter: Reporter;
  signal: AbortSignal;
  /** Set: the stand-in is wanted, whatever Dolibarr there is. */
  erp?: "stand-in";
  /** A new one is filled with so many invoices, one a day, in place of the demo company's own: for measuring. */
  invoices?: number;
  /** It shall stay up until `labDown`, for whoever comes. */
  keep?: boolean;
}

/** A lab that runs. Disposing stops it, unless it is kept up. */
export interface Lab extends AsyncDisposable {
  /** Where its data are; not the folder that was asked for where that one is a link. */
  folder: string;
  configFile: string;
  erp: "real" | "stand-in";
  /** Why it is the stand-in. */
  reason?: string;
  /** Whether this call built it. */
  built: boolean;
  /** Whether it was kept up from before; what a killed run left is started anew. */
  wasUp: boolean;
}

export interface LabStatus {
  state: "none" | "half-built" | "stopped" | "partly up" | "up";
  folder: string;
  configFile?: string;
  erp?: "real" | "stand-in";
  reason?: string;
  dolibarr?: { version: string; home: string };
  /** Who builds, starts, stops or uses it now: `process 4711 on anna`. */
  heldBy?: string;
  servers: { name: Exclude<Role, "build">; running: boolean; port?: number; url?: string; pids: number[] }[];
}

/**
 * Builds the lab where there is none, starts it where it does not run, and returns when all its servers listen.
 * @throws DrillError `LEASE_HELD` while another process builds, starts or uses a lab that it started itself;
 * `LAB_FAILED`, `TOOL_MISSING`; then nothing of it runs.
 */
export async function labUp(options: LabOptions): Promise<Lab> {
  const { folder, reporter, signal, erp, invoices, keep = false } = options;
  signal.throwIfAborted();
  const user = serverUser();
  const places = await findPlaces(folder, { make: { server: user } });
  if (!places) {
    throw new DrillError(
      "LAB_FAILED",
      `Cannot make the lab ${folder}: its folder is not there`,
      "Run it again.",
    );
  }
  await using held = new AsyncDisposableStack();
  held.use(takeLock(places));

  let state = readJson<LabState>(places.state);
  if (state && await isUp(places, state)) {
    await startServers(places, state, signal, crashedServers(places));
    return { ...about(places, state), built: false, wasUp: true, async [Symbol.asyncDispose]() {} };
  }

  let staysUp = false;
  held.defer(async () => {
    if (!staysUp) await stopLab(places);
  });
  await stopProcesses(places); // what a killed run left
  const plan = planStart(
    { state, filled: fileExists(places.filled), running: readJson<Running>(places.running) },
    await wanted(places, state, options),
  );
  if (plan.action === "build" || !state) {
    reporter.note(`Building the lab in ${places.asked}${plan.action === "build" ? `: ${plan.why}` : ""}`);
    await removeOrphans();
    await emptyFolder(places);
    state = await buildLab({ places, user, erp, invoices, reporter, signal });
  }
  using step = reporter.step("Starting the lab");
  await startLab(places, state, labSecrets(places), user, { keep, signal });
  step.end();

  staysUp = keep;
  const kept = keep ? undefined : held.move();
  return {
    ...about(places, state),
    built: plan.action === "build",
    wasUp: false,
    [Symbol.asyncDispose]: async () => await kept?.disposeAsync(),
  };
}

/**
 * Stops all processes of the lab, also those of a crashed one; what it holds is kept.
 * @returns how many processes there were.
 * @throws DrillError `LEASE_HELD` while a run uses it.
 */
export async function labDown(folder: string): Promise<{ stopped: number }> {
  const places = await findPlaces(folder);
  if (!places) return { stopped: 0 };
  using _lock = takeLock(places);
  return { stopped: await stopLab(places) };
}

/** Stops the lab and removes all of it, with its store. */
export async function labDestroy(folder: string): Promise<{ stopped: number }> {
  const places = await findPlaces(folder);
  if (!places) return { stopped: 0 };
  using _lock = takeLock(places);
  const stopped = await stopProcesses(places);
  await emptyFolder(places);
  await Deno.remove(places.root, { recursive: true });
  await removeIfThere(places.asked); // the link, where the data lay aside
  return { stopped };
}

/** What there is of a lab; changes nothing. */
export async function labStatus(folder: string): Promise<LabStatus> {
  const places = await findPlaces(folder);
  if (!places) return { state: "none", folder, servers: [] };
  const state = readJson<LabState>(places.state);
  const built = state !== undefined && fileExists(places.filled);
  const found = labProcesses(places);
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
    folder: places.root,
    ...(built
      ? { configFile: places.config, erp: state.erp, reason: state.reason, dolibarr: state.dolibarr }
      : {}),
    heldBy: lockHolder(places),
    servers,
  };
}

const about = (places: Places, { erp, reason }: LabState) => ({
  folder: places.root,
  configFile: places.config,
  erp,
  ...(reason === undefined ? {} : { reason }),
});

async function stopLab(places: Places): Promise<number> {
  const stopped = await stopProcesses(places);
  await removeIfThere(places.running);
  return stopped;
}

/** Web servers that nobody stopped and that are gone. A restore stops the sandbox's: that one must stay as it is. */
function crashedServers(places: Places): ("prod" | "sandbox")[] {
  const running = new Set(labProcesses(places).map((process) => process.role));
  return (["prod", "sandbox"] as const).filter((env) =>
    fileExists(`${places.run}/${env}.pid`) && !running.has(env)
  );
}

/** Whether it is kept up, and its platform runs and answers. */
async function isUp(places: Places, { ports }: LabState): Promise<boolean> {
  const running = readJson<Running>(places.running);
  if (!fileExists(places.filled) || !running?.keep || running.boot !== bootId()) return false;
  const roles = new Set(labProcesses(places).map((process) => process.role));
  if (!roles.has("postgres") || !roles.has("pgbouncer")) return false;
  return await answersOn(ports.postgres) && await answersOn(ports.pooler);
}

/** What the lab would be built from now, without asking the network. */
async function wanted(places: Places, state: LabState | undefined, { erp, signal }: LabOptions) {
  // Only a stand-in asks for PHP again: a lab with the real Dolibarr was built with it.
  const php = state?.erp === "stand-in" ? await whyNoPhp(signal) : undefined;
  const choice = erp ? undefined : chooseDolibarr({ ...findLocalDolibarr(), php });
  return {
    root: places.root,
    recipe: await recipeOf(state?.erp ?? "real"),
    boot: bootId(),
    erp,
    ...(choice?.erp === "real" ? { home: choice.home, named: !choice.ours } : { named: false }),
  };
}
