/** Finds the configuration file. Imports no library, so that a verb without a file fails at once. */

import { DrillError } from "../base/errors.ts";

/** The variable that names a file. */
export const CONFIG_VARIABLE = "DOLIBARR_DRILL_CONFIG";
/** The file in the current folder. */
const DEFAULT_FILE = "dolibarr-drill.yaml";

/**
 * `--config`, else DOLIBARR_DRILL_CONFIG, else ./dolibarr-drill.yaml.
 * @throws DrillError `CONFIG_MISSING` where the file that was named does not exist: no other is used instead.
 */
export function findConfigFile(
  { config, env, cwd }: { config?: string; env: Record<string, string | undefined>; cwd: string },
): { file: string } | { missing: true } {
  const variable = env[CONFIG_VARIABLE];
  const [named, by] = config !== undefined
    ? [config, "--config"]
    : variable
    ? [variable, CONFIG_VARIABLE]
    : [];
  if (named !== undefined) {
    const file = named.startsWith("/") ? named : `${cwd}/${named}`;
    if (isFile(file)) return { file };
    throw new DrillError(
      "CONFIG_MISSING",
      `Cannot find the configuration ${
        named === "" ? "(an empty name)" : named
      }, which ${by} names: there is no such file`,
      "Correct the name. If the file is on a mounted volume, check that the volume is mounted.",
    );
  }
  const file = `${cwd}/${DEFAULT_FILE}`;
  return isFile(file) ? { file } : { missing: true };
}

function isFile(path: string): boolean {
  try {
    return !Deno.statSync(path).isDirectory; // a pipe (`--config <(...)`) is read like a file
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    return true; // it may not be looked at, or has no possible name: the error comes when it is read
  }
}
