/** A lab for measurements: the stand-in, which is then filled with a further table and documents. */

import { DrillError } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { formatBytes } from "../../../src/base/numbers.ts";
import { openEnvironment } from "../../../src/cli/command/clients.ts";
import { environmentOf } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { labDestroy, labUp } from "../../../src/lab/lab.ts";
import type { OpenEnvironment } from "../../../src/platform/environment.ts";
import { identify } from "../../../src/postgres/connection/identity.ts";
import { findPrograms, type Programs } from "../../../src/postgres/programs/programs.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { statfsSync } from "node:fs";

/** Disposing stops it and removes it with its data. */
export interface DataLab extends AsyncDisposable {
  configFile: string;
  prod: OpenEnvironment;
  sandbox: OpenEnvironment;
  /** The folder of its store, into which both alternatives write. */
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
  const resources = started.move();
  return {
    configFile: lab.configFile,
    prod,
    sandbox,
    store: new URL(config.store.url).pathname,
    programs,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/**
 * Refuses a disk that is too small for the data in prod, the backups of both alternatives, and the sandbox's data twice.
 * @throws DrillError `DISK_FULL`
 */
export function requireRoom(folder: string, bytes: number): void {
  const needed = 5 * bytes + 1e9;
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= needed) return;
  throw new DrillError(
    "DISK_FULL",
    `Cannot measure ${formatBytes(bytes)}: the disk of ${folder} has ${
      formatBytes(bavail * bsize)
    } of free space, and ${formatBytes(needed)} are needed`,
    "Free some space, or measure less data: --size 500MB",
  );
}
