/** PHP for the lab: its program, and its settings for the web servers and for the scripts. */

import { findTool, runTool } from "../../base/process/processes.ts";
import type { LabPaths } from "../paths.ts";
import { phpTag } from "../servers/processes.ts";

/** The extensions that Dolibarr needs with PostgreSQL. */
const EXTENSIONS = ["pgsql", "gd", "intl", "mbstring", "xml", "curl", "zip"];

/** The path of PHP; undefined where it is not installed. */
export const findPhp = (): string | undefined => findTool("php");

/** Why PHP cannot run Dolibarr here; undefined where it can. */
export async function whyPhpCannotRun(signal: AbortSignal): Promise<string | undefined> {
  const php = findPhp();
  if (!php) return "PHP is not installed (scripts/run installs it)";
  const { stdout } = await runTool(php, { args: ["-m"], signal });
  const there = new Set(stdout.toLowerCase().split("\n").map((line) => line.trim()));
  const missing = EXTENSIONS.filter((name) => !there.has(name));
  return missing.length === 0 ? undefined : `PHP lacks ${missing.join(", ")} (scripts/run installs them)`;
}

/** The settings of every PHP process of the lab: they name the lab, and let PHP write inside of it only. */
export function phpSettings(paths: LabPaths, role: "prod" | "sandbox" | "build"): string[] {
  const settings = [
    phpTag(paths.root, role),
    "display_errors=0",
    "log_errors=1",
    `error_log=${paths.log}/${role}-php.log`,
    "memory_limit=512M",
    // the unalterable log is signed with times in PHP's zone
    "date.timezone=UTC",
    `session.save_path=${paths.tmp}`,
    `sys_temp_dir=${paths.tmp}`,
    `upload_tmp_dir=${paths.tmp}`,
  ];
  if (role !== "build") {
    settings.push(
      "opcache.enable=1",
      "opcache.enable_cli=1",
      "opcache.memory_consumption=160",
      "opcache.max_accelerated_files=16000",
      `opcache.lockfile_path=${paths.tmp}`,
      // compiled pages are reused after the next start
      `opcache.file_cache=${paths.cache}`,
    );
  }
  return settings.flatMap((setting) => ["-d", setting]);
}

/** The router that lets the browser cache scripts and styles, which PHP's own server does not. */
const ROUTER = new URL("./php/router.php", import.meta.url).pathname;

/** The command that serves an ERP. */
export function phpServerCommand(paths: LabPaths, env: "prod" | "sandbox", port: number): string[] {
  const php = findPhp() ?? "php";
  const root = `${paths.root}/${env}/htdocs`;
  return [php, ...phpSettings(paths, env), "-S", `127.0.0.1:${port}`, "-t", root, ROUTER];
}
