/** What a person types on this machine to run this program: the start of every command in a hint. */

import { shellWord } from "./shell_words.ts";

const NAME = "dolibarr-drill";

/** What is known of how this process was started. Texts are undefined where there is none, or it may not be read. */
export interface Start {
  /** `DOLIBARR_DRILL_COMMAND`, which `scripts/run` sets: who wraps this program names the wrapper with it. */
  readonly named: string | undefined;
  /** Whether this is a program of `deno compile`. */
  readonly isCompiled: boolean;
  /** The program that runs: Deno, or what was compiled. */
  readonly executable: string;
  /** The folder that holds `deno.json`, with a slash at its end; undefined where the code came over the network. */
  readonly root: string | undefined;
  /** The address of `src/main.ts`. */
  readonly main: string;
  /** The folder in which `deno task` was typed; undefined for every other start. */
  readonly taskFolder: string | undefined;
  /** The working folder. */
  readonly folder: string;
  /** Whether a program with this name is on the PATH. */
  readonly isOnPath: (name: string) => boolean;
}

/**
 * The words before the verb in a command that works on this machine, for one start. Pure.
 * @example programName({ ...start, taskFolder: "/opt/drill" }) // "deno task"
 */
export function programName(start: Start): string {
  const { named, isCompiled, executable, root, taskFolder, folder, isOnPath } = start;
  if (named) return named;
  const own = basename(executable);
  if (isCompiled) return shellWord(isOnPath(own) ? own : executable);
  if (root === undefined) return isOnPath(NAME) ? NAME : `deno run -A ${shellWord(start.main)}`;
  if (taskFolder !== undefined) {
    return `${taskFolder}/`.startsWith(root)
      ? "deno task"
      : `deno task --config ${shellWord(`${root}deno.json`)}`;
  }
  if (isOnPath(NAME)) return NAME;
  return `${folder}/` === root ? "scripts/run" : shellWord(`${root}scripts/run`);
}

/**
 * `programName` of this process, or the program's plain name where another program than `src/main.ts` runs this code: a
 * test, a worker, a script.
 */
export const PROGRAM: string = nameOfThisProcess();

function nameOfThisProcess(): string {
  const main = new URL("../main.ts", import.meta.url);
  try {
    if (Deno.mainModule !== main.href) return NAME;
    const env = (name: string) => Deno.env.get(name) || undefined;
    // Deno sets both for a task; a shell that a task started passes them on to what is typed into it.
    const isTask = env("npm_config_user_agent")?.startsWith("deno/");
    return programName({
      named: env("DOLIBARR_DRILL_COMMAND"),
      isCompiled: Deno.build.standalone,
      executable: Deno.execPath(),
      root: main.protocol === "file:" ? decodeURIComponent(new URL("..", main).pathname) : undefined,
      main: main.href,
      taskFolder: isTask ? env("INIT_CWD") : undefined,
      folder: Deno.cwd(),
      isOnPath: (name) => (env("PATH") ?? "").split(":").some((folder) => isFile(`${folder || "."}/${name}`)),
    });
  } catch (error) {
    // A hint is not worth a right that this run, or this worker, was not given.
    if (error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.PermissionDenied) return NAME;
    throw error;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false; // it is not there, or may not be looked at: no hint names it then
  }
}

// No constant: this file is evaluated before it gets here.
function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
