/** Which time it is, here and at the store: ages are counted with it, so a wrong clock must delete nothing. */

import { DrillError } from "../base/errors.ts";
import { formatMs } from "../base/text.ts";
import { sleep, timestampOf } from "../base/time.ts";
import type { PruneRecord } from "../store/records/prunes.ts";
import type { Store } from "../store/store.ts";

export interface Clocks {
  now(): Date;
  /** The store's own clock, as its newest claim to the lease tells it; undefined where there is none. */
  ofStore(store: Store, environment: string): Promise<Date | undefined>;
}

/** Asked while we hold the lease: our claim was written just now. */
export const realClocks: Clocks = {
  now: () => new Date(),
  async ofStore(store, environment) {
    let newest: Date | undefined;
    for await (const { modified } of store.list(`${environment}/lease/`)) {
      if (!newest || modified > newest) newest = modified;
    }
    return newest;
  },
};

/** What an S3 service allows as well, before it refuses each request. */
const SKEW_MS = 15 * 60_000;

/** Why prune must not trust this machine's clock. */
export async function clockRefusals(store: Store, environment: string, clocks: Clocks): Promise<string[]> {
  const theirs = await clocks.ofStore(store, environment);
  const off = theirs ? clocks.now().getTime() - theirs.getTime() : 0;
  if (Math.abs(off) <= SKEW_MS) return [];
  return [
    `this machine's clock is ${formatMs(Math.abs(off))} ${
      off > 0 ? "ahead of" : "behind"
    } the store's: set it right`,
  ];
}

/** The same, where no lease is held: what the last prune tells of it. */
export function behindLast(last: Pick<PruneRecord, "at"> | undefined, now: Date): string[] {
  if (!last || last.at <= timestampOf(now)) return [];
  return [`this machine's clock (${timestampOf(now)}) is behind the last prune, ${last.at}: set it right`];
}

/**
 * The name of a new record: newer than that of the last one, a second later where that second is taken.
 * @throws DrillError `CLOCK_BEHIND`.
 */
export async function freeName(
  last: Pick<PruneRecord, "at"> | undefined,
  clocks: Clocks,
  signal: AbortSignal,
): Promise<string> {
  for (let tries = 0; tries < 3; tries++) {
    const now = clocks.now();
    const name = timestampOf(now);
    if (!last || name > last.at) return name;
    if (name < last.at) break;
    await sleep(1000 - now.getUTCMilliseconds(), signal);
  }
  throw new DrillError(
    "CLOCK_BEHIND",
    `Cannot prune: this machine's clock (${timestampOf(clocks.now())}) is behind the last prune, ${last?.at}`,
    "Set the clock right, here or where that prune ran. Nothing was deleted.",
  );
}
