/**
 * The command line: reads the arguments, runs a verb, and turns whatever comes of it into an exit status
 * (DESIGN, rule 3). Everything but the arguments' grammar is imported when a verb is run.
 */

import { asDrillError, type DrillError, EXIT, type ExitStatus, exitStatusOf } from "./base/errors.ts";
import { limits } from "./base/limits.ts";
import { verdictOfCode, verdictOfExit } from "./base/verdict.ts";
import { makeScratch } from "./base/process/scratch.ts";
import { listenForInterrupts } from "./base/process/signals.ts";
import { checkOptions, type Options, type Verb } from "./cli/command/options.ts";
import { errorLines, isReaderGone, type LineWriter, lineWriter, stackLines } from "./cli/command/output.ts";
import { type Invocation, readCommandLine } from "./cli/command/program.ts";
import type { Shell } from "./cli/command/shell.ts";

/** What a verb's file exports. */
interface VerbModule {
  run(options: Options, shell: Shell): Promise<ExitStatus>;
}

const VERB_MODULES: Record<Verb, () => Promise<VerbModule>> = {
  drill: () => import("./cli/drill.ts"),
  backup: () => import("./cli/backup.ts"),
  list: () => import("./cli/list.ts"),
  verify: () => import("./cli/verify.ts"),
  prune: () => import("./cli/prune.ts"),
  keep: () => import("./cli/keep.ts"),
  restore: () => import("./cli/restore.ts"),
  refresh: () => import("./cli/refresh.ts"),
  "refresh-from-prod": () => import("./cli/refresh.ts"),
  "sync-documents": () => import("./cli/refresh.ts"),
  checkpoint: () => import("./cli/checkpoint.ts"),
  reset: () => import("./cli/reset.ts"),
  rearm: () => import("./cli/rearm.ts"),
  "fix-ownership": () => import("./cli/fix_ownership.ts"),
  status: () => import("./cli/status.ts"),
  lab: () => import("./cli/lab.ts"),
};

/** Runs the command line `args`; never throws. `modules` are the verbs. */
export async function main(args: readonly string[], modules = VERB_MODULES): Promise<ExitStatus> {
  const [print, say] = [lineWriter(Deno.stdout), lineWriter(Deno.stderr)];
  let invocation: Invocation;
  try {
    invocation = readCommandLine(args);
    if ("verb" in invocation) checkOptions(invocation.options);
  } catch (error) {
    const told = asDrillError(error);
    tell(told, say, args.includes("--debug"));
    const ending = endingOf(told);
    if (args.includes("--json")) print(JSON.stringify({ event: "result", verb: null, ...ending }));
    return ending.exit;
  }
  if ("verb" in invocation) return await runVerb(invocation.verb, invocation.options, modules, say);
  print(invocation.text.trimEnd());
  return EXIT.ok;
}

async function runVerb(
  verb: Verb,
  options: Options,
  modules: typeof VERB_MODULES,
  say: LineWriter,
): Promise<ExitStatus> {
  let talk = say;
  using interrupts = listenForInterrupts(
    () => talk("Interrupted: cleaning up. Press Ctrl-C again to end at once."),
    () => Deno.exit(EXIT.interrupted),
  );
  using defects = catchDefects(say);
  const { makeShell } = await import("./cli/command/shell.ts");
  const signal = AbortSignal.any([interrupts.signal, defects.signal]);
  using shell = makeShell({ verb, options, signal, env: (name) => Deno.env.get(name) });
  talk = shell.say;
  try {
    using scratch = makeScratch(Deno.env.get("TMPDIR") ?? "/tmp");
    Deno.env.set("TMPDIR", scratch.path); // for ourselves and for what we start: the browser's profile, tools' files
    const { run } = await modules[verb]();
    const exit = await run(options, shell);
    if (!defects.signal.aborted) return shell.finish({ verdict: verdictOfExit(exit), exit });
    throw defects.signal.reason;
  } catch (thrown) {
    const error = defects.signal.aborted
      ? asDrillError(defects.signal.reason)
      : asDrillError(thrown, interrupts.signal);
    tell(error, shell.say, shell.debug);
    return shell.finish(endingOf(error));
  }
}

function endingOf(error: DrillError) {
  const { code, message, hint, details } = error;
  return { verdict: verdictOfCode(code), exit: exitStatusOf(code), code, message, hint, details };
}

function tell(error: DrillError, say: LineWriter, debug: boolean): void {
  for (const line of [...errorLines(error), ...(debug ? stackLines(error) : [])]) say(line);
}

/**
 * Errors that nobody waited for would end Deno with 1, which here means "checked and bad". They abort the verb
 * instead, so that it cleans up and ends with 2.
 */
function catchDefects(say: LineWriter): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  const caught = (error: unknown) => {
    if (isReaderGone(error) || controller.signal.aborted) return;
    controller.abort(asDrillError(error));
    const limit = setTimeout(() => {
      tell(asDrillError(error), say, false);
      Deno.exit(EXIT.couldNot);
    }, limits.cleansUp);
    Deno.unrefTimer(limit);
  };
  const onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    caught(event.reason);
  };
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    caught(event.error);
  };
  globalThis.addEventListener("unhandledrejection", onRejection);
  globalThis.addEventListener("error", onError);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      globalThis.removeEventListener("unhandledrejection", onRejection);
      globalThis.removeEventListener("error", onError);
    },
  };
}

if (import.meta.main) Deno.exit(await main(Deno.args));
