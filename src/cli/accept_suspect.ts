/** `accept-suspect`: a person says that a set whose state looks lost is right as it is. */

import { DrillError } from "../base/errors.ts";
import { PROGRAM } from "../base/program_name.ts";
import { environmentOf } from "../config/config.ts";
import type { Inventory } from "../store/sets/inventory.ts";
import type { AnySet, BackupSet } from "../store/sets/sets.ts";
import { findChosenSet } from "./command/chosen_set.ts";
import { needsStore, withContext } from "./command/context.ts";
import { dryRunOption, endDryRun } from "./command/dry_run.ts";
import { configOptions, envOption, requiredArgument, SET_FORMS, usage, value } from "./command/options.ts";
import { verb } from "./command/verb.ts";

const options = {
  set: requiredArgument("SET", SET_FORMS),
  env: envOption("the environment that the set is of", "drill.from"),
  reason: value("TEXT", "why nothing is lost; every report that names the set shows it"),
  dryRun: dryRunOption,
  ...configOptions,
};

export const acceptSuspectVerb = verb({
  name: "accept-suspect",
  summary: "Accept a suspect set as it is: it is a good one again.",
  options,
  help: {
    about: `
A set is suspect if its state looks lost: most rows, files or values are gone since the last good set. It is never
latest, and each later set is compared with the last good one, so that it is suspect too. If nothing is lost (old events
were purged, a module was removed), accept the newest of them: it may be latest, and the next backup is compared with it.

The set itself is not changed; what you say is recorded beside it, with your login. A set without users or without most
of Dolibarr's tables is not accepted, and neither is a damaged one.`,
    examples: [
      [
        `${PROGRAM} accept-suspect 20260630T155313Z --reason "old events purged"`,
        "accept one set",
      ],
    ],
  },
  run(options, shell) {
    const reason = readReason(options.reason);
    return withContext(options, shell, needsStore, async (context) => {
      const [{ putAcceptedSet }, { whoDecides }] = await Promise.all([
        import("../store/records/accepted_sets.ts"),
        import("./command/who_decides.ts"),
      ]);
      const { config } = context;
      const { name: environment } = environmentOf(config, options.env ?? config.drill.from);
      const store = await context.openStore();
      // A prune that has planned to drop the set must not go on while it becomes a good one.
      await using _lease = options.dryRun ? undefined : await context.takeLease(store, environment);
      const { set, inventory } = await findChosenSet(options.set, environment, store, context);
      const suspect = await acceptable(set, inventory);
      const by = whoDecides(context);
      if (options.dryRun) {
        const lost = suspect.manifest.suspect.map((line) => `  it looked lost: ${line}`);
        const line = `${environment}/${set.name} would be accepted as it is: ${reason} by ${by}`;
        return endDryRun(context, [line, ...lost], { environment, set: set.name });
      }
      const accepted = { environment, set: set.name, reason, by, at: new Date().toISOString() };
      await putAcceptedSet(store, accepted);
      context.out(`${environment}/${set.name} is accepted as it is: ${reason} by ${by}`);
      for (const line of suspect.manifest.suspect) context.out(`  it looked lost: ${line}`);
      context.event({ event: "accepted-set", ...accepted, suspect: suspect.manifest.suspect });
      return context.finish({ verdict: "pass", environment, set: set.name });
    });
  },
});

/** @throws DrillError `USAGE` */
function readReason(reason: string | undefined): string {
  const example = 'For example: accept-suspect 20260630T155313Z --reason "events before 2020 were purged"';
  if (reason === undefined) throw usage("accept-suspect needs --reason", example);
  if (reason.trim() === "") {
    throw usage("--reason is empty", "Say why nothing is lost: every report that names the set shows it.");
  }
  return reason.trim();
}

/**
 * The set, where a person's word can make it a good one.
 * @throws DrillError `USAGE` where it is not suspect, or accepted already; `OBJECT_CORRUPT` where it is damaged,
 *   `SET_SUSPECT` where no reason excuses what it lacks.
 */
async function acceptable(set: AnySet, inventory: Inventory): Promise<BackupSet> {
  const [{ damagesOf }, { acceptedInWords, isLegacy }, { suspectReasons }] = await Promise.all([
    import("../store/sets/inventory.ts"),
    import("../store/sets/sets.ts"),
    import("../dolibarr/tables/suspect_state.ts"),
  ]);
  const name = `${set.environment}/${set.name}`;
  const see = `See it: ${PROGRAM} list ${name}`;
  const accepted = acceptedInWords(set);
  if (accepted !== undefined) throw usage(`${name} is ${accepted} already`, see);
  if (isLegacy(set) || set.manifest.suspect.length === 0) throw usage(`${name} is not suspect`, see);
  const [damage, ...others] = damagesOf(set, inventory);
  if (damage !== undefined) {
    throw new DrillError(
      "OBJECT_CORRUPT",
      `Cannot accept ${name}: it is damaged: ${damage}`,
      `Accepting does not mend damage. Put its objects back from a copy of the store, or take a new set: ${PROGRAM} backup --env ${set.environment}`,
      { details: others },
    );
  }
  const { db, docs } = set.manifest;
  const lacks = suspectReasons({ tables: db.content.tables, files: docs.files });
  if (lacks.length === 0) return set;
  throw new DrillError(
    "SET_SUSPECT",
    `Cannot accept ${name}: ${lacks.join("; ")}`,
    `No reason excuses that: nobody could work with what it holds. Check ${set.environment}, and take a new set.`,
  );
}
