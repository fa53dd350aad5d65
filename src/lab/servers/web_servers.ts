/** The web servers of the lab's two ERPs: PHP with Dolibarr, or the stand-in. */

import { DrillError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { runTool } from "../../base/process/processes.ts";
import { DATABASES } from "./cluster.ts";
import { documentsOf } from "../config_file.ts";
import { erpScript, type ErpServer } from "./erp_script.ts";
import { writeConf } from "../dolibarr/htdocs.ts";
import { phpServerCommand } from "../dolibarr/php_runtime.ts";
import type { LabPaths } from "../paths.ts";
import { waitUntilListening } from "./pooler.ts";
import { type LabSecrets, secretFile } from "../secrets.ts";
import type { LabState } from "../state.ts";
import { phpTag, standInConfig } from "./processes.ts";
import { writeFileWhole, writeJson } from "../files.ts";

const ENVIRONMENTS = ["prod", "sandbox"] as const;

/** The number of requests that PHP answers at a time; Chromium sends several at once. */
const PHP_WORKERS = "4";

/** Writes the configuration of both servers, with the ports of this start, and `bin/erp`, which starts and stops them. */
export async function writeServers(paths: LabPaths, state: LabState, secrets: LabSecrets): Promise<void> {
  const servers: Partial<Record<(typeof ENVIRONMENTS)[number], ErpServer>> = {};
  for (const env of ENVIRONMENTS) {
    servers[env] = state.erp === "real"
      ? dolibarr(paths, env, state, secrets)
      : await standIn(paths, env, state);
  }
  writeFileWhole(
    paths.erpScript,
    erpScript(paths.root, servers as Record<"prod" | "sandbox", ErpServer>),
    0o755,
  );
}

function dolibarr(paths: LabPaths, env: "prod" | "sandbox", state: LabState, secrets: LabSecrets): ErpServer {
  writeConf(paths, env, state, secrets);
  return {
    argv: phpServerCommand(paths, env, state.ports[env]),
    env: { PHP_CLI_SERVER_WORKERS: PHP_WORKERS },
    tag: phpTag(paths.root, env),
  };
}

async function standIn(
  paths: LabPaths,
  env: "prod" | "sandbox",
  { ports, users }: LabState,
): Promise<ErpServer> {
  const configFile = standInConfig(paths.root, env);
  const { name } = DATABASES[env];
  writeJson(configFile, {
    port: ports[env],
    documents: documentsOf(paths, env),
    database: {
      host: "127.0.0.1",
      port: ports.pooler,
      name,
      user: users[env],
      passwordFile: secretFile(paths, env),
    },
    faultsFile: `${paths.root}/${env}/faults.json`,
    title: env,
  });
  const { standInCommand } = await import("../stand_in/stand_in.ts");
  // the only variables that the stand-in gets: where Deno caches the modules that it imports
  const cacheFolders = Object.fromEntries(
    ["DENO_DIR", "XDG_CACHE_HOME"].map((key) => [key, Deno.env.get(key)]).filter(([, value]) =>
      value !== undefined
    ),
  );
  return { argv: standInCommand({ configFile }), env: cacheFolders, tag: configFile };
}

/**
 * Starts the web servers of both ERPs, or of one, at the same time, and waits until they listen.
 * @throws DrillError `LAB_FAILED` with the end of the log of the one that does not.
 */
export async function startServers(
  paths: LabPaths,
  { ports }: LabState,
  signal: AbortSignal,
  environments: readonly ("prod" | "sandbox")[] = ENVIRONMENTS,
): Promise<void> {
  await Promise.all(environments.map(async (env) => {
    const timeout = AbortSignal.timeout(limits.labServerStarts);
    const end = await runTool(paths.erpScript, {
      args: ["start", env],
      signal: AbortSignal.any([signal, timeout]),
    });
    signal.throwIfAborted();
    if (end.code !== 0) {
      throw new DrillError(
        "LAB_FAILED",
        `Cannot start the ERP of ${env}: ${end.stderr.trim()}`,
        `Read ${paths.log}/${env}.log`,
      );
    }
    const pid = Number(Deno.readTextFileSync(`${paths.run}/${env}.pid`));
    await waitUntilListening(`the ERP of ${env}`, ports[env], pid, `${paths.log}/${env}.log`, signal);
  }));
}
