/**
 * What a prune was going to delete, and what there was before it: `<env>/prunes/<ts>.json`, `<ts>` the moment of the prune.
 * Written before anything is deleted, and once more at the end: it explains to the next prune which sets are gone, and why.
 */

import { z } from "zod";
import { damaged, recordKind } from "../../base/versioned_record.ts";
import { isTimestamp } from "../../base/time.ts";
import { listMoments, recordKey } from "../keys.ts";
import type { Store } from "../store.ts";
import { getRecord, type OnUnreadable, putRecord, readEach, readOrReport } from "./stored_record.ts";

const timestamp = z.string().refine(isTimestamp, "a UTC timestamp such as 20260630T155313Z");

const droppedSet = z.object({
  set: timestamp,
  kind: z.enum(["scheduled", "before-restore", "legacy"]),
  reasons: z.array(z.string()),
  /** Those of its objects that no other set needs. */
  objects: z.array(z.string()),
});

const fields = z.object({
  environment: z.string().min(1),
  /** The moment that the record is named after. */
  at: timestamp,
  /** Every set that there was. */
  sets: z.array(timestamp),
  /** Those among them that were the shell script's: the others had a manifest. */
  legacy: z.array(timestamp),
  dropped: z.array(droppedSet),
  /** Sets that were gone although no prune had dropped them, and that a person accepted as gone. */
  acknowledged: z.array(timestamp).optional(),
  /** Missing where the prune was interrupted: what it left of `dropped` is still to be deleted. */
  endedAt: z.iso.datetime().optional(),
});

/** Format 2 names the least reader; tools that know only format 1 refuse any field that they do not know. */
export const pruneRecord = recordKind({
  name: "the record of a prune of ours",
  format: 2,
  minReader: 2,
  fields,
  damaged: {
    code: "STORE_FORMAT",
    hint: "It says what was deleted, and what there was before. Put it back from a copy of the store.",
  },
});

export type PruneRecord = z.infer<typeof fields>;
export type DroppedSet = z.infer<typeof droppedSet>;

const pruneKey = (environment: string, at: string): string => recordKey(environment, "prunes", at);

export const putPrune = (store: Store, record: PruneRecord): Promise<void> =>
  putRecord(store, pruneKey(record.environment, record.at), pruneRecord, record);

/**
 * The record of the newest prune of `environment`: only that one can be unfinished, for the next begins with its rest. One
 * that cannot be understood is reported to `onUnreadable`, and is none.
 */
export async function readNewestPrune(
  store: Store,
  environment: string,
  onUnreadable: OnUnreadable,
): Promise<PruneRecord | undefined> {
  const newest = (await listMoments(store, environment, "prunes")).at(-1);
  return newest === undefined
    ? undefined
    : await readOrReport(pruneKey(environment, newest), (key) => readPrune(store, key), onUnreadable);
}

/**
 * The record of the prune that dropped `set`, the newest of them; undefined where none did.
 * @throws DrillError `STORE_FORMAT`, `STORE_NEWER` when one cannot be understood.
 */
export async function findPruneOf(
  store: Store,
  environment: string,
  set: string,
): Promise<PruneRecord | undefined> {
  const later = (await listMoments(store, environment, "prunes")).filter((at) => at > set).reverse();
  const records = await readEach(
    later.map((at) => pruneKey(environment, at)),
    (key) => readPrune(store, key),
  );
  return records.find(({ dropped }) => dropped.some((one) => one.set === set));
}

/** The records of the prunes from that moment on, as far as they can be understood: the newest is read with the others. */
export async function readPrunesSince(
  store: Store,
  environment: string,
  moment: string | undefined,
): Promise<PruneRecord[]> {
  if (moment === undefined) return [];
  const since = (await listMoments(store, environment, "prunes")).filter((at) => at >= moment);
  const records = await readEach(
    since.map((at) => pruneKey(environment, at)),
    (key) => readOrReport(key, () => readPrune(store, key), () => {}),
  );
  return records.filter((record) => record !== undefined);
}

async function readPrune(store: Store, key: string): Promise<PruneRecord> {
  const record = await getRecord(store, key, pruneRecord);
  if (pruneKey(record.environment, record.at) === key) return record;
  throw damaged(pruneRecord, key, "it names another moment");
}

/** What the store holds now, as far as it shows how far a prune came. */
interface Remains {
  /** The names of the sets that have a manifest. */
  manifested: ReadonlySet<string>;
  /** Whether an object of that key is there. */
  has: (key: string) => boolean;
}

/**
 * The sets that an interrupted prune has deleted in part: their manifest is gone, or one of a legacy set's objects. What is
 * left of their objects is garbage, and never a legacy set; an object that an untouched set needs is not, and is left out.
 * A set that is untouched is a set as before. Pure.
 */
export function partlyDeletedSets(
  record: PruneRecord | undefined,
  { manifested, has }: Remains,
): DroppedSet[] {
  if (!record || record.endedAt !== undefined) return [];
  const isTouched = ({ set, kind, objects }: DroppedSet) =>
    kind === "legacy" ? !objects.every(has) : !manifested.has(set);
  const needed = new Set(record.dropped.filter((one) => !isTouched(one)).flatMap(({ objects }) => objects));
  return record.dropped.filter(isTouched).map((one) => ({
    ...one,
    objects: one.objects.filter((key) => !needed.has(key)),
  }));
}

/**
 * The sets that were there at the newest prune, that it did not drop, and that are gone without an explanation. A set that
 * has lost its manifest is gone too: what is left of it would be taken for a set of the shell script. Pure.
 *
 * @param now the names of every set, and of those that have a manifest, also one that cannot be read: it is not gone.
 */
export function missingSets(
  record: PruneRecord | undefined,
  now: { names: readonly string[]; manifested: readonly string[] },
): string[] {
  if (!record) return [];
  const [there, manifested] = [new Set(now.names), new Set(now.manifested)];
  const dropped = new Set(record.dropped.map(({ set }) => set));
  const legacy = new Set(record.legacy);
  return record.sets.filter((set) => !dropped.has(set) && !(legacy.has(set) ? there : manifested).has(set));
}
