/** The start of a backup: `<env>/runs/<ts>.json`, written first, removed last, so that what a killed backup left is known to be its own. */

import { z } from "zod";
import { DrillError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { type Holder, isGone, isHolder, thisProcess } from "../../base/process/holder.ts";
import { recordKind } from "../../base/versioned_record.ts";
import { listKeys, objectKeysOf, recordKey } from "../keys.ts";
import type { Store } from "../store.ts";
import { getRecord, type OnUnreadable, putRecord, readEach, readOrReport } from "./stored_record.ts";

const fields = z.object({
  startedAt: z.string(),
  holder: z.custom<Holder>(isHolder),
  /** The objects that this run makes. */
  keys: z.array(z.string()),
});

export const runRecord = recordKind({
  name: "the start of a backup of ours",
  format: 1,
  minReader: 1,
  fields,
  damaged: {
    code: "STORE_FORMAT",
    hint:
      "It says which objects an unfinished backup made. Remove it when no backup is running; nothing else was changed.",
  },
});

export interface Run {
  /** After a failure: what the run made is removed, then its record. */
  undo(): Promise<void>;
  /** The record alone is removed: a manifest names the objects now. */
  finish(): Promise<void>;
}

/** Writes the run's start. `keys` are all the objects that it is going to make. */
export async function startRun(store: Store, environment: string, set: string, keys: string[]): Promise<Run> {
  const key = recordKey(environment, "runs", set);
  const holder = thisProcess();
  await putRecord(store, key, runRecord, { startedAt: new Date().toISOString(), holder, keys });
  return {
    async undo() {
      for (const made of keys) await store.delete(made);
      await store.delete(key);
    },
    finish: () => store.delete(key),
  };
}

/**
 * Removes what interrupted backups left: of this machine's, once the process is gone, at once; of other machines' (the
 * name of a pod never comes again) after a day. The caller holds the lease, so none of them can still become a set. Only
 * objects that such a run names, and that no manifest (`named`) does, are touched.
 * @returns the names of the runs that were removed.
 * @throws DrillError `STORE_FORMAT`, `STORE_NEWER` where one cannot be understood.
 */
export async function sweepRuns(
  store: Store,
  environment: string,
  named: ReadonlySet<string>,
): Promise<string[]> {
  const swept: string[] = [];
  for (const { key, name, modified } of await Array.fromAsync(listKeys(store, environment, "runs"))) {
    const run = await getRecord(store, key, runRecord);
    const forgotten = Date.now() - modified.getTime() > limits.runIsForgotten;
    if (!isGone(run.holder) && !forgotten) continue;
    const made: string[] = objectKeysOf(environment, name); // and nothing else, whatever a damaged run names
    for (const one of run.keys.filter((one) => made.includes(one) && !named.has(one))) {
      await store.delete(one);
    }
    await store.delete(key);
    swept.push(name);
  }
  return swept;
}

/** Reports to `onUnreadable` which of the runs of these names cannot be understood: an object may be theirs. */
export async function checkRuns(
  store: Store,
  environment: string,
  names: readonly string[],
  onUnreadable: OnUnreadable,
): Promise<void> {
  const read = async (key: string) => {
    try {
      await getRecord(store, key, runRecord);
    } catch (error) {
      if (!(error instanceof DrillError) || error.code !== "OBJECT_MISSING") throw error; // else: ended meanwhile
    }
  };
  await readEach(
    names.map((name) => recordKey(environment, "runs", name)),
    (key) => readOrReport(key, read, onUnreadable),
  );
}
