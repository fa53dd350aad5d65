/** From the options to a configuration that can be worked with: the file's, or the embedded lab's. */

import { DrillError } from "../../base/errors.ts";
import type { Config } from "../../config/config.ts";
import { CONFIG_VARIABLE, findConfigFile } from "../../config/find.ts";
import { LAB_FOLDER, labFolder, type Options } from "./options.ts";
import type { Shell } from "./shell.ts";

export interface Context extends Shell {
  readonly config: Config;
  /** The lab that was started for this run, where it was one. */
  readonly lab?: { folder: string; wasUp: boolean };
}

/** What a verb is about to use, so that a missing secret is said before anything starts. */
export type Need = (config: Config) => {
  /** Environments whose database is used; the store is always used. */
  databases: readonly string[];
  /** Environments that are signed in to. */
  web?: readonly string[];
};

/**
 * Finds and reads the configuration, or starts the lab, runs `body` with it, and stops what it started.
 * @throws DrillError `CONFIG_MISSING`, `CONFIG_INVALID`, `SECRET_MISSING`, `LAB_FAILED`, ...
 */
export async function withContext<T>(
  options: Options,
  shell: Shell,
  need: Need,
  body: (context: Context) => Promise<T>,
): Promise<T> {
  const source = chooseConfig(options, Deno.cwd(), shell.env);
  if ("file" in source) return await body(await contextOf(source.file, shell, need));
  if (source.unasked) {
    shell.reporter.note(`No configuration file: using the embedded lab in ${source.folder}`);
  }
  const { labUp } = await import("../../lab/lab.ts");
  await using lab = await labUp({ folder: source.folder, reporter: shell.reporter, signal: shell.signal });
  const { folder, wasUp } = lab;
  return await body({ ...await contextOf(lab.configFile, shell, need), lab: { folder, wasUp } });
}

/** Where the configuration comes from. `unasked`: the lab stands in for a file that is not there. */
export type ConfigPlace = { file: string } | { folder: string; unasked: boolean };

/**
 * `--lab`, else the file, else the lab where `--or-lab` allows it.
 * @throws DrillError `CONFIG_MISSING`: a job whose configuration was not mounted must never drill a demo company.
 */
export function chooseConfig(options: Options, cwd: string, env: Shell["env"]): ConfigPlace {
  const folder = labFolder(options);
  if (folder !== undefined) return { folder: absolute(folder, cwd), unasked: false };
  const found = findConfigFile({
    config: options.config,
    env: { [CONFIG_VARIABLE]: env(CONFIG_VARIABLE) },
    cwd,
  });
  if ("file" in found) return found;
  if (options.orLab) return { folder: absolute(LAB_FOLDER, cwd), unasked: true };
  throw new DrillError(
    "CONFIG_MISSING",
    `Cannot find a configuration: there is no dolibarr-drill.yaml in ${cwd}, and neither --config nor DOLIBARR_DRILL_CONFIG names one`,
    "Name one with --config FILE, or try it on the embedded lab: --lab",
  );
}

async function contextOf(file: string, shell: Shell, need: Need): Promise<Context> {
  const [{ loadConfig }, { checkSecrets }] = await Promise.all([
    import("../../config/load.ts"),
    import("../../config/problems/secrets.ts"),
  ]);
  const config = await loadConfig(file);
  shell.about(config);
  const { databases, web } = need(config);
  await checkSecrets(config, databases, web);
  return { ...shell, config };
}

/** Paths on the command line count from where it was typed. */
export const absolute = (path: string, cwd: string): string =>
  (path.startsWith("/") ? path : `${cwd}/${path}`).replaceAll(/\/\.(?=\/|$)/g, "").replace(/(.)\/+$/, "$1");
