/** Starts the servers of a lab that is built: chooses ports, writes the files that name them, starts and waits. */

import { renewUsersSql, runSql, startCluster, waitUntilReady } from "./servers/cluster.ts";
import { configText } from "./config_file.ts";
import type { LabPaths } from "./paths.ts";
import { startPooler, waitUntilListening } from "./servers/pooler.ts";
import { choosePorts, findFreePort, isFreePort } from "./servers/ports.ts";
import type { LabSecrets } from "./secrets.ts";
import type { ServerUser } from "./servers/programs.ts";
import { bootId, type LabState, type RunningRecord, USERS_LIVE } from "./state.ts";
import { stopProcesses } from "./servers/processes.ts";
import { startServers, writeServers } from "./servers/web_servers.ts";
import { writeFileWhole, writeJson } from "./files.ts";

/** Another process may take a chosen port before its server starts: then other ports are tried, this often. */
const TRIES = 3;

/** Starts PostgreSQL and pgbouncer on free ports, which it writes into `state`, and waits until they answer. */
export async function startPlatform(
  paths: LabPaths,
  state: LabState,
  secrets: LabSecrets,
  user: ServerUser,
  signal: AbortSignal,
): Promise<void> {
  await withPorts(paths, state, async () => {
    const postgres = await startCluster(paths, user, state.ports.postgres);
    const pooler = await startPooler(paths, user, state.ports, secrets.pgbouncer);
    await waitUntilReady(paths, postgres, signal);
    await waitUntilListening("pgbouncer", state.ports.pooler, pooler, `${paths.pgbouncer}/log`, signal);
  });
}

/** Starts all servers, and writes the configuration that leads to them. `stayUp`: they outlive this process. */
export async function startServersOfLab(
  paths: LabPaths,
  state: LabState,
  secrets: LabSecrets,
  user: ServerUser,
  options: { stayUp: boolean; signal: AbortSignal },
): Promise<void> {
  const { stayUp, signal } = options;
  const running: RunningRecord = { boot: bootId(), startedAt: new Date().toISOString(), keep: stayUp };
  writeJson(paths.running, running);
  await withPorts(paths, state, async () => {
    await writeServers(paths, state, secrets);
    const postgres = await startCluster(paths, user, state.ports.postgres);
    const pooler = await startPooler(paths, user, state.ports, secrets.pgbouncer);
    await Promise.all([
      waitUntilReady(paths, postgres, signal),
      waitUntilListening("pgbouncer", state.ports.pooler, pooler, `${paths.pgbouncer}/log`, signal),
      startServers(paths, state, signal),
    ]);
  });
  if (Date.parse(state.users.until) - Date.now() < USERS_LIVE / 2) {
    state.users.until = new Date(Date.now() + USERS_LIVE).toISOString();
    await runSql(
      { port: state.ports.postgres, password: secrets.provisioner },
      renewUsersSql(state.users),
      signal,
    );
  }
  writeJson(paths.state, state);
  writeFileWhole(paths.config, configText(paths, state), 0o644);
}

async function withPorts(paths: LabPaths, state: LabState, start: () => Promise<void>): Promise<void> {
  for (let tries = 1;; tries++) {
    state.ports = choosePorts(state.ports, isFreePort, findFreePort);
    try {
      return await start();
    } catch (error) {
      await stopProcesses(paths);
      const taken = Object.values(state.ports).some((port) => !isFreePort(port));
      if (tries === TRIES || !taken) throw error;
    }
  }
}
