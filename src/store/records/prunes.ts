/**
 * What a prune set out to delete, and what there was before it: `<env>/prunes/<ts>.json`, `<ts>` the moment of the prune.
 * Written before anything is deleted, and once more at the end: the memory that explains what is gone.
 */

import { z } from "zod";
import { DrillError, messageOf } from "../../base/errors.ts";
import { bytesOf, readSmall } from "../../base/streams.ts";
import { isTimestamp } from "../../base/time.ts";
import { readSideBySide } from "../sets/sets.ts";
import type { Store } from "../store.ts";

const PRUNE_FORMAT = 1;

const timestamp = z.string().refine(isTimestamp, "a UTC timestamp such as 20260630T155313Z");

const droppedSchema = z.strictObject({
  set: timestamp,
  kind: z.enum(["scheduled", "before-restore", "legacy"]),
  reasons: z.array(z.string()),
  /** Those of its objects that no kept set needs. */
  objects: z.array(z.string()),
});

const pruneSchema = z.strictObject({
  format: z.literal(PRUNE_FORMAT),
  environment: z.string().min(1),
  /** The moment that the record is named after. */
  at: timestamp,
  /** Every set that there was. */
  sets: z.array(timestamp),
  /** Those among them that were the shell script's: the others had a manifest. */
  legacy: z.array(timestamp),
  dropped: z.array(droppedSchema),
  /** Sets that no prune had dropped and that were gone all the same, and a person said that it is well. */
  acknowledged: z.array(timestamp).optional(),
  /** Missing where the prune was interrupted: what it left of `dropped` is still to be deleted. */
  endedAt: z.iso.datetime().optional(),
});

export type PruneRecord = Omit<z.infer<typeof pruneSchema>, "format">;
export type DroppedSet = z.infer<typeof droppedSchema>;

export const pruneKey = (environment: string, at: string): string => `${environment}/prunes/${at}.json`;

export async function putPrune(store: Store, record: PruneRecord): Promise<void> {
  const body = pruneSchema.parse({ ...record, format: PRUNE_FORMAT });
  await store.put(pruneKey(record.environment, record.at), bytesOf(JSON.stringify(body, null, 2) + "\n"));
}

/**
 * The record of the newest prune of `environment`: only that one can be unfinished, for the next begins with its rest.
 * @throws DrillError `STORE_FORMAT` when it cannot be understood.
 */
export async function readNewestPrune(store: Store, environment: string): Promise<PruneRecord | undefined> {
  const newest = (await listPrunes(store, environment)).at(-1);
  return newest === undefined ? undefined : await readPrune(store, newest);
}

/**
 * The record of the prune that dropped `set`, the newest of them; undefined where none did.
 * @throws DrillError `STORE_FORMAT` when one cannot be understood.
 */
export async function findPruneOf(
  store: Store,
  environment: string,
  set: string,
): Promise<PruneRecord | undefined> {
  const later = (await listPrunes(store, environment)).filter((key) => key > pruneKey(environment, set));
  const records = await readSideBySide(later.reverse(), (key) => readPrune(store, key));
  return records.find(({ dropped }) => dropped.some((one) => one.set === set));
}

/** The keys of every record, oldest first. */
async function listPrunes(store: Store, environment: string): Promise<string[]> {
  const prefix = `${environment}/prunes/`;
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) {
    if (key.endsWith(".json") && isTimestamp(key.slice(prefix.length, -".json".length))) keys.push(key);
  }
  return keys.sort();
}

async function readPrune(store: Store, key: string): Promise<PruneRecord> {
  const text = new TextDecoder().decode(await readSmall(store.get(key)));
  try {
    const { format: _, ...record } = pruneSchema.parse(JSON.parse(text));
    if (pruneKey(record.environment, record.at) !== key) throw new TypeError("it names another moment");
    return record;
  } catch (error) {
    throw new DrillError(
      "STORE_FORMAT",
      `Cannot read ${key}: ${
        error instanceof z.ZodError ? "it is not a prune's record of ours" : messageOf(error)
      }`,
      "It says what was deleted, and what there was before. It was damaged, or a newer dolibarr-drill wrote it.",
      { cause: error },
    );
  }
}

/** What the store holds now, as far as it tells how far a prune came. */
export interface Remains {
  /** The names of the sets that have a manifest. */
  manifested: ReadonlySet<string>;
  /** Whether an object of that key is there. */
  has: (key: string) => boolean;
}

/**
 * The sets with which an interrupted prune had begun: a manifest that is gone, or one of a legacy set's objects. What is
 * left of their objects is garbage, and never a legacy set; an object that a set needs with which it had not begun is not,
 * and is left out. Such a set is one as before. Pure.
 */
export function begunSets(record: PruneRecord | undefined, { manifested, has }: Remains): DroppedSet[] {
  if (!record || record.endedAt !== undefined) return [];
  const isBegun = ({ set, kind, objects }: DroppedSet) =>
    kind === "legacy" ? !objects.every(has) : !manifested.has(set);
  const needed = new Set(record.dropped.filter((one) => !isBegun(one)).flatMap(({ objects }) => objects));
  return record.dropped.filter(isBegun).map((one) => ({
    ...one,
    objects: one.objects.filter((key) => !needed.has(key)),
  }));
}

/**
 * The sets that were there at the newest prune, that it did not drop, and that are gone: nobody says why. One that has lost
 * its manifest is gone too: what is left of it would pass for a set of the shell script. Pure.
 *
 * @param now the names of every set, and of those that have a manifest.
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
