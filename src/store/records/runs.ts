/** A run's start in the store: written first, removed last, so that what a killed backup left is known to be its own. */

import { DrillError, messageOf } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { type Holder, isGone, isHolder, thisProcess } from "../../base/process/holder.ts";
import { bytesOf, readSmall } from "../../base/streams.ts";
import { isTimestamp } from "../../base/time.ts";
import type { Store } from "../store.ts";

interface RunBody {
  format: 1;
  startedAt: string;
  holder: Holder;
  /** The objects that this run makes. */
  keys: string[];
}

export interface Run {
  /** What the run made goes, then the run itself: after a failure. */
  undo(): Promise<void>;
  /** The run alone goes: its manifest names the objects now. */
  finish(): Promise<void>;
}

const runKey = (environment: string, set: string) => `${environment}/runs/${set}.json`;

/** Writes the run's start. `keys` are all the objects that it is going to make. */
export async function startRun(store: Store, environment: string, set: string, keys: string[]): Promise<Run> {
  const key = runKey(environment, set);
  const body: RunBody = { format: 1, startedAt: new Date().toISOString(), holder: thisProcess(), keys };
  await store.put(key, bytesOf(JSON.stringify(body) + "\n"));
  return {
    async undo() {
      for (const made of keys) await store.delete(made);
      await store.delete(key);
    },
    finish: () => store.delete(key),
  };
}

/**
 * Removes what runs left that came to no end: those of this machine whose processes are gone at once, those of others
 * (a pod's name never comes again) after a day. The caller holds the lease, so none of them can still become a set. Only
 * objects that such a run names, and that no manifest (`named`) does, are touched.
 * @returns the names of the runs that were swept.
 */
export async function sweepRuns(
  store: Store,
  environment: string,
  named: ReadonlySet<string>,
): Promise<string[]> {
  const swept: string[] = [];
  const prefix = `${environment}/runs/`;
  for (const { key, modified } of await Array.fromAsync(store.list(prefix))) {
    const set = key.slice(prefix.length, -".json".length);
    if (!isTimestamp(set)) continue; // not ours
    const body = await readRun(store, key);
    const forgotten = Date.now() - modified.getTime() > limits.runIsForgotten;
    if (!isGone(body.holder) && !forgotten) continue;
    const made = objectsOf(environment, set); // and nothing else, whatever a damaged run names
    for (const one of body.keys.filter((one) => made.includes(one) && !named.has(one))) {
      await store.delete(one);
    }
    await store.delete(key);
    swept.push(set);
  }
  return swept;
}

/** The keys of the objects that a backup of this name makes. */
export const objectsOf = (environment: string, set: string): string[] => [
  `${environment}/db/${set}.dump`,
  `${environment}/docs/${set}.tar.gz`,
  `${environment}/docs/${set}.index.json.gz`,
];

async function readRun(store: Store, key: string): Promise<RunBody> {
  try {
    const body = JSON.parse(new TextDecoder().decode(await readSmall(store.get(key)))) as
      | Partial<RunBody>
      | null;
    if (body?.format !== 1 || !isHolder(body.holder) || !Array.isArray(body.keys)) {
      throw new TypeError("it is no run of this version");
    }
    return body as RunBody;
  } catch (error) {
    throw new DrillError(
      "STORE_FORMAT",
      `Cannot read ${key}: ${messageOf(error)}`,
      "It says which objects an unfinished backup made. Remove it when no backup is under way; nothing else was changed.",
      { cause: error },
    );
  }
}
