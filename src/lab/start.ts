/** The start of a built lab: ports, files that name them, servers. */

import { clusterIsReady, renewSql, runSql, startCluster } from "./servers/cluster.ts";
import { configText } from "./config_file.ts";
import type { Places } from "./places.ts";
import { listens, startPooler } from "./servers/pooler.ts";
import { choosePorts, findFreePort, isFreePort } from "./servers/ports.ts";
import type { LabSecrets } from "./secrets.ts";
import type { ServerUser } from "./servers/programs.ts";
import { bootId, type LabState, type Running, USERS_LIVE, writeJson, writeWhole } from "./state.ts";
import { stopProcesses } from "./servers/processes.ts";
import { startServers, writeServers } from "./servers/web_servers.ts";

/** Between the choice of a port and its server's start somebody else may take it: then with others, so many times. */
const TRIES = 3;

/** Starts PostgreSQL and pgbouncer on free ports, which it writes into `state`, and waits until they answer. */
export async function startPlatform(
  places: Places,
  state: LabState,
  secrets: LabSecrets,
  user: ServerUser,
  signal: AbortSignal,
): Promise<void> {
  await withPorts(places, state, async () => {
    const postgres = await startCluster(places, user, state.ports.postgres);
    const pooler = await startPooler(places, user, state.ports, secrets.pgbouncer);
    await clusterIsReady(places, postgres, signal);
    await listens("pgbouncer", state.ports.pooler, pooler, `${places.pgbouncer}/log`, signal);
  });
}

/** Starts everything, and writes the configuration that leads there. `keep`: it shall outlive this process. */
export async function startLab(
  places: Places,
  state: LabState,
  secrets: LabSecrets,
  user: ServerUser,
  options: { keep: boolean; signal: AbortSignal },
): Promise<void> {
  const { keep, signal } = options;
  const running: Running = { boot: bootId(), startedAt: new Date().toISOString(), keep };
  writeJson(places.running, running);
  await withPorts(places, state, async () => {
    await writeServers(places, state, secrets);
    const postgres = await startCluster(places, user, state.ports.postgres);
    const pooler = await startPooler(places, user, state.ports, secrets.pgbouncer);
    await Promise.all([
      clusterIsReady(places, postgres, signal),
      listens("pgbouncer", state.ports.pooler, pooler, `${places.pgbouncer}/log`, signal),
      startServers(places, state, signal),
    ]);
  });
  if (Date.parse(state.users.until) - Date.now() < USERS_LIVE / 2) {
    state.users.until = new Date(Date.now() + USERS_LIVE).toISOString();
    await runSql(
      { port: state.ports.postgres, password: secrets.provisioner },
      renewSql(state.users),
      signal,
    );
  }
  writeJson(places.state, state);
  writeWhole(places.config, configText(places, state), 0o644);
}

async function withPorts(places: Places, state: LabState, start: () => Promise<void>): Promise<void> {
  for (let tries = 1;; tries++) {
    state.ports = choosePorts(state.ports, isFreePort, findFreePort);
    try {
      return await start();
    } catch (error) {
      await stopProcesses(places);
      const taken = Object.values(state.ports).some((port) => !isFreePort(port));
      if (tries === TRIES || !taken) throw error;
    }
  }
}
