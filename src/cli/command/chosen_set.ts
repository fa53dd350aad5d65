/** The set that a verb was given; where `latest` is not the newest one that is said before anything else. */

import type { Inventory } from "../../store/sets/inventory.ts";
import type { LatestNotNewest } from "../../store/sets/latest.ts";
import type { AnySet } from "../../store/sets/sets.ts";
import type { Store } from "../../store/store.ts";
import type { Shell } from "./shell.ts";

/** A set, and what there is beside it. */
export interface ChosenSet {
  set: AnySet;
  inventory: Inventory;
  /** Where `latest` was asked for, and is not the newest set or not a good one. */
  notNewest: LatestNotNewest | undefined;
}

type Talk = Pick<Shell, "reporter" | "event">;

/**
 * Reads the inventory and finds the set that is meant.
 * @param wanted `latest`, `20260630T155313Z` or `prod/20260630T155313Z`
 * @throws DrillError `NO_SET`, `SET_UNKNOWN`, `STORE_FORMAT`, `STORE_NEWER`
 */
export async function findChosenSet(
  wanted: string,
  environment: string,
  store: Store,
  talk: Talk,
): Promise<ChosenSet> {
  const { readInventory } = await import("../../store/sets/inventory.ts");
  return await chooseFrom(await readInventory(store, environment), wanted, store.url, talk);
}

/** The same, of an inventory that was read. */
export async function chooseFrom(
  inventory: Inventory,
  wanted: string,
  url: string,
  { reporter, event }: Talk,
): Promise<ChosenSet> {
  const [{ chooseSet, isLatest, latestNotNewest }, { acceptedInWords }] = await Promise.all([
    import("../../store/sets/latest.ts"),
    import("../../store/sets/sets.ts"),
  ]);
  const { environment } = inventory;
  const set = chooseSet(inventory, wanted, url);
  const accepted = acceptedInWords(set);
  if (accepted !== undefined) reporter.note(`${environment}/${set.name} is ${accepted}`);
  const notNewest = isLatest(environment, wanted) ? latestNotNewest(inventory, set) : undefined;
  if (notNewest) {
    const { newest, olderMs, sentence } = notNewest;
    reporter.warn(sentence);
    event({ event: "latest", environment, set: set.name, newest: newest ?? null, olderMs, text: sentence });
  }
  return { set, inventory, notNewest };
}
