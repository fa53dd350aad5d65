/** The shell script that this replaces: its sets, told from what is left of our own, and signs that it still runs. */

import { isTimestamp, momentOf } from "../../base/time.ts";
import type { BackupSet, LegacyObject, LegacySet } from "./sets.ts";
import type { ObjectInfo, Store } from "../store.ts";

/** A sign that is older than this tells of a script that ran once beside us, and no longer does. */
const RUNS_WITHIN_MS = 31 * 86_400_000;

const INDEX = ".index.json.gz";

/**
 * The sets of the shell script: at each moment at which it wrote a half, that half and the newest other one. `loose` are
 * the objects that nothing of ours names. What has an index beside it is none of the script's: it made none. Pure.
 */
export function legacySets(environment: string, loose: readonly LegacyObject[]): LegacySet[] {
  const halves = { db: new Map<string, LegacyObject>(), docs: new Map<string, LegacyObject>() };
  const ours = new Set(lostManifests(environment, loose));
  for (const { key, bytes } of loose) {
    const half = halfOf(environment, key);
    if (half && !ours.has(half.moment)) halves[half.half].set(half.moment, { key, bytes });
  }
  const moments = [...new Set([...halves.db.keys(), ...halves.docs.keys()])].sort();
  const newest: LegacySet["legacy"] = {};
  return moments.map((name) => {
    for (const half of ["db", "docs"] as const) {
      const object = halves[half].get(name);
      if (object) newest[half] = object;
    }
    return { name, environment, legacy: { ...newest } };
  });
}

/** Sets of ours that somebody took the manifest from: an index tells of them, which nothing of ours names. Pure. */
export function lostManifests(environment: string, loose: readonly LegacyObject[]): string[] {
  const prefix = `${environment}/docs/`;
  return loose.filter(({ key }) => key.startsWith(prefix) && key.endsWith(INDEX))
    .map(({ key }) => key.slice(prefix.length, -INDEX.length)).sort();
}

/**
 * Signs that the script still runs: what it wrote since our first set, and not long ago. Its own pruning knows nothing of
 * objects that several sets share. Pure.
 */
export function signsOfOldJob(
  environment: string,
  { loose, marks, manifested }: {
    loose: readonly ObjectInfo[];
    marks: readonly ObjectInfo[];
    manifested: readonly BackupSet[];
  },
  now: Date,
): string[] {
  const first = manifested.at(-1);
  if (!first) return [];
  const since = Math.max(momentOf(first.name)!.getTime(), now.getTime() - RUNS_WITHIN_MS);
  const ours = new Set(lostManifests(environment, loose));
  return [
    ...loose.filter(({ key }) => {
      const moment = halfOf(environment, key)?.moment;
      return moment !== undefined && !ours.has(moment) && momentOf(moment)!.getTime() > since;
    }).map(({ key }) => `${key} is newer than our first set ${first.name}, and no manifest names it`),
    ...marks.filter(({ modified }) => modified.getTime() > since)
      .map(({ key, modified }) => `${key} was written at ${modified.toISOString()}`),
  ];
}

/** The script's own notes of what it last uploaded. */
export async function listFingerprintFiles(store: Store, environment: string): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  for (const folder of ["", "db/", "docs/"]) {
    for await (const info of store.list(`${environment}/${folder}.fp-`)) found.push(info);
  }
  return found;
}

/** Which half, and of which moment, a key is of: exactly the forms that the script used, and we. */
function halfOf(environment: string, key: string): { half: "db" | "docs"; moment: string } | undefined {
  for (const [half, ending] of [["db", ".dump"], ["docs", ".tar.gz"]] as const) {
    const prefix = `${environment}/${half}/`;
    if (!key.startsWith(prefix) || !key.endsWith(ending)) continue;
    const moment = key.slice(prefix.length, -ending.length);
    if (isTimestamp(moment)) return { half, moment };
  }
  return undefined;
}
