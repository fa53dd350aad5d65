/** In which sets a document stands, and with which content: found in the indexes of the sets, without reading an archive. */

import { DrillError } from "../../base/errors.ts";
import type { Bytes } from "../../base/streams.ts";
import { type IndexedFile, indexText } from "../../documents/index.ts";
import { startGunzip } from "../../documents/gunzip/gunzip.ts";
import type { StoredObject } from "../../store/records/manifest.ts";
import { readEach } from "../../store/records/stored_record.ts";
import { type IndexCache, readIndexBytes } from "../../store/sets/index_cache.ts";
import { isLegacy, type LegacySet } from "../../store/sets/sets.ts";
import type { Store } from "../../store/store.ts";
import { type Catalogue, newCatalogue, readCatalogue } from "./catalogue.ts";
import { recall, remember, type Remembered } from "./search_cache.ts";
import type { IndexedSet } from "./searched_sets.ts";

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
 * the file's name; any other pattern is a part of the path. Upper and lower case are the same, and so are the two ways in
 * which Unicode writes an `é`: macOS names files by the other one. Pure.
 *
 * @example
 * matcherOf("fa2610-0004")("facture/FA2610-0004/FA2610-0004.pdf"); // true
 * matcherOf("*.odt")("facture/FA2610-0004/FA2610-0004.pdf"); // false
 */
export function matcherOf(pattern: string): (path: string) => boolean {
  const plain = (text: string) => text.normalize("NFC").toLowerCase();
  const lower = plain(pattern);
  if (!/[*?]/.test(lower)) return (path) => plain(path).includes(lower);
  const source = lower.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll(/\*+/g, ".*").replaceAll("?", ".");
  const whole = new RegExp(`^${source}$`, "su");
  return (path) => {
    const one = plain(path);
    return whole.test(one) || whole.test(one.slice(one.lastIndexOf("/") + 1));
  };
}

/**
 * Finds the documents that `matches` means in `sets` of one environment. An index that several sets share is read once.
 *
 * @param sets in any order
 * @returns the documents by their paths
 * @throws what the store fails with; a damaged index is in `unreadable`.
 */
export async function findDocuments(
  store: Store,
  sets: readonly (IndexedSet | LegacySet)[],
  matches: (path: string) => boolean,
  { cache, signal }: { cache?: IndexCache; signal: AbortSignal },
): Promise<DocumentSearch> {
  const ours = sets.filter((set): set is IndexedSet => !isLegacy(set))
    .sort((a, b) => a.name < b.name ? -1 : 1);
  const [first] = ours;
  const place: Remembered | undefined = cache && first &&
    { cache, store, environment: first.environment, form: "documents-1" };
  const known = place && await recall(place);
  const catalogue = known === undefined ? newCatalogue() : readCatalogue(known);
  const bad = await addIndexes(store, catalogue, ours.map(({ manifest }) => manifest.docs.index), signal);

  const found = catalogue.find(matches);
  const unreadable: DocumentSearch["unreadable"] = [];
  const inSets: { set: string; files: readonly IndexedFile[] }[] = [];
  for (const { name, manifest: { docs: { index } } } of ours) {
    const error = bad.get(index.sha256);
    if (error) unreadable.push({ set: name, error });
    else inSets.push({ set: name, files: found.get(index.sha256) ?? [] });
  }
  const text = catalogue.changed && place
    ? catalogue.text(new Set(ours.map(({ manifest }) => manifest.docs.index.sha256)))
    : undefined;
  if (text !== undefined && place) await remember(place, text);
  return {
    documents: historiesOf(inSets),
    searched: inSets.length,
    withoutIndex: sets.filter(isLegacy).map(({ name }) => name),
    unreadable,
  };
}

/** Of fewer indexes a thread takes longer to start than it saves. */
const WORTH_A_THREAD = 30;

/**
 * Adds what `catalogue` does not have, in their order: many are read at a time, one after the other is taken apart.
 * @returns why some cannot be read, by their hashes
 */
async function addIndexes(
  store: Store,
  catalogue: Catalogue,
  indexes: readonly StoredObject[],
  signal: AbortSignal,
): Promise<Map<string, DrillError>> {
  const wanted = new Map(indexes.map((index) => [index.sha256, index]));
  const fresh = [...wanted.values()].filter(({ sha256 }) => !catalogue.has(sha256));
  const bad = new Map<string, DrillError>();
  using thread = fresh.length < WORTH_A_THREAD ? undefined : startGunzip(signal);
  const textOf = async (bytes: Bytes, key: string): Promise<string> => {
    const json = await thread?.ask(bytes);
    return json ? new TextDecoder().decode(json) : indexText(bytes, key); // which says what is wrong with it
  };
  let turn: Promise<unknown> = Promise.resolve();
  await readEach(fresh, async (index) => {
    signal.throwIfAborted();
    const before = turn;
    const own = Promise.withResolvers<void>();
    turn = own.promise;
    try {
      const text = await textOf(await readIndexBytes(store, index), index.key);
      await before;
      catalogue.add(index.sha256, text, index.key);
    } catch (error) {
      const isBad = error instanceof DrillError &&
        ["OBJECT_CORRUPT", "OBJECT_MISSING", "STORE_NEWER"].includes(error.code);
      if (!isBad) throw error;
      bad.set(index.sha256, error);
    } finally {
      own.resolve();
    }
  });
  return bad;
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
