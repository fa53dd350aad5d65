/**
 * Carries out the plan, one set at a time, under the guards of rule 5 (docs/design.md). It may be stopped at any point, also
 * by `kill -9`: a set is there whole or not at all, and the next prune finishes what this one started.
 */

import { DrillError } from "../base/errors.ts";
import { PROGRAM } from "../base/program_name.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { formatCount } from "../base/numbers.ts";
import { readAlready } from "../checks/findings/earlier_drills.ts";
import { readStandingAndFound } from "../checks/findings/standing.ts";
import { manifestKey } from "../store/keys.ts";
import { takeLease } from "../store/lease/lease.ts";
import { type DroppedSet, partlyDeletedSets, type PruneRecord, putPrune } from "../store/records/prunes.ts";
import { nextRoster, putRoster } from "../store/records/rosters.ts";
import { type Inventory, readInventory } from "../store/sets/inventory.ts";
import type { IndexCache } from "../store/sets/index_cache.ts";
import { type AnySet, isLegacy, objectsOfSet } from "../store/sets/sets.ts";
import type { Store } from "../store/store.ts";
import { DAY_MS } from "./ages.ts";
import { clockRefusals, type Clocks, newPruneName, realClocks } from "./clocks.ts";
import { type Eraser, isBackupObject, isErasable, makeEraser, manifestWatch } from "./eraser.ts";
import type { RetentionPolicy } from "./plan.ts";
import { planPrune, type PrunePlan } from "./prune_plan.ts";
import { eraseSetRecords, readReports } from "./set_records.ts";

export interface PruneOptions {
  policy: RetentionPolicy;
  /** A person looked at the sets that are gone without a prune of ours, and accepts that they are. */
  acceptMissing: boolean;
  /** Where indexes are kept on this machine: they tell in which set a lost document is still right. */
  cache?: IndexCache;
  reporter: Reporter;
  signal: AbortSignal;
  /** Called with the plan before anything is done, also where it is refused. */
  onPlan?: (plan: PrunePlan, inventory: Inventory) => void;
  /** For tests. */
  clocks?: Clocks;
}

/** What was done; everything in it was seen to be gone. */
interface Pruned {
  /** The name of the record. */
  at: string;
  /** Newest first. */
  dropped: string[];
  /** The objects that went, of these sets and of an interrupted prune before, and their bytes. */
  objects: string[];
  bytes: number;
  /** Uploads that were not finished within a week, now removed. */
  uploads: number;
}

/** An upload to one of our keys that is not finished after that time will not be. */
const FORGOTTEN_MS = 7 * DAY_MS;

/**
 * Prunes `environment`: ends what an interrupted prune left, then drops what the plan drops.
 *
 * @throws DrillError `PRUNE_REFUSED` with every reason, `CLOCK_BEHIND`, `LEASE_HELD`: nothing was deleted then. What the
 * store fails with in between leaves each set whole or gone, and is gone on with the next time.
 */
export async function prune(store: Store, environment: string, options: PruneOptions): Promise<Pruned> {
  const { policy, acceptMissing, cache, reporter, signal, clocks = realClocks } = options;
  await using lease = await takeLease(store, environment, "prune", { signal });
  const inventory = await readInventory(store, environment, clocks.now());
  const now = clocks.now();
  const { reports, drills, unreadableDrills } = await readReports(store, inventory);
  const { findings, found } = await readStandingAndFound(
    { store, inventory, drills: readAlready(drills), signal, ...(cache ? { cache } : {}) },
    { drills, now, onUnreadable: ({ error }) => reporter.warn(error.message) },
  );
  const known = { unreadableDrills, findings, found };
  const planned = planPrune(inventory, { policy, now, acceptMissing, ...known });
  options.onPlan?.(planned, inventory);
  const refusals = [...planned.refusals, ...await clockRefusals(store, environment, clocks)];
  if (refusals.length > 0) throw pruneRefused(environment, refusals);
  // a list of the sets may be named after the second that follows: a prune explains what is gone since then
  const at = [await newPruneName(inventory.lastPrune, clocks, signal), inventory.roster?.at ?? ""].sort().at(
    -1,
  )!;

  const eraser = makeEraser(store, environment, lease, signal);
  const gone = new Set<string>();
  const erasing = { inventory, eraser, reporter, needed: neededNow(store, inventory, gone) };
  const finished = await finishLast(store, erasing, clocks);
  const uploads = await abortForgotten(store, environment, now, () => lease.confirm());

  const record: PruneRecord = {
    environment,
    at,
    sets: inventory.sets.map(({ name }) => name),
    legacy: inventory.sets.filter(isLegacy).map(({ name }) => name),
    dropped: planned.plan.drop.map((one) => ({ ...one, kind: planned.sets.get(one.set)!.kind })),
    ...(planned.missing.length > 0 ? { acknowledged: planned.missing } : {}),
  };
  await lease.confirm();
  await putPrune(store, record);
  {
    using step = reporter.step("Deleting the dropped sets", "steps");
    // Newest first: what is left of the script's objects is then always paired as it was.
    for (const [done, dropped] of record.dropped.entries()) {
      step.progress(done, record.dropped.length);
      if (dropped.kind !== "legacy") await eraser.erase(manifestKey(environment, dropped.set));
      gone.add(dropped.set);
      await eraseObjects(dropped, erasing);
    }
    step.end(formatCount(gone.size, "set"));
  }
  const { countedFrom } = planned.plan;
  await eraseSetRecords(store, { inventory, gone: [...finished, ...gone], reports, countedFrom }, eraser);
  await putPrune(store, { ...record, endedAt: clocks.now().toISOString() });
  const { manifests, roster, vanished, registers } = inventory;
  const left = new Map([...manifests].filter(([name]) => !gone.has(name) && !finished.includes(name)));
  await putRoster(
    store,
    nextRoster({ environment, at }, left, roster, vanished, { accepted: acceptMissing, registers }),
  );

  const objects = [...eraser.erased].filter((key) => inventory.objects.has(key));
  return {
    at,
    dropped: [...gone],
    objects,
    bytes: objects.reduce((sum, key) => sum + (inventory.objects.get(key)?.bytes ?? 0), 0),
    uploads,
  };
}

interface Erasing {
  inventory: Inventory;
  eraser: Eraser;
  reporter: Reporter;
  /** Reads which objects must stay, each time that it is called. */
  needed: () => Promise<(key: string) => boolean>;
}

/** Those of every manifest that is listed now, and of every legacy set that is not among the `gone`. */
function neededNow(
  store: Store,
  { environment, sets }: Inventory,
  gone: ReadonlySet<string>,
): Erasing["needed"] {
  const keysOf = (set: AnySet) => objectsOfSet(set).map(({ key }) => key);
  const ours = new Map(sets.filter((set) => !isLegacy(set)).map((set) => [set.name, keysOf(set)]));
  const named = manifestWatch(store, environment, ours);
  const legacy = sets.filter(isLegacy);
  return async () => {
    const now = await named();
    const theirs = new Set(legacy.filter(({ name }) => !gone.has(name)).flatMap(keysOf));
    return (key) => theirs.has(key) || now.has(key);
  };
}

/** Deletes those objects of a deleted set that nothing else needs. */
async function eraseObjects(
  { set, objects }: DroppedSet,
  { inventory, eraser, needed, reporter }: Erasing,
): Promise<void> {
  const isNeeded = await needed();
  for (const key of objects) {
    if (isNeeded(key)) continue;
    if (!isErasable(inventory.environment, key)) {
      reporter.warn(`${key}, which ${set} named, is not one of ours and is left where it is`);
    } else if (inventory.objects.has(key) && !eraser.erased.has(key)) await eraser.erase(key);
  }
}

/**
 * Deletes what is left of the sets that an interrupted prune deleted in part, and ends its record: the rest of its plan is
 * planned anew.
 * @returns the names of these sets.
 */
async function finishLast(store: Store, erasing: Erasing, clocks: Clocks): Promise<string[]> {
  const { lastPrune, sets, objects } = erasing.inventory;
  if (!lastPrune || lastPrune.endedAt !== undefined) return [];
  const manifested = new Set(sets.filter((set) => !isLegacy(set)).map(({ name }) => name));
  const partly = partlyDeletedSets(lastPrune, { manifested, has: (key) => objects.has(key) });
  for (const dropped of partly) await eraseObjects(dropped, erasing);
  erasing.reporter.note(`Finished the prune ${lastPrune.at}, which was interrupted`);
  const names = partly.map(({ set }) => set);
  const dropped = lastPrune.dropped.filter(({ set }) => names.includes(set));
  await putPrune(store, { ...lastPrune, dropped, endedAt: clocks.now().toISOString() });
  return names;
}

/** Uploads that broke off stay in the store, invisible and paid for. Only those to our own keys are touched. */
async function abortForgotten(
  store: Store,
  environment: string,
  now: Date,
  confirm: () => Promise<void>,
): Promise<number> {
  let aborted = 0;
  for await (const upload of store.unfinishedUploads(`${environment}/`)) {
    const silent = now.getTime() - upload.startedAt.getTime();
    if (silent <= FORGOTTEN_MS || !isBackupObject(environment, upload.key)) continue;
    await confirm();
    await store.abortUpload(upload);
    aborted++;
  }
  return aborted;
}

/** The error of a prune with such `reasons` against it. */
export const pruneRefused = (environment: string, reasons: readonly string[]): DrillError =>
  new DrillError(
    "PRUNE_REFUSED",
    `Cannot prune ${environment}: ${formatCount(reasons.length, "reason")} against it`,
    `Nothing was deleted. What would be: ${PROGRAM} prune --env ${environment} --dry-run`,
    { details: reasons },
  );
