/** Which time it is, here and at the store: ages are counted with it, so a wrong clock must delete nothing. */

import { DrillError } from "../base/errors.ts";
import { formatDuration } from "../base/numbers.ts";
import { timestampOf } from "../base/time.ts";
import { listKeys } from "../store/keys.ts";
import { newMoment } from "../store/new_name.ts";
import type { PruneRecord } from "../store/records/prunes.ts";
import type { Store } from "../store/store.ts";

export interface Clocks {
  now(): Date;
  /** The store's own clock, as its newest claim to the lease shows it; undefined where there is none. */
  ofStore(store: Store, environment: string): Promise<Date | undefined>;
}

/** Asked while we hold the lease: our claim was written just now. */
export const realClocks: Clocks = {
  now: () => new Date(),
  async ofStore(store, environment) {
    let newest: Date | undefined;
    for await (const { modified } of listKeys(store, environment, "lease")) {
      if (!newest || modified > newest) newest = modified;
    }
    return newest;
  },
};

/** An S3 service refuses every request of a clock that is off by more. */
const STORE_SKEW_MS = 15 * 60_000;

/** Why prune must not trust this machine's clock. */
export async function clockRefusals(store: Store, environment: string, clocks: Clocks): Promise<string[]> {
  const theirs = await clocks.ofStore(store, environment);
  const off = theirs ? clocks.now().getTime() - theirs.getTime() : 0;
  if (Math.abs(off) <= STORE_SKEW_MS) return [];
  return [
    `this machine's clock is ${formatDuration(Math.abs(off))} ${
      off > 0 ? "ahead of" : "behind"
    } the store's: set it right`,
  ];
}

/** The same where no lease is held, and only the last prune shows the time. */
export function lastPruneRefusals(last: Pick<PruneRecord, "at"> | undefined, now: Date): string[] {
  if (!last || last.at <= timestampOf(now)) return [];
  return [`this machine's clock (${timestampOf(now)}) is behind the last prune, ${last.at}: set it right`];
}

/**
 * The name of the record of a prune that starts now.
 * @throws DrillError `CLOCK_BEHIND`.
 */
export async function newPruneName(
  last: Pick<PruneRecord, "at"> | undefined,
  clocks: Clocks,
  signal: AbortSignal,
): Promise<string> {
  const moment = await newMoment({ newest: last?.at, now: clocks.now, signal });
  if (moment) return timestampOf(moment);
  throw new DrillError(
    "CLOCK_BEHIND",
    `Cannot prune: this machine's clock (${timestampOf(clocks.now())}) is behind the last prune, ${last?.at}`,
    "Set the clock right, here or where that prune ran. Nothing was deleted.",
  );
}
