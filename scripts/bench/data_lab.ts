/** A lab of its own with as much data as is asked for: the stand-in, an extra table and extra documents. */

import { DrillError } from "../../src/base/errors.ts";
import { silentReporter } from "../../src/base/terminal/reporter.ts";
import { formatBytes } from "../../src/base/numbers.ts";
import { openEnvironment } from "../../src/cli/command/clients.ts";
import { environmentOf } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load.ts";
import { labDestroy, labUp } from "../../src/lab/lab.ts";
import type { OpenEnvironment } from "../../src/platform/environment.ts";
import { identify } from "../../src/postgres/connection/identity.ts";
import { findPrograms, type Programs } from "../../src/postgres/programs/programs.ts";
import { connect } from "../../src/postgres/connection/session.ts";
import { statfsSync } from "node:fs";

/** Runs until it is disposed, and is then gone with all that it held. */
export interface DataLab extends AsyncDisposable {
  configFile: string;
  prod: OpenEnvironment;
  sandbox: OpenEnvironment;
  /** The folder of its store: both ways of a comparison write into it. */
  store: string;
  programs: Programs;
}

/** Builds and starts the lab in `folder`. */
export async function startDataLab(folder: string, signal: AbortSignal): Promise<DataLab> {
  await using started = new AsyncDisposableStack();
  started.defer(async () => void await labDestroy(folder));
  const lab = started.use(await labUp({ folder, reporter: silentReporter, signal, erp: "stand-in" }));
  const config = await loadConfig(lab.configFile);
  const open = (name: string) => openEnvironment(environmentOf(config, name), silentReporter);
  const [prod, sandbox] = [await open("prod"), await open("sandbox")];
  await using session = await connect(prod.database);
  const programs = await findPrograms((await identify(session)).serverVersion);
  const kept = started.move();
  return {
    configFile: lab.configFile,
    prod,
    sandbox,
    store: new URL(config.store.url).pathname,
    programs,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/**
 * The data themselves in prod, the backups of both ways, and for a restore the sandbox's data twice.
 * @throws DrillError `DISK_FULL` when the disk of `folder` has not that much room.
 */
export function requireRoom(folder: string, bytes: number): void {
  const needed = 5 * bytes + 1e9;
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= needed) return;
  throw new DrillError(
    "DISK_FULL",
    `Cannot measure ${formatBytes(bytes)}: the disk of ${folder} has ${
      formatBytes(bavail * bsize)
    } left, and ${formatBytes(needed)} are needed`,
    "Make room, or measure less: --size 500MB",
  );
}
