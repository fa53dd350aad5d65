/**
 * The command line: reads the arguments, runs a verb, and turns what comes of it into an exit status (docs/design.md,
 * rule 3). Of the verbs only the one that was typed is imported, and what that works with only when it runs.
 */

import { asDrillError, type DrillError, EXIT, type ExitStatus, exitStatusOf } from "./base/errors.ts";
import { limits } from "./base/limits.ts";
import { listenForInterrupts } from "./base/process/signals.ts";
import { verdictOfCode, verdictOfExit } from "./base/verdict.ts";
import { errorLines, isReaderGone, type LineWriter, lineWriter, stackLines } from "./cli/command/output.ts";
import { type Invocation, readCommandLine, type VerbTable } from "./cli/command/program.ts";

export const VERBS: VerbTable = {
  drill: async () => (await import("./cli/drill.ts")).drillVerb,
  backup: async () => (await import("./cli/backup.ts")).backupVerb,
  list: async () => (await import("./cli/list.ts")).listVerb,
  verify: async () => (await import("./cli/verify.ts")).verifyVerb,
  prune: async () => (await import("./cli/prune.ts")).pruneVerb,
  keep: async () => (await import("./cli/keep.ts")).keepVerb,
  "accept-suspect": async () => (await import("./cli/accept_suspect.ts")).acceptSuspectVerb,
  restore: async () => (await import("./cli/restore.ts")).restoreVerb,
  refresh: async () => (await import("./cli/refresh.ts")).refreshVerb,
  "refresh-from-prod": async () => (await import("./cli/refresh.ts")).refreshFromProdVerb,
  "sync-documents": async () => (await import("./cli/refresh.ts")).syncDocumentsVerb,
  checkpoint: async () => (await import("./cli/checkpoint.ts")).checkpointVerb,
  reset: async () => (await import("./cli/reset.ts")).resetVerb,
  rearm: async () => (await import("./cli/rearm.ts")).rearmVerb,
  "fix-ownership": async () => (await import("./cli/fix_ownership.ts")).fixOwnershipVerb,
  findings: async () => (await import("./cli/findings.ts")).findingsVerb,
  find: async () => (await import("./cli/find.ts")).findVerb,
  extract: async () => (await import("./cli/extract.ts")).extractVerb,
  status: async () => (await import("./cli/status.ts")).statusVerb,
  notify: async () => (await import("./cli/notify.ts")).notifyVerb,
  lab: async () => (await import("./cli/lab.ts")).labVerb,
};

/** Runs the command line `args`; never throws. */
export async function main(args: readonly string[], verbs = VERBS): Promise<ExitStatus> {
  const [print, say] = [lineWriter(Deno.stdout), lineWriter(Deno.stderr)];
  let invocation: Invocation;
  try {
    invocation = await readCommandLine(args, verbs);
  } catch (thrown) {
    const error = asDrillError(thrown);
    sayError(error, say, args.includes("--debug"));
    const ending = endingOf(error);
    if (args.includes("--json")) print(JSON.stringify({ event: "result", verb: null, ...ending }));
    return ending.exit;
  }
  if ("verb" in invocation) return await runVerb(invocation, say);
  print(invocation.text.trimEnd());
  return EXIT.ok;
}

async function runVerb(
  { verb, options }: Extract<Invocation, { verb: unknown }>,
  say: LineWriter,
): Promise<ExitStatus> {
  let sayAside = say;
  using interrupts = listenForInterrupts(
    () => sayAside("Interrupted: cleaning up. Press Ctrl-C again to stop at once."),
    () => Deno.exit(EXIT.interrupted),
  );
  using defects = catchDefects(say);
  const [{ makeShell }, { makeScratch }] = await Promise.all([
    import("./cli/command/shell.ts"),
    import("./base/process/scratch.ts"),
  ]);
  const signal = AbortSignal.any([interrupts.signal, defects.signal]);
  using shell = makeShell({ verb: verb.name, options, signal, env: (name) => Deno.env.get(name) });
  sayAside = shell.say;
  try {
    using scratch = makeScratch(Deno.env.get("TMPDIR") ?? "/tmp");
    Deno.env.set("TMPDIR", scratch.path); // for ourselves and for what we start: the browser's profile, tools' files
    const exit = await verb.run(options, shell);
    if (!defects.signal.aborted) return shell.finish({ verdict: verdictOfExit(exit), exit });
    throw defects.signal.reason;
  } catch (thrown) {
    const { explainDenied } = await import("./base/denied.ts"); // no run that ends well needs it
    const error = explainDenied(
      defects.signal.aborted ? asDrillError(defects.signal.reason) : asDrillError(thrown, interrupts.signal),
    );
    sayError(error, shell.say, shell.debug);
    return shell.finish(endingOf(error));
  }
}

function endingOf(error: DrillError) {
  const { code, message, hint, details } = error;
  return { verdict: verdictOfCode(code), exit: exitStatusOf(code), code, message, hint, details };
}

function sayError(error: DrillError, say: LineWriter, debug: boolean): void {
  for (const line of [...errorLines(error), ...(debug ? stackLines(error) : [])]) {
    say(line);
  }
}

/**
 * An error that no code waits for would end Deno with 1, which here means "checked and bad". It aborts the verb instead,
 * so that the verb cleans up and ends with 2.
 */
function catchDefects(say: LineWriter): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  const caught = (error: unknown) => {
    if (isReaderGone(error) || controller.signal.aborted) return;
    controller.abort(asDrillError(error));
    const limit = setTimeout(() => {
      sayError(asDrillError(error), say, false);
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
