/** `keep`: hold a set until a day, whatever the retention policy says. */

import { DrillError } from "../base/errors.ts";
import { PROGRAM } from "../base/program_name.ts";
import { environmentOf } from "../config/config.ts";
import type { Store } from "../store/store.ts";
import { findChosenSet } from "./command/chosen_set.ts";
import { type Context, needsStore, withContext } from "./command/context.ts";
import { dryRunOption, endDryRun } from "./command/dry_run.ts";
import {
  configOptions,
  envOption,
  flag,
  requiredArgument,
  SET_FORMS,
  usage,
  value,
  type ValuesOf,
} from "./command/options.ts";
import { verb } from "./command/verb.ts";

const options = {
  set: requiredArgument("SET", SET_FORMS),
  env: envOption("the environment that the set is of", "drill.from"),
  until: value("DATE", "the last day of the hold (UTC), for example 2031-12-31"),
  reason: value("TEXT", "why the set is held; list shows it"),
  release: flag("end the hold"),
  dryRun: dryRunOption,
  ...configOptions,
};

export const keepVerb = verb({
  name: "keep",
  summary: "Hold a set until a given day, or release it.",
  options,
  help: {
    about: "A set that is held is not deleted by prune, whatever the retention policy says.",
    examples: [
      [`${PROGRAM} keep latest --until 2031-12-31 --reason "tax audit"`, "hold the newest good set"],
      [`${PROGRAM} keep 20260630T155313Z --release`, "leave the set to the retention policy again"],
    ],
  },
  run(options, shell) {
    const wanted = readHold(options, new Date());
    return withContext(options, shell, needsStore, async (context) => {
      const { putHold, releaseHold } = await import("../store/records/holds.ts");
      const { config } = context;
      const { name: environment } = environmentOf(config, options.env ?? config.drill.from);
      const store = await context.openStore();
      // A prune that has planned to drop the set must not go on while it is being held.
      await using _lease = options.dryRun ? undefined : await context.takeLease(store, environment);
      const name = await findSetToHold(store, environment, options.set, context);

      const set = `${environment}/${name}`;
      if (options.dryRun) {
        const would = wanted === "release"
          ? "its hold would end"
          : `would be held until ${wanted.until}: ${wanted.reason}`;
        return endDryRun(context, [`${set}: ${would}`], { environment, set: name });
      }
      if (wanted === "release") {
        const held = await releaseHold(store, environment, name);
        context.out(held ? `${set} is released: the retention policy decides again` : `${set} was not held`);
        context.event({ event: "hold", environment, set: name, held: false });
      } else {
        await putHold(store, { environment, set: name, ...wanted, since: new Date().toISOString() });
        context.out(`${set} is held until ${wanted.until}: ${wanted.reason}`);
        context.event({ event: "hold", environment, set: name, held: true, ...wanted });
      }
      return context.finish({ verdict: "pass", environment, set: name });
    });
  },
});

/**
 * What the options ask for.
 * @throws DrillError `USAGE` where they ask for nothing, for two things, or for a day that is none or has passed.
 */
function readHold(
  { until, reason, release }: Pick<ValuesOf<typeof options>, "until" | "reason" | "release">,
  now: Date,
): { until: string; reason: string } | "release" {
  const example = 'For example: keep latest --until 2031-12-31 --reason "tax audit"';
  if (release) {
    if (until === undefined && reason === undefined) return "release";
    throw usage("--release ends a hold, and --until or --reason begins one", "Give one of the two.");
  }
  if (until === undefined || reason === undefined) {
    throw usage(`keep needs ${until === undefined ? "--until" : "--reason"}, or --release`, example);
  }
  if (!isDay(until)) throw usage(`--until ${until} is not a date of the form 2031-12-31`, example);
  if (until <= now.toISOString().slice(0, 10)) {
    throw usage(`--until ${until} is not in the future: a hold ends with that day, UTC`, example);
  }
  if (reason.trim() === "") throw usage("--reason is empty", "Say why the set is held: list shows it.");
  return { until, reason: reason.trim() };
}

/** Also not the 31st of June. */
function isDay(text: string): boolean {
  const moment = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  return moment !== undefined && !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text);
}

/** The name of the set that is meant. @throws DrillError `SET_UNKNOWN`, naming the prune that dropped it where one did. */
async function findSetToHold(
  store: Store,
  environment: string,
  wanted: string,
  context: Context,
): Promise<string> {
  const { findPruneOf } = await import("../store/records/prunes.ts");
  try {
    return (await findChosenSet(wanted, environment, store, context)).set.name;
  } catch (error) {
    if (!(error instanceof DrillError) || error.code !== "SET_UNKNOWN") throw error;
    const name = wanted.slice(wanted.lastIndexOf("/") + 1);
    const prune = await findPruneOf(store, environment, name);
    if (!prune) throw error;
    throw new DrillError(
      "SET_UNKNOWN",
      `Cannot hold ${environment}/${name}: the prune of ${prune.at} dropped it`,
      error.hint,
      { details: prune.dropped.find(({ set }) => set === name)?.reasons },
    );
  }
}
