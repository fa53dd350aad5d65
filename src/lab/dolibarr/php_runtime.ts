/** PHP as the lab uses it: which one, with which settings, for the web servers and for the scripts. */

import { findTool, runTool } from "../../base/process/processes.ts";
import type { Places } from "../places.ts";
import { phpTag } from "../servers/processes.ts";

/** What Dolibarr needs on PostgreSQL. */
const EXTENSIONS = ["pgsql", "gd", "intl", "mbstring", "xml", "curl", "zip"];

/** PHP's program, or undefined. */
export const findPhp = (): string | undefined => findTool("php");

/** Why PHP cannot run Dolibarr here, or undefined: it can. */
export async function whyNoPhp(signal: AbortSignal): Promise<string | undefined> {
  const php = findPhp();
  if (!php) return "PHP is not installed (scripts/run installs it)";
  const { stdout } = await runTool(php, { args: ["-m"], signal });
  const there = new Set(stdout.toLowerCase().split("\n").map((line) => line.trim()));
  const missing = EXTENSIONS.filter((name) => !there.has(name));
  return missing.length === 0 ? undefined : `PHP lacks ${missing.join(", ")} (scripts/run installs them)`;
}

/** Settings of every PHP process of the lab; nothing of it lies outside the lab, and each names its lab. */
export function phpSettings(places: Places, role: "prod" | "sandbox" | "build"): string[] {
  const settings = [
    phpTag(places.root, role),
    "display_errors=0",
    "log_errors=1",
    `error_log=${places.log}/${role}-php.log`,
    "memory_limit=512M",
    // The log of invoices is signed over times in PHP's zone: the same everywhere, or a copy could not be proved.
    "date.timezone=UTC",
    `session.save_path=${places.tmp}`,
    `sys_temp_dir=${places.tmp}`,
    `upload_tmp_dir=${places.tmp}`,
  ];
  if (role !== "build") {
    settings.push(
      "opcache.enable=1",
      "opcache.enable_cli=1",
      "opcache.memory_consumption=160",
      "opcache.max_accelerated_files=16000",
      `opcache.lockfile_path=${places.tmp}`,
      // Pages that were compiled once are still so after the next start.
      `opcache.file_cache=${places.cache}`,
    );
  }
  return settings.flatMap((setting) => ["-d", setting]);
}

/** Lets the browser keep scripts and styles, as it does with any web server but PHP's own. */
const ROUTER = new URL("./php/router.php", import.meta.url).pathname;

/** The command that serves one ERP. */
export function serverCommand(places: Places, env: "prod" | "sandbox", port: number): string[] {
  const php = findPhp() ?? "php";
  const root = `${places.root}/${env}/htdocs`;
  return [php, ...phpSettings(places, env), "-S", `127.0.0.1:${port}`, "-t", root, ROUTER];
}
