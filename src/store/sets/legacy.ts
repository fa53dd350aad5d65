/** The shell script that this replaces: its sets, and signs that it still runs. */

import { momentOf } from "../../base/time.ts";
import { parseKey } from "../keys.ts";
import type { ObjectInfo, Store } from "../store.ts";
import type { BackupSet, LegacyObject, LegacySet } from "./sets.ts";

/** An older sign is of a script that once ran beside us, and no longer does. */
const RUNS_WITHIN_MS = 31 * 86_400_000;

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

/** Sets of ours whose manifest is gone: an index that nothing of ours names shows them, for the script made none. Pure. */
export const lostManifests = (environment: string, loose: readonly LegacyObject[]): string[] =>
  loose.flatMap(({ key }) => {
    const parsed = parseKey(environment, key);
    return parsed?.parts[0] === "index.json.gz" ? [parsed.name] : [];
  }).sort();

/**
 * Signs that the script still runs: what it wrote since our first set, and not long ago. Its own pruning does not know
 * that several sets share an object. Pure.
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
  const { folder, name: moment = "", parts: [ending] = [] } = parseKey(environment, key) ?? {};
  if (folder === "db") return { half: "db", moment };
  return folder === "docs" && ending === "tar.gz" ? { half: "docs", moment } : undefined;
}
