/** The command line as a person runs it: a process of its own. */

import { STATE_FOLDER } from "./std/state_folder.ts";

export interface CliEnd {
  code: number;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  cwd?: string;
  env?: Record<string, string>;
}

const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/** Where Deno has its modules, also for a run with a cache folder of its own: else it fetches them all again. */
export const DENO_FOLDER: Record<string, string> = denoFolder();

function denoFolder(): Record<string, string> {
  const home = Deno.env.get("HOME");
  const caches = Deno.env.get("XDG_CACHE_HOME") ?? (home && `${home}/.cache`);
  const folder = Deno.env.get("DENO_DIR") ?? (caches && `${caches}/deno`);
  return folder ? { DENO_DIR: folder } : {};
}

/** Starts `dolibarr-drill ARGS`; nothing of the environment but what programs need. */
export function spawnCli(args: readonly string[], { cwd, env = {} }: CliOptions = {}): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `--config=${ROOT}/deno.json`, `${ROOT}/src/main.ts`, ...args],
    cwd: cwd ?? ROOT,
    // Hints name the program as where it is installed, and not by where these tests lie.
    env: {
      NO_COLOR: "1",
      DOLIBARR_DRILL_COMMAND: "dolibarr-drill",
      XDG_STATE_HOME: STATE_FOLDER,
      ...DENO_FOLDER,
      ...env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs `dolibarr-drill ARGS` to its end. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliEnd> {
  const { code, stdout, stderr } = await spawnCli(args, options).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** The last line of `--json` output: the result event. */
export function resultOf(stdout: string): Record<string, unknown> {
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}");
}
