/** Deletes one key after the other: only keys of ours, only while the lease is held, and each is checked to be gone. */

import { DrillError } from "../base/errors.ts";
import { type Folder, listMoments, parseKey } from "../store/keys.ts";
import type { Lease } from "../store/lease/lease.ts";
import { objectsOfSet, readSet } from "../store/sets/sets.ts";
import type { Store } from "../store/store.ts";

export interface Eraser {
  /** Every key that is gone. */
  readonly erased: ReadonlySet<string>;
  /**
   * Deletes what is under `key`.
   * @throws DrillError `LEASE_HELD` when the lease was lost, `STORE_FAILED` when it is still there afterwards, `INTERNAL` for
   * a key that is not ours; and what the signal was aborted with. Nothing is deleted then.
   */
  erase(key: string): Promise<void>;
}

export function makeEraser(
  store: Store,
  environment: string,
  lease: Pick<Lease, "confirm">,
  signal: AbortSignal,
): Eraser {
  const erased = new Set<string>();
  return {
    erased,
    async erase(key) {
      if (!isErasable(environment, key)) {
        throw new DrillError(
          "INTERNAL",
          `Cannot delete ${key}: it is not one of ours`,
          "Report it as a defect.",
        );
      }
      signal.throwIfAborted();
      await lease.confirm();
      await store.delete(key);
      if (await store.head(key)) {
        throw new DrillError(
          "STORE_FAILED",
          `Cannot delete ${key}: the store reported success, and the object is still there`,
          "Check the rights of the access key, and whether the bucket locks its objects.",
        );
      }
      erased.add(key);
    },
  };
}

/** What a prune may delete, and nothing else: whatever a damaged manifest or record names. */
const ERASABLE: readonly Folder[] = [
  ...["db", "docs", "registers", "manifests"] as const,
  ...["verified", "holds", "accepted", "drills"] as const,
];

/** Whether `key` has exactly the form of one of ours, and lies where a prune may delete. */
export function isErasable(environment: string, key: string): boolean {
  const parsed = parseKey(environment, key);
  return parsed !== undefined && ERASABLE.includes(parsed.folder);
}

/** Whether `key` is an object of a backup: what an upload of ours may have been for. */
export function isBackupObject(environment: string, key: string): boolean {
  const folder = parseKey(environment, key)?.folder;
  return folder === "db" || folder === "docs";
}

/**
 * Returns a function that lists the manifests and gives the objects that they name at that moment. A manifest is read
 * once: it never changes.
 * @param known the objects of the sets that were read already, by name.
 */
export function manifestWatch(
  store: Store,
  environment: string,
  known: Map<string, readonly string[]>,
): () => Promise<ReadonlySet<string>> {
  return async () => {
    const names = await listMoments(store, environment, "manifests");
    const named = new Set<string>();
    for (const name of names) {
      if (!known.has(name)) {
        const set = await readSet(store, environment, name);
        known.set(name, set ? objectsOfSet(set).map(({ key }) => key) : []);
      }
      for (const key of known.get(name) ?? []) named.add(key);
    }
    return named;
  };
}
