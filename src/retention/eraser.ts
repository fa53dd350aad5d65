/** Deletes one key after the other: only such as are ours, only while the lease is, and each seen to be gone. */

import { DrillError } from "../base/errors.ts";
import { isTimestamp } from "../base/time.ts";
import type { Lease } from "../store/lease/lease.ts";
import { objectsOfSet, readOneSet } from "../store/sets/sets.ts";
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
          `Cannot delete ${key}: the store said that it did, and it is still there`,
          "Look at the rights of the access key, and whether the bucket locks its objects.",
        );
      }
      erased.add(key);
    },
  };
}

/** What a prune may delete, and nothing else: whatever a damaged manifest or record names. The bucket is shared. */
const ERASABLE: Record<string, RegExp> = {
  db: /^(\w+)\.dump$/,
  docs: /^(\w+)\.(tar\.gz|index\.json\.gz)$/,
  manifests: /^(\w+)\.json$/,
  verified: /^(\w+)\.\w+-(verify|drill)-(pass|fail)-[0-9a-f]{8}\.json$/,
  holds: /^(\w+)\.json$/,
  drills: /^(\w+)\.(json|html)$/,
};

/** Whether `key` has exactly the form of one of ours: the environment, the folder, the moment, the ending. */
export function isErasable(environment: string, key: string): boolean {
  if (!key.startsWith(`${environment}/`)) return false;
  const [folder = "", name = "", ...more] = key.slice(environment.length + 1).split("/");
  const pattern = Object.hasOwn(ERASABLE, folder) ? ERASABLE[folder] : undefined;
  return more.length === 0 && isTimestamp(pattern?.exec(name)?.[1] ?? "");
}

/** Whether `key` is an object of a backup: what an upload of ours may have been for. */
export const isBackupObject = (environment: string, key: string): boolean =>
  /^(db|docs)\//.test(key.slice(environment.length + 1)) && isErasable(environment, key);

/**
 * Answers which objects the manifests name that are listed at that moment. One that was read is not read again: manifests
 * never change.
 * @param known the objects of the sets that were read already, by name.
 */
export function manifestWatch(
  store: Store,
  environment: string,
  known: Map<string, readonly string[]>,
): () => Promise<ReadonlySet<string>> {
  const prefix = `${environment}/manifests/`;
  return async () => {
    const names: string[] = [];
    for await (const { key } of store.list(prefix)) {
      const name = key.slice(prefix.length, -".json".length);
      if (key.endsWith(".json") && isTimestamp(name)) names.push(name);
    }
    const named = new Set<string>();
    for (const name of names) {
      if (!known.has(name)) {
        const set = await readOneSet(store, environment, name);
        known.set(name, set ? objectsOfSet(set).map(({ key }) => key) : []);
      }
      for (const key of known.get(name) ?? []) named.add(key);
    }
    return named;
  };
}
