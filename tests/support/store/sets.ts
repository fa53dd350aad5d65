/** Made-up backup sets in a store: true manifests, tiny objects. */

import { bytesOf, sha256Of } from "../../../src/base/streams.ts";
import { momentOf, timestampOf } from "../../../src/base/time.ts";
import { manifestKey } from "../../../src/store/keys.ts";
import { type Manifest, writeManifest } from "../../../src/store/records/manifest.ts";
import type { UnreadableRecord } from "../../../src/store/records/stored_record.ts";
import { chooseSet } from "../../../src/store/sets/latest.ts";
import { readInventory } from "../../../src/store/sets/inventory.ts";
import { type BackupSet, isLegacy } from "../../../src/store/sets/sets.ts";
import type { Store } from "../../../src/store/store.ts";

export const DAY_MS = 86_400_000;

/** The name of the set that is taken at 02:00 UTC, so many days before `now`. */
export const nightsBefore = (now: Date, days: number): string =>
  timestampOf(
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), 2) - days * DAY_MS),
  );

export interface MadeSet {
  environment?: string;
  kind?: Manifest["kind"];
  suspect?: string[];
  /** Sets whose objects it names again instead of having its own. */
  db?: string;
  docs?: string;
}

/** What the object under `key` holds. */
const contentOf = (key: string): string => `what lies under ${key}\n`;

/** Puts a set, and those of its objects that are its own. */
export async function putSet(
  store: Store,
  set: string,
  { environment = "prod", kind = "scheduled", suspect = [], db = set, docs = set }: MadeSet = {},
): Promise<void> {
  const object = (key: string) => {
    const content = contentOf(key);
    return { key, bytes: content.length, sha256: sha256Of(content) };
  };
  const dump = object(`${environment}/db/${db}.dump`);
  const archive = object(`${environment}/docs/${docs}.tar.gz`);
  const index = object(`${environment}/docs/${docs}.index.json.gz`);
  const startedAt = momentOf(set)!;
  const manifest: Manifest = {
    set,
    environment,
    kind,
    startedAt: startedAt.toISOString(),
    endedAt: new Date(startedAt.getTime() + 60_000).toISOString(),
    versions: {},
    identity: { systemIdentifier: "7", databaseOid: "1", databaseName: "erp", owner: "erp_role" },
    db: { objects: [dump], content: { algorithm: "x", settings: {}, tables: [] } },
    docs: { objects: [archive], index, files: 0, bytes: 0 },
    warnings: [],
    suspect,
  };
  const own = [...(db === set ? [dump] : []), ...(docs === set ? [archive, index] : [])];
  for (const { key } of own) await store.put(key, bytesOf(contentOf(key)));
  await store.put(manifestKey(environment, set), bytesOf(writeManifest(manifest)));
}

/** Puts what the shell script put that night: halves without a manifest. */
export async function putLegacy(
  store: Store,
  set: string,
  halves: readonly ("db" | "docs")[] = ["db", "docs"],
  environment = "prod",
): Promise<void> {
  for (const half of halves) {
    const key = `${environment}/${half}/${set}.${half === "db" ? "dump" : "tar.gz"}`;
    await store.put(key, bytesOf(contentOf(key)));
  }
}

/** Every key below `prefix`. */
export const keysOf = async (store: Store, prefix = ""): Promise<string[]> =>
  (await Array.fromAsync(store.list(prefix))).map(({ key }) => key);

/** Removes the leases of this process: after an error that stands for a kill, they would seem to be held still. */
export async function dropLeases(store: Store, environment = "prod"): Promise<void> {
  for (const key of await keysOf(store, `${environment}/lease/`)) await store.delete(key);
}

/** Every set that has a manifest, newest first. */
export const listSets = async (store: Store, environment: string): Promise<BackupSet[]> =>
  (await readInventory(store, environment)).sets.filter((set): set is BackupSet => !isLegacy(set));

/** The set with a manifest that `wanted` names. */
export async function findSet(store: Store, environment: string, wanted: string): Promise<BackupSet> {
  const set = chooseSet(await readInventory(store, environment), wanted, store.url);
  if (isLegacy(set)) throw new TypeError(`${wanted} is the shell script's`);
  return set;
}

/** For readers of records: one that cannot be understood ends the test. */
export const rethrow = ({ error }: UnreadableRecord): never => {
  throw error;
};
