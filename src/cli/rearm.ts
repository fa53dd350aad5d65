/** `rearm`: what a run that was killed or interrupted left, finished or undone. */

import { formatCount } from "../base/numbers.ts";
import { PROGRAM } from "../base/program_name.ts";
import type { Done, RearmResult } from "../restore/rearm/rearm.ts";
import type { RearmFinding } from "../restore/rearm/survey.ts";
import { type Context, withSandbox } from "./command/context.ts";
import { dryRunOption, endDryRun } from "./command/dry_run.ts";
import { configOptions, envOption, flag } from "./command/options.ts";
import { verb } from "./command/verb.ts";

const OUTCOME_WORDS: Record<Done, string> = {
  nothing: "ok",
  done: "repaired",
  left: "not changed",
  failed: "NOT REPAIRED",
};

const WOULD_WORDS: Record<RearmFinding["would"], string> = {
  nothing: "ok",
  act: "would be done",
  unknown: "NOT KNOWN",
};

export const rearmVerb = verb({
  name: "rearm",
  summary: "Clean up after a crash: finish or undo what was left.",
  options: {
    env: envOption("the environment to clean up", "drill.into"),
    adoptNotes: flag("also believe notes at the documents that this user may not have written"),
    dryRun: dryRunOption,
    ...configOptions,
  },
  help: {
    about: `
Finds what a killed or interrupted run left, and finishes or undoes it: an unfinished restore (finished if the database
has committed it, undone if not), the account and the marks of a drill, an ERP that was stopped. The ERP is started only
on a known state. While another run is at work, nothing is changed.

What a run needs after a crash is kept in a folder of this user's own (state in the configuration). The version before
kept it at the documents: what only this user can have written there is taken over. Other notes there are shown with
their paths, and believed with --adopt-notes alone: whoever can write documents can write them.`,
    examples: [
      [`${PROGRAM} rearm`, "after a crash: make drill.into consistent again, and start it"],
      [`${PROGRAM} rearm --adopt-notes`, "these notes at the documents are ours: go on from them"],
    ],
  },
  run: (options, shell) =>
    withSandbox(options, shell, async (target, store, work, context) => {
      const [{ rearm }, { reset }] = await Promise.all([
        import("../restore/rearm/rearm.ts"),
        import("../restore/reset/reset.ts"),
      ]);
      const { reporter, signal } = work;
      const resetControl = () => reset(target, store, { ...work, kind: "control" });
      const results = await rearm(target, {
        resetControl,
        adoptsNotes: options.adoptNotes,
        reporter,
        signal,
      });
      for (const { step, done, what } of results) {
        context.event({ event: "rearm", environment: target.name, step, outcome: done, what });
      }
      context.table(results.map(({ title, done, what }) => [title, OUTCOME_WORDS[done], what]));
      return finish(target.name, results, context);
    }, async (target, _store, _work, context) => {
      const { surveyRearm } = await import("../restore/rearm/survey.ts");
      const found = await surveyRearm(target);
      context.table(found.map(({ title, would, what }) => [title, WOULD_WORDS[would], what]));
      const unknown = found.filter(({ would }) => would === "unknown");
      if (unknown.length === 0) return endDryRun(context, [], { environment: target.name });
      const message = `Cannot look at ${formatCount(unknown.length, "thing")} of ${target.name}`;
      const hint = "Correct what is listed above; rearm itself would end with 2 too. Nothing was changed.";
      context.say(message);
      context.say(hint);
      return context.finish({
        ...{ verdict: "not_run", code: "REARM_INCOMPLETE", message, hint, dryRun: true },
        environment: target.name,
      });
    }),
});

function finish(environment: string, results: readonly RearmResult[], context: Context) {
  const stepsWith = (wanted: Done) => results.filter(({ done }) => done === wanted).map(({ step }) => step);
  const [mended, failed] = [stepsWith("done"), stepsWith("failed")];
  const about = { environment, mended, failed };
  if (failed.length > 0) {
    const message = `Cannot clean up ${environment}: ${formatCount(failed.length, "step")} failed`;
    const hint =
      "Correct what is listed above as NOT REPAIRED, then run rearm again: it continues from there.";
    context.say(message);
    context.say(hint);
    return context.finish({ verdict: "not_run", code: "REARM_INCOMPLETE", message, hint, ...about });
  }
  context.out(
    mended.length === 0
      ? `${environment}: nothing to do`
      : `${environment} is consistent again: ${formatCount(mended.length, "step")} repaired`,
  );
  return context.finish({ verdict: "pass", ...about });
}
