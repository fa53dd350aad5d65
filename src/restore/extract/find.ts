/** In which sets a document stands, and with which content: found in the indexes of the sets, without reading an archive. */

import { DrillError } from "../../base/errors.ts";
import { type DocumentsIndex, type IndexedFile, readIndex } from "../../documents/index.ts";
import type { StoredObject } from "../../store/records/manifest.ts";
import { readEach } from "../../store/records/stored_record.ts";
import { type AnySet, type BackupSet, isLegacy } from "../../store/sets/sets.ts";
import type { Store } from "../../store/store.ts";
import { type IndexCache, readIndexBytes } from "../../store/sets/index_cache.ts";

/** The content of a document in sets that follow each other. */
interface DocumentVersion {
  bytes: number;
  sha256: string;
  /** When the file was last modified, as the index has it. */
  modifiedAt: Date;
  /** The names of the oldest and the newest set that have this content without a break, and how many they are. */
  oldest: string;
  newest: string;
  sets: number;
}

/** A document with what it was, newest first. */
export interface FoundDocument {
  /** Below the documents folder: `facture/FA2610-0004/FA2610-0004.pdf`. */
  path: string;
  versions: DocumentVersion[];
  /** The oldest set since which it is missing; undefined where the newest set has it. */
  missingSince?: string;
}

/** What was found, and what could not be searched. */
export interface DocumentSearch {
  documents: FoundDocument[];
  /** How many sets were searched. */
  searched: number;
  /** Sets of the shell script: they have no index. */
  withoutIndex: string[];
  /** Sets whose index is damaged or missing, with the error. */
  unreadable: { set: string; error: DrillError }[];
}

/**
 * Whether a path is meant by `pattern`. With `*` (any text) or `?` (any character) the pattern must fit the whole path or
 * the file's name; any other pattern is a part of the path. Upper and lower case are the same. Pure.
 *
 * @example
 * matcherOf("fa2610-0004")("facture/FA2610-0004/FA2610-0004.pdf"); // true
 * matcherOf("*.odt")("facture/FA2610-0004/FA2610-0004.pdf"); // false
 */
export function matcherOf(pattern: string): (path: string) => boolean {
  const lower = pattern.toLowerCase();
  if (!/[*?]/.test(lower)) return (path) => path.toLowerCase().includes(lower);
  const source = lower.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll(/\*+/g, ".*").replaceAll("?", ".");
  const whole = new RegExp(`^${source}$`, "su");
  return (path) => {
    const one = path.toLowerCase();
    return whole.test(one) || whole.test(one.slice(one.lastIndexOf("/") + 1));
  };
}

/**
 * Finds the documents that `matches` means in `sets`. An index that several sets share is read once.
 *
 * @param sets in any order
 * @returns the documents by their paths
 * @throws what the store fails with; a damaged index is in `unreadable`.
 */
export async function findDocuments(
  store: Store,
  sets: readonly AnySet[],
  matches: (path: string) => boolean,
  { cache, signal }: { cache?: IndexCache; signal: AbortSignal },
): Promise<DocumentSearch> {
  const ours = sets.filter((set): set is BackupSet => !isLegacy(set)).sort((a, b) =>
    a.name < b.name ? -1 : 1
  );
  const indexes = new Map(ours.map(({ manifest: { docs } }) => [docs.index.sha256, docs.index]));
  const keys = [...indexes.keys()];
  const read = await readEach(keys, async (sha256) => {
    signal.throwIfAborted();
    return await readMatching(store, indexes.get(sha256)!, matches, cache);
  });
  const found = new Map(keys.map((key, at) => [key, read[at]!]));
  const unreadable: DocumentSearch["unreadable"] = [];
  const inSets: { set: string; files: readonly IndexedFile[] }[] = [];
  for (const { name, manifest: { docs } } of ours) {
    const files = found.get(docs.index.sha256)!;
    if (files instanceof DrillError) unreadable.push({ set: name, error: files });
    else inSets.push({ set: name, files });
  }
  return {
    documents: historiesOf(inSets),
    searched: inSets.length,
    withoutIndex: sets.filter(isLegacy).map(({ name }) => name),
    unreadable,
  };
}

/** The files of an index that are meant, or why it cannot be read. */
async function readMatching(
  store: Store,
  index: StoredObject,
  matches: (path: string) => boolean,
  cache: IndexCache | undefined,
): Promise<IndexedFile[] | DrillError> {
  try {
    const read: DocumentsIndex = readIndex(await readIndexBytes(store, index, cache), index.key);
    return read.files.filter(({ path }) => matches(path));
  } catch (error) {
    const isBad = error instanceof DrillError &&
      ["OBJECT_CORRUPT", "OBJECT_MISSING", "STORE_NEWER"].includes(error.code);
    if (!isBad) throw error;
    return error;
  }
}

/** The history of each path. @param sets oldest first */
export function historiesOf(
  sets: readonly { set: string; files: readonly IndexedFile[] }[],
): FoundDocument[] {
  const documents = new Map<string, { versions: DocumentVersion[]; lastSeen: number }>();
  sets.forEach(({ set, files }, at) => {
    for (const { path, bytes, sha256, mtimeMs } of files) {
      const known = documents.get(path) ?? { versions: [], lastSeen: -1 };
      documents.set(path, known);
      const [newest] = known.versions;
      if (newest?.sha256 === sha256 && known.lastSeen === at - 1) {
        newest.newest = set;
        newest.sets++;
      } else {
        known.versions.unshift({
          ...{ bytes, sha256, oldest: set, newest: set, sets: 1 },
          modifiedAt: new Date(mtimeMs),
        });
      }
      known.lastSeen = at;
    }
  });
  return [...documents].sort(([a], [b]) => a < b ? -1 : 1).map(([path, { versions, lastSeen }]) => ({
    path,
    versions,
    ...(lastSeen < sets.length - 1 ? { missingSince: sets[lastSeen + 1]!.set } : {}),
  }));
}
