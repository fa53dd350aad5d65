/** What serves the lab's two ERPs: PHP with Dolibarr, or the stand-in. */

import { DrillError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { runTool } from "../../base/process/processes.ts";
import { DATABASES } from "./cluster.ts";
import { documentsOf } from "../config_file.ts";
import { erpScript, type ErpServer } from "./erp_script.ts";
import { writeConf } from "../dolibarr/htdocs.ts";
import { serverCommand } from "../dolibarr/php_runtime.ts";
import type { Places } from "../places.ts";
import { listens } from "./pooler.ts";
import { type LabSecrets, secretFile } from "../secrets.ts";
import { type LabState, writeJson, writeWhole } from "../state.ts";
import { phpTag, standInConfig } from "./processes.ts";

const ENVIRONMENTS = ["prod", "sandbox"] as const;

/** Pages that PHP serves side by side; Chromium asks for several at once. */
const PHP_WORKERS = "4";

/** Writes what both servers read, with the ports of this start, and `bin/erp`, which starts and stops them. */
export async function writeServers(places: Places, state: LabState, secrets: LabSecrets): Promise<void> {
  const servers: Partial<Record<(typeof ENVIRONMENTS)[number], ErpServer>> = {};
  for (const env of ENVIRONMENTS) {
    servers[env] = state.erp === "real"
      ? dolibarr(places, env, state, secrets)
      : await standIn(places, env, state);
  }
  writeWhole(
    places.erpScript,
    erpScript(places.root, servers as Record<"prod" | "sandbox", ErpServer>),
    0o755,
  );
}

function dolibarr(places: Places, env: "prod" | "sandbox", state: LabState, secrets: LabSecrets): ErpServer {
  writeConf(places, env, state, secrets);
  return {
    argv: serverCommand(places, env, state.ports[env]),
    env: { PHP_CLI_SERVER_WORKERS: PHP_WORKERS },
    mark: phpTag(places.root, env),
  };
}

async function standIn(
  places: Places,
  env: "prod" | "sandbox",
  { ports, users }: LabState,
): Promise<ErpServer> {
  const configFile = standInConfig(places.root, env);
  const { name } = DATABASES[env];
  writeJson(configFile, {
    port: ports[env],
    documents: documentsOf(places, env),
    database: {
      host: "127.0.0.1",
      port: ports.pooler,
      name,
      user: users[env],
      passwordFile: secretFile(places, env),
    },
    faultsFile: `${places.root}/${env}/faults.json`,
    title: env,
  });
  const { standInCommand } = await import("../stand_in/stand_in.ts");
  // Where Deno keeps what the stand-in is made of; its own environment is empty but for this.
  const env_ = Object.fromEntries(
    ["DENO_DIR", "XDG_CACHE_HOME"].map((key) => [key, Deno.env.get(key)]).filter(([, value]) =>
      value !== undefined
    ),
  );
  return { argv: standInCommand({ configFile }), env: env_, mark: configFile };
}

/**
 * Starts both ERPs, or one, side by side, and waits until they listen.
 * @throws DrillError `LAB_FAILED` with the end of the log of the one that does not.
 */
export async function startServers(
  places: Places,
  { ports }: LabState,
  signal: AbortSignal,
  environments: readonly ("prod" | "sandbox")[] = ENVIRONMENTS,
): Promise<void> {
  await Promise.all(environments.map(async (env) => {
    const timeout = AbortSignal.timeout(limits.labServerStarts);
    const end = await runTool(places.erpScript, {
      args: ["start", env],
      signal: AbortSignal.any([signal, timeout]),
    });
    signal.throwIfAborted();
    if (end.code !== 0) {
      throw new DrillError(
        "LAB_FAILED",
        `Cannot start the ERP of ${env}: ${end.stderr.trim()}`,
        `Look into ${places.log}/${env}.log`,
      );
    }
    const pid = Number(Deno.readTextFileSync(`${places.run}/${env}.pid`));
    await listens(`the ERP of ${env}`, ports[env], pid, `${places.log}/${env}.log`, signal);
  }));
}
