/** The backup sets that a store holds: read side by side, newest first. */

import { DrillError } from "../base/errors.ts";
import { readSmall } from "../base/streams.ts";
import { isTimestamp } from "../base/time.ts";
import { type Manifest, readManifest } from "./manifest.ts";
import type { Store } from "./store.ts";

export interface BackupSet {
  /** `20260630T155313Z` */
  name: string;
  environment: string;
  manifest: Manifest;
}

/** How many manifests are read at a time. */
const SIDE_BY_SIDE = 16;

/**
 * Every set of `environment` that has a manifest, newest first.
 * @throws DrillError `STORE_FORMAT` when one cannot be understood: it might be the newest.
 */
export async function listSets(store: Store, environment: string): Promise<BackupSet[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(`${environment}/manifests/`)) {
    const name = key.slice(key.lastIndexOf("/") + 1);
    if (name.endsWith(".json") && isTimestamp(name.slice(0, -5))) keys.push(key); // others' keys are not ours to judge
  }
  keys.sort().reverse();
  const sets: BackupSet[] = [];
  for (let at = 0; at < keys.length; at += SIDE_BY_SIDE) {
    sets.push(...await Promise.all(keys.slice(at, at + SIDE_BY_SIDE).map((key) => readSet(store, key))));
  }
  return sets;
}

async function readSet(store: Store, key: string): Promise<BackupSet> {
  const manifest = readManifest(new TextDecoder().decode(await readSmall(store.get(key))), key);
  return { name: manifest.set, environment: manifest.environment, manifest };
}

/** The newest good set: never a suspect one (DESIGN, Words). `sets` are newest first. */
export const latestOf = (sets: readonly BackupSet[]): BackupSet | undefined =>
  sets.find((set) => set.manifest.suspect.length === 0);

/** The suspect sets that are newer than `set`: why it, and not the newest, is the latest good one. */
export const suspectsSince = (sets: readonly BackupSet[], set: BackupSet): BackupSet[] =>
  sets.filter(({ name, manifest }) => name > set.name && manifest.suspect.length > 0);

/**
 * The set that a person named: `latest`, `20260630T155313Z` or `prod/20260630T155313Z`.
 * @throws DrillError `NO_SET` when there is no good one, `SET_UNKNOWN` when there is none of that name.
 */
export async function findSet(store: Store, environment: string, wanted: string): Promise<BackupSet> {
  const sets = await listSets(store, environment);
  if (wanted === "latest") {
    const latest = latestOf(sets);
    if (latest) return latest;
    throw new DrillError(
      "NO_SET",
      `Cannot find a good set of ${environment} in ${store.url}: ${
        sets.length === 0 ? "there is none" : `all ${sets.length} are suspect`
      }`,
      `Take one: dolibarr-drill backup --env ${environment}`,
    );
  }
  const name = wanted.startsWith(`${environment}/`) ? wanted.slice(environment.length + 1) : wanted;
  const found = sets.find((set) => set.name === name);
  if (found) return found;
  const newest = sets.slice(0, 3).map((set) => set.name).join(", ") || "none";
  throw new DrillError(
    "SET_UNKNOWN",
    `Cannot find the set ${wanted} of ${environment} in ${store.url}`,
    `The newest there: ${newest}. See all: dolibarr-drill list --env ${environment}`,
  );
}
