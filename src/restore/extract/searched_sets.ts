/** The sets of an environment as far as a search needs them: quicker than the inventory, for it remembers the manifests. */

import { z } from "zod";
import { listKeys, manifestKey } from "../../store/keys.ts";
import type { StoredObject } from "../../store/records/manifest.ts";
import type { UnreadableRecord } from "../../store/records/stored_record.ts";
import type { IndexCache } from "../../store/sets/index_cache.ts";
import { readInventory } from "../../store/sets/inventory.ts";
import {
  isLegacy,
  type LegacySet,
  objectsOfSet,
  readEachSet,
  readManifestAt,
} from "../../store/sets/sets.ts";
import type { ObjectInfo, Store } from "../../store/store.ts";
import { recall, remember, type Remembered } from "./search_cache.ts";

/** What a search needs of a set with a manifest. */
export interface IndexedSet {
  name: string;
  environment: string;
  manifest: { docs: { index: StoredObject } };
}

/** What can be searched, and what cannot. */
interface SearchedSets {
  sets: (IndexedSet | LegacySet)[];
  /** Manifests that are damaged. */
  unreadable: UnreadableRecord[];
}

const knownSet = z.object({
  name: z.string(),
  /** Of the manifest, as it was listed when it was read. */
  bytes: z.number(),
  modified: z.number(),
  index: z.object({ key: z.string(), bytes: z.number(), sha256: z.string() }),
  /** The keys of all that the set needs. */
  objects: z.array(z.string()),
});
type KnownSet = z.infer<typeof knownSet>;

/**
 * Every set of `environment`, newest first. A manifest that is listed as it was when it was read is not read again: it
 * never changes.
 * @throws DrillError `STORE_NEWER`; what the store fails with.
 */
export async function readSearchedSets(
  store: Store,
  environment: string,
  { cache }: { cache?: IndexCache } = {},
): Promise<SearchedSets> {
  const place: Remembered | undefined = cache && { cache, store, environment, form: "sets-1" };
  const known = place ? readKnown(await recall(place), environment) : new Map<string, KnownSet>();
  const listing = listObjects(store, environment);
  const unreadable: UnreadableRecord[] = [];
  let read = 0;
  const reading = readEachSet(store, environment, (one) => void unreadable.push(one), async (listed) => {
    const before = known.get(listed.key);
    if (before && before.bytes === listed.bytes && before.modified === listed.modified.getTime()) {
      return before;
    }
    read++;
    return await readKnownSet(store, listed);
  });
  const [objects, sets] = await Promise.all([listing, reading]);
  if (place && (read > 0 || sets.length !== known.size)) await remember(place, JSON.stringify(sets));
  const claimed = new Set(sets.flatMap(({ objects }) => objects));
  // what no manifest names may be of the shell script, of a backup that runs or ends just now, of an interrupted prune
  const legacy = objects.every((key) => claimed.has(key))
    ? []
    : (await readInventory(store, environment)).sets.filter(isLegacy);
  return {
    sets: [
      ...sets.map(({ name, index }) => ({ name, environment, manifest: { docs: { index } } })),
      ...legacy,
    ],
    unreadable,
  };
}

async function listObjects(store: Store, environment: string): Promise<string[]> {
  const halves = await Promise.all(
    (["db", "docs"] as const).map((half) => Array.fromAsync(listKeys(store, environment, half))),
  );
  return halves.flat().map(({ key }) => key);
}

async function readKnownSet(store: Store, { key, bytes, modified }: ObjectInfo): Promise<KnownSet> {
  const set = await readManifestAt(store, key);
  return {
    ...{ name: set.name, bytes, modified: modified.getTime() },
    index: set.manifest.docs.index,
    objects: objectsOfSet(set).map(({ key }) => key),
  };
}

/** By the keys of the manifests. */
function readKnown(text: string | undefined, environment: string): Map<string, KnownSet> {
  const read = z.array(knownSet).safeParse(text === undefined ? [] : JSON.parse(text));
  return new Map((read.data ?? []).map((set) => [manifestKey(environment, set.name), set]));
}
