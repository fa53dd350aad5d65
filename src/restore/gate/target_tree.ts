/** Looks at every file of a target's documents once, beside what backups and restores recorded. */

import { DrillError } from "../../base/errors.ts";
import { readSmall } from "../../base/streams.ts";
import { momentOf } from "../../base/time.ts";
import { readIndex } from "../../documents/index.ts";
import { listFiles } from "../../documents/tree/listing.ts";
import { isReplaced } from "../../documents/tree/names.ts";
import { readRestoreIdIfAllowed } from "../../dolibarr/sandbox/restore_id.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import type { Session } from "../../postgres/connection/session.ts";
import { readTrees, type TreeRecord } from "../../store/records/trees.ts";
import { readSets } from "../../store/sets/sets.ts";
import type { Store } from "../../store/store.ts";
import { isNewerThan, type Matcher, matcherOf, matcherOfIndex, whyForeign } from "./documents_tree.ts";
import type { ProtectedFacts } from "./judge.ts";

export interface TargetTree {
  /** The documents first, then the further folders. */
  folders: readonly TargetFolder[];
  /** When our last restore filled them. */
  filledAt: string | undefined;
  /** Of each protected environment by its name, what of its recorded files is in them. */
  trees: ReadonlyMap<string, NonNullable<ProtectedFacts["tree"]>>;
}

export interface TargetFolder {
  /** As it is configured, and for a sentence: `the documents`. */
  folder: string;
  what: string;
  /** How many files a restore would replace. */
  files: number;
  /** How many of them came or changed since our last restore. */
  newer: number;
  /** Why nothing says that they are an earlier restore's; undefined where they may be replaced. */
  foreign: string | undefined;
}

/**
 * Reads the records of the target and of the protected environments, then lists the target's files.
 * @throws DrillError `DOCUMENTS_UNREADABLE` where not all of them can be looked at; `STORE_NEWER`
 */
export async function readTargetTree(
  { name, documents, moreFolders = {} }: OpenEnvironment,
  others: readonly Pick<ProtectedFacts, "name" | "documents">[],
  session: Session,
  store: Store,
): Promise<TargetTree> {
  const own = await readTrees(store, name, passOverDamaged);
  const recorded = await Promise.all(others.map((other) => recordedTree(other, store)));
  const known = recorded.filter((one) => one !== undefined);
  const id = await readRestoreIdIfAllowed(session.ask);
  const restoredOtherwise = id !== undefined && own.every(({ restore }) => restore !== id);
  const seen = known.map(({ matcher }) => matcher);
  const folders = [
    // a version that wrote no records restored the documents alone
    await lookInto({ folder: documents, what: "the documents" }, own, { restoredOtherwise, seen }),
  ];
  for (const folder of Object.values(moreFolders)) {
    const about = { restoredOtherwise: false, seen };
    folders.push(await lookInto({ folder, what: `the folder ${folder}` }, own, about));
  }
  return {
    folders,
    filledAt: own[0]?.at,
    trees: new Map(
      known.map(({ name, at, byPath, matcher }) => [name, { at, byPath, match: matcher.match() }]),
    ),
  };
}

/** @param about `seen`: who else looks at each file */
async function lookInto(
  place: Pick<TargetFolder, "folder" | "what">,
  own: readonly TreeRecord[],
  { restoredOtherwise, seen }: { restoredOtherwise: boolean; seen: readonly Matcher[] },
): Promise<TargetFolder> {
  const filled = own.map((record) => ({ at: record.at, matcher: matcherOf(record) }));
  const matchers = [...filled.map(({ matcher }) => matcher), ...seen];
  const last = own[0] && momentOf(own[0].at);
  let [files, newer] = [0, 0];
  for await (const file of listFiles(place.folder)) {
    for (const matcher of matchers) matcher.see(file);
    if (isReplaced(file.path)) files++;
    if (last && isNewerThan(file, last)) newer++;
  }
  const records = filled.map(({ at, matcher }) => ({ at, match: matcher.match() }));
  return { ...place, files, newer, foreign: whyForeign({ files, records, restoredOtherwise }) };
}

/**
 * What the newest record of a protected environment has; where there is none and its own folder cannot be looked at, what the
 * index of its newest set has: that is larger, and says less.
 */
async function recordedTree(
  { name, documents }: Pick<ProtectedFacts, "name" | "documents">,
  store: Store,
): Promise<{ name: string; at: string; byPath: boolean; matcher: Matcher } | undefined> {
  const [newest] = await readTrees(store, name, passOverDamaged);
  if (newest) return { name, at: newest.at, byPath: false, matcher: matcherOf(newest) };
  if (documents && !documents.isEmpty) return undefined;
  const [set] = await readSets(store, name, passOverDamaged);
  if (!set) return undefined;
  const { key } = set.manifest.docs.index;
  try {
    const index = readIndex(await readSmall(store.get(key)), key);
    return { name, at: set.name, byPath: true, matcher: matcherOfIndex(index) };
  } catch (error) {
    if (error instanceof DrillError && ["OBJECT_CORRUPT", "OBJECT_MISSING"].includes(error.code)) {
      return undefined;
    }
    throw error;
  }
}

/** The one before it counts. */
function passOverDamaged({ error }: { error: DrillError }): void {
  if (error.code === "STORE_NEWER") throw error;
}
