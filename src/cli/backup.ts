/** `backup`: one set of both halves, and what it saw wrong with the ERP. */

import { asDrillError, type ExitStatus, exitStatusOf } from "../base/errors.ts";
import { PROGRAM } from "../base/program_name.ts";
import { verdictOfCode } from "../base/verdict.ts";
import { type Config, environmentOf } from "../config/config.ts";
import { lacksForRestore } from "../config/restorable.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import type { Store } from "../store/store.ts";
import { absolute, type Context, withContext } from "./command/context.ts";
import { dryRunOption, endBadDryRun, endDryRun } from "./command/dry_run.ts";
import type { Notifier } from "./command/notifier.ts";
import {
  configOptions,
  envOption,
  flag,
  halfOption,
  unless,
  value,
  type ValuesOf,
} from "./command/options.ts";
import type { Shell } from "./command/shell.ts";
import { verb } from "./command/verb.ts";

const options = {
  env: envOption("the environment to back up", "drill.from"),
  half: halfOption("take only this half; the set reuses the other half of the newest set"),
  force: flag("upload both halves even if nothing has changed since the newest set"),
  accept: value(
    "REASON",
    "accept that the ERP holds much less than before, so that the set counts as good",
  ),
  strict: flag(
    "end with 1 also where the ERP has a fault that is not accepted; the set is good all the same",
  ),
  paranoid: flag("read every document, even if its size and its times are unchanged"),
  metrics: value("FILE", "write what came of it in Prometheus' text format"),
  dryRun: dryRunOption,
  notify: unless("send no notification, even if notify is configured"),
  ...configOptions,
};
type BackupVerbOptions = ValuesOf<typeof options>;

export const backupVerb = verb({
  name: "backup",
  summary: "Take a backup set: the database and the documents.",
  options,
  help: {
    about: `
Both halves show the ERP at the same moment. A half that has not changed since the newest set is not uploaded again. What is
uploaded is read back and compared before the set is recorded.

A document that an invoice, a supplier's invoice or a contract names, and that is gone or empty, is a fault of the ERP: it
is in the backup as faithfully, and the set is good. The last lines name each, and how many a person has accepted.`,
    examples: [
      [`${PROGRAM} backup --env prod`, "back up both halves"],
      [
        `${PROGRAM} backup --accept "2012 was archived"`,
        "after exit status 1: there really is so much less than before",
      ],
      [
        `${PROGRAM} backup --half db`,
        "back up the database now, and reuse the documents of the newest set",
      ],
      [`${PROGRAM} backup --strict`, "end with 1 where an invoice has lost its PDF"],
      [`${PROGRAM} backup --lab --json`, "list each object that was stored, as JSON"],
    ],
  },
  async run(options, shell) {
    const { makeNotifier } = await import("./command/notifier.ts");
    const notifier = makeNotifier({
      verb: "backup",
      notify: options.notify && !options.dryRun,
      from: options.env,
    }, shell);
    const run = { options, notifier, startedAt: new Date(), known: {} };
    try {
      return await backUp(run);
    } catch (error) {
      await notifier.notifyOfError(error);
      if (!options.dryRun) await measureFailure(error, run, shell);
      throw error;
    }
  },
});

interface Run {
  options: BackupVerbOptions;
  notifier: Notifier;
  startedAt: Date;
  /** What was found out before it failed. */
  known: { config?: Config; store?: Store; measured?: boolean };
}

function backUp(run: Run): Promise<ExitStatus> {
  const { options, notifier, startedAt, known } = run;
  const chosen = (config: Config) => environmentOf(config, options.env ?? config.drill.from);
  return withContext(
    options,
    notifier.shell,
    (config) => {
      known.config = config;
      return { databases: [chosen(config).name] };
    },
    async (context) => {
      const [
        { backup },
        { judgeBackup },
        { endingOfBackup, notifyOfBackup },
        { printBackup },
        { vanishedIn },
      ] = await Promise.all([
        import("../backup/backup.ts"),
        import("../backup/judged_findings.ts"),
        import("./backup/ending.ts"),
        import("./backup/print.ts"),
        import("../store/sets/inventory.ts"),
      ]);
      const { config, reporter, signal } = context;
      const environment = chosen(config);
      const store = known.store = await context.openStore();
      const { half, force, paranoid, accept } = options;
      if (options.dryRun) {
        return await preview(await context.openEnvironment(environment), store, options, context);
      }
      const taken = await backup(
        await context.openEnvironment(environment),
        store,
        { half, force, paranoid, accept, maxQuietMs: config.drill.maxQuietMs, reporter, signal },
      );
      const now = new Date();
      const judged = await judgeBackup(store, taken, { now, reporter });
      printBackup(taken, judged, now, context);
      for (const lack of lacksForRestore(environment)) reporter.warn(lack);
      const vanished = vanishedIn(taken.before);
      const ending = endingOfBackup(taken, judged, options.strict === true, vanished);
      if (ending.message !== undefined && ending.hint !== undefined) {
        context.say(ending.message);
        context.say(ending.hint);
      }
      const told = await notifyOfBackup(taken, judged, ending, { notifier, config });
      if (options.metrics !== undefined) {
        const { measureBackup } = await import("./backup/measure.ts");
        known.measured = true;
        const file = absolute(options.metrics, Deno.cwd());
        await measureBackup(taken, judged, ending, { file, startedAt, lab: config.lab !== undefined });
      }
      const { lastChange } = taken.manifest;
      return context.finish({ ...ending, ...(lastChange === undefined ? {} : { lastChange }), told });
    },
  );
}

async function preview(source: OpenEnvironment, store: Store, options: BackupVerbOptions, context: Context) {
  const { previewBackup } = await import("../backup/preview.ts");
  const { half, force, paranoid, accept } = options;
  const { reporter, signal } = context;
  const { lines, suspect } = await previewBackup(source, store, { half, force, paranoid, reporter, signal });
  const about = { environment: source.name };
  if (suspect.length === 0 || accept !== undefined) return endDryRun(context, lines, about);
  return endBadDryRun(context, lines, {
    code: "SET_SUSPECT",
    message: `A set of ${source.name} as it is now would be suspect: its state looks lost: ${
      suspect.join("; ")
    }`,
    hint:
      `Look at ${source.name}. If nothing is lost: ${PROGRAM} backup --env ${source.name} --accept "REASON"`,
    ...about,
  });
}

/** What is known of a backup that failed. That it cannot be written takes nothing from the error, and is a warning. */
async function measureFailure(
  thrown: unknown,
  { options: { metrics, env }, startedAt, known: { config, store, measured } }: Run,
  { signal, reporter }: Shell,
): Promise<void> {
  if (metrics === undefined || measured) return;
  const { measureFailedBackup } = await import("./backup/measure.ts");
  const { code } = asDrillError(thrown, signal);
  const environment = env ?? config?.drill.from ?? "unknown";
  const failed = { environment, lab: config?.lab !== undefined, startedAt, endedAt: new Date() };
  const ending = { verdict: verdictOfCode(code), exit: exitStatusOf(code) };
  await measureFailedBackup({ ...failed, ...ending }, store, absolute(metrics, Deno.cwd()), reporter);
}
