/** `keep`: hold a set until a day, whatever the policy says. */

import { DrillError, EXIT, type ExitStatus } from "../base/errors.ts";
import { environmentOf } from "../config/config.ts";
import { findInInventory, readInventory } from "../store/sets/inventory.ts";
import { putHold, releaseHold } from "../store/records/holds.ts";
import { takeLease } from "../store/lease/lease.ts";
import { findPruneOf } from "../store/records/prunes.ts";
import type { Store } from "../store/store.ts";
import { openStore } from "./command/clients.ts";
import { withContext } from "./command/context.ts";
import { type Options, usage } from "./command/options.ts";
import type { Shell } from "./command/shell.ts";

export function run(options: Options, shell: Shell): Promise<ExitStatus> {
  const hold = readHold(options, new Date());
  return withContext(options, shell, () => ({ databases: [] }), async (context) => {
    const { config, signal } = context;
    const { name: environment } = environmentOf(config, options.env ?? config.drill.from);
    const store = await openStore(config.store, signal);
    // A prune that has planned to drop the set must not go on while it is being held.
    await using _lease = await takeLease(store, environment, "keep", { signal });
    const { name } = await chosenSet(store, environment, options.set ?? "latest");

    const set = `${environment}/${name}`;
    if (hold === "release") {
      const held = await releaseHold(store, environment, name);
      context.out(held ? `${set} is released: the policy decides again` : `${set} was not held`);
      context.event({ event: "hold", environment, set: name, held: false });
    } else {
      await putHold(store, { environment, set: name, ...hold, since: new Date().toISOString() });
      context.out(`${set} is held until ${hold.until}: ${hold.reason}`);
      context.event({ event: "hold", environment, set: name, held: true, ...hold });
    }
    return context.finish({ verdict: "pass", exit: EXIT.ok, environment, set: name });
  });
}

/**
 * What the options ask for.
 * @throws DrillError `USAGE` where they ask for nothing, for two things, or for a day that is none or has passed.
 */
export function readHold(
  { until, reason, release }: Options,
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
  if (!isDay(until)) throw usage(`--until ${until} is no day of the form 2031-12-31`, example);
  if (until <= now.toISOString().slice(0, 10)) {
    throw usage(`--until ${until} is not in the future: a hold ends with that day, UTC`, example);
  }
  if (reason.trim() === "") throw usage("--reason is empty", "Say why, for whoever finds the set held.");
  return { until, reason: reason.trim() };
}

/** Also not the 31st of June. */
function isDay(text: string): boolean {
  const moment = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  return moment !== undefined && !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text);
}

/** The set that is meant, or why there is none: a prune may have dropped it. */
async function chosenSet(store: Store, environment: string, wanted: string) {
  const inventory = await readInventory(store, environment);
  try {
    return findInInventory(inventory, wanted, store.url);
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
