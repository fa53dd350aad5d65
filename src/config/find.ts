/** Which configuration file is meant. Imports no library, so that a verb without a file ends at once. */

import { DrillError } from "../base/errors.ts";

/** The variable that names a file. */
export const CONFIG_VARIABLE = "DOLIBARR_DRILL_CONFIG";
/** The file that is looked for in the folder where the program is run. */
export const DEFAULT_FILE = "dolibarr-drill.yaml";

/**
 * `--config`, else DOLIBARR_DRILL_CONFIG, else ./dolibarr-drill.yaml.
 * @throws DrillError `CONFIG_MISSING` when a file was named that does not exist: another one is never taken for it.
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
      }: ${by} names it, and it is not a file`,
      "Correct the name. Where it is mounted, look whether the mount is there.",
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
    if (error instanceof Deno.errors.PermissionDenied) return true; // reading it will say so
    throw error;
  }
}
