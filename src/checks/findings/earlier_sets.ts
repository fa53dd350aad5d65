/** What the earlier sets say of findings: from their indexes and the drills of them, without restoring any. */

import { DrillError } from "../../base/errors.ts";
import { readIndex, whyLeftOut } from "../../documents/index.ts";
import type { StoredDrill } from "../../store/records/drill_schema.ts";
import type { StoredObject } from "../../store/records/manifest.ts";
import { readEach } from "../../store/records/stored_record.ts";
import { type IndexCache, readIndexBytes } from "../../store/sets/index_cache.ts";
import { damagesOf, type Inventory } from "../../store/sets/inventory.ts";
import { type AnySet, isLegacy } from "../../store/sets/sets.ts";
import type { Store } from "../../store/store.ts";
import type { Finding } from "../result.ts";
import type { EarlierDrills } from "./earlier_drills.ts";
import { backupFindingsOf } from "./ledger.ts";
import {
  type FindingHistory,
  followTrail,
  historyRecorded,
  type IndexedDocument,
  knownOf,
  trailFrom,
} from "./history.ts";

/** Where the earlier sets are read from. */
export interface EarlierSets {
  store: Store;
  inventory: Inventory;
  drills: EarlierDrills;
  /** Where indexes are kept on this machine; without it each is read from the store. */
  cache?: IndexCache;
  signal: AbortSignal;
}

/** How many sets are looked at together at most. The first time it is one: most of what is found was right, or known, before. */
const SETS_AT_A_TIME = 32;

/**
 * Since when each of `findings` is there, and the newest set in which its subject is still right. What the backup that took
 * `found` recorded of that is believed while the set in which it is right is there: the register knows more than the sets tell.
 *
 * @param found the name of the set in which they were found, without its environment: only older ones are looked at.
 * @returns by the findings' ids.
 * @throws what the store fails with. An index that is damaged or missing says nothing.
 */
export async function readHistories(
  findings: readonly Finding[],
  found: string,
  { store, inventory, drills, cache, signal }: EarlierSets,
): Promise<Map<string, FindingHistory>> {
  const isUsable = usableSets(inventory);
  const own = inventory.sets.find(({ name }) => name === found);
  const recorded = own && backupFindingsOf(own);
  const trails = new Map(
    findings.map((finding) => {
      const history = recorded && historyRecorded(finding, recorded);
      const trail = trailFrom(found);
      return [finding.id, history ? followTrail(trail, found, history, isUsable) : trail];
    }),
  );
  const older = inventory.sets.filter(({ name }) => name < found);
  const readDocuments = indexReader(store, cache, signal);
  let [open, above] = [findings.filter(({ id }) => !trails.get(id)!.ended), found];
  for (let at = 0, count = 1; open.length > 0; at += count, count = Math.min(2 * count, SETS_AT_A_TIME)) {
    signal.throwIfAborted();
    const sets = older.slice(at, at + count);
    const isLast = at + count >= older.length;
    const from = isLast ? "" : sets.at(-1)!.name;
    const drilled = drillsBySet(await drills.since(from), inventory.environment);
    const documents = await readDocuments(sets, open);
    const backups = new Map(sets.map((set) => [set.name, backupFindingsOf(set)]));
    // also sets that are gone: what a drill found in them shows since when it is there
    const names = new Set([...sets.map(({ name }) => name), ...drilled.keys()]);
    for (const name of [...names].filter((name) => name >= from && name < above).sort().reverse()) {
      for (const finding of open) {
        const known = knownOf(finding, {
          document: documents(name, finding),
          drills: drilled.get(name),
          backup: backups.get(name),
        });
        trails.set(finding.id, followTrail(trails.get(finding.id)!, name, known, isUsable));
      }
    }
    open = open.filter(({ id }) => !trails.get(id)!.ended);
    if (isLast) break;
    above = from;
  }
  return new Map([...trails].map(([id, { history }]) => [id, history]));
}

/** Whether the set of that name is there, and nothing of it is damaged. A suspect one holds what it holds. */
export function usableSets(inventory: Inventory): (set: string) => boolean {
  const usable = new Set(
    inventory.sets.filter((set) => damagesOf(set, inventory).length === 0).map(({ name }) => name),
  );
  return (set) => usable.has(set);
}

/** The drills of each set of `environment`, newest first. */
function drillsBySet(drills: readonly StoredDrill[], environment: string): Map<string, StoredDrill[]> {
  const prefix = `${environment}/`;
  return Map.groupBy(
    drills.filter(({ set }) => set?.name.startsWith(prefix)),
    ({ set }) => set!.name.slice(prefix.length),
  );
}

/** What the sets that were read say of a finding's document: see `knownOf`. */
type Documents = (set: string, finding: Finding) => IndexedDocument | null | undefined;

/** What an index says of the paths that it was read for. */
type Paths = ReadonlyMap<string, IndexedDocument | null>;

/** Reads the indexes of sets, each once, however many sets share it. */
function indexReader(store: Store, cache: IndexCache | undefined, signal: AbortSignal) {
  const read = new Map<string, Paths>();
  return async (sets: readonly AnySet[], findings: readonly Finding[]): Promise<Documents> => {
    const paths = new Set(findings.flatMap(({ document }) => document ? [document.path] : []));
    const indexes = new Map(
      sets.flatMap((set) => isLegacy(set) ? [] : [[set.name, set.manifest.docs.index] as const]),
    );
    const unread = paths.size === 0
      ? []
      : [...new Map([...indexes.values()].map((index) => [index.sha256, index])).values()]
        .filter(({ sha256 }) => !read.has(sha256)); // read for as many paths, or more
    await readEach(unread, async (index) => {
      signal.throwIfAborted();
      read.set(index.sha256, await readPaths(store, index, paths, cache));
    });
    return (set, { document }) => {
      const index = indexes.get(set);
      return document && index && read.get(index.sha256)?.get(document.path);
    };
  };
}

async function readPaths(
  store: Store,
  object: StoredObject,
  paths: ReadonlySet<string>,
  cache: IndexCache | undefined,
): Promise<Paths> {
  try {
    const index = readIndex(await readIndexBytes(store, object, cache), object.key);
    const files = new Map(
      index.files.filter(({ path }) => paths.has(path)).map(({ path, bytes, sha256 }) =>
        [path, { bytes, sha256 }] as const
      ),
    );
    const missing = [...paths].filter((path) => !files.has(path) && whyLeftOut(index, path) === undefined);
    return new Map([...files, ...missing.map((path) => [path, null] as const)]);
  } catch (error) {
    const isBad = error instanceof DrillError &&
      ["OBJECT_CORRUPT", "OBJECT_MISSING", "STORE_NEWER"].includes(error.code);
    if (!isBad) throw error;
    return new Map();
  }
}
