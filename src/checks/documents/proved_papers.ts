/** Which papers are other files than those that an earlier drill read and found right. */

import { DrillError, messageOf } from "../../base/errors.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { type Bytes, readSmall, sha256Of } from "../../base/streams.ts";
import { momentOf } from "../../base/time.ts";
import { openArchive } from "../../documents/archive/compressor.ts";
import { readEntries } from "../../documents/archive/entries.ts";
import { findInIndex } from "../../documents/find_in_index.ts";
import { type DocumentsIndex, readIndex } from "../../documents/index.ts";
import type { StoredDrill } from "../../store/records/drill_schema.ts";
import { readIndexBytes } from "../../store/sets/index_cache.ts";
import { type AnySet, type BackupSet, isLegacy } from "../../store/sets/sets.ts";
import type { Inventory } from "../../store/sets/inventory.ts";
import { earlierDrills } from "../findings/earlier_drills.ts";
import type { Store } from "../../store/store.ts";

/** An earlier set whose papers were found right. */
export interface ProvedPapers {
  /** `prod/20261102T030000Z` */
  set: string;
  /** Its index; in words why it cannot be read. */
  read(): Promise<DocumentsIndex | string>;
  /** Those of the documents at these paths that it has, each with the bytes of its index; in words why they cannot be read. */
  documents(paths: readonly string[], signal: AbortSignal): Promise<Map<string, Bytes> | string>;
}

/** So many drills back such a set is looked for. */
const DRILLS_BACK = 60;
/** The check that reads them. */
export const PAPERS_CHECK = "documents.invoice_texts";

/** The newest set before `set` whose papers a drill found right. What the store fails with is a warning. */
export async function readProvedPapers(
  set: AnySet,
  { sets }: Inventory,
  store: Store,
  { reporter, signal }: { reporter: Reporter; signal: AbortSignal },
): Promise<ProvedPapers | undefined> {
  try {
    const unreadable = () => {}; // whoever reads the histories of findings tells of it
    const drills = await (await earlierDrills(store, set.environment, unreadable)).newest(DRILLS_BACK);
    return provedPapersBefore(set, sets, drills, store);
  } catch (error) {
    signal.throwIfAborted();
    reporter.warn(`PDFs that changed are not looked for: ${messageOf(error)}`);
    return undefined;
  }
}

/**
 * The newest set before `set` of which a drill found the texts of its papers right. While the check fails the set before that counts, so
 * that what was exchanged is read in every drill until it is right again.
 *
 * @param drills newest first.
 */
export function provedPapersBefore(
  set: AnySet,
  sets: readonly AnySet[],
  drills: readonly StoredDrill[],
  store: Store,
): ProvedPapers | undefined {
  const proved = new Set(
    drills.filter(({ checks }) => checks.some(({ id, verdict }) => id === PAPERS_CHECK && verdict === "pass"))
      .map((drill) => drill.set?.name),
  );
  const before = sets.filter((one): one is BackupSet => !isLegacy(one) && one.name < set.name)
    .toSorted((a, b) => a.name < b.name ? 1 : -1)
    .find(({ environment, name }) => proved.has(`${environment}/${name}`));
  if (!before) return undefined;
  const { index, objects: [archive] } = before.manifest.docs;
  const name = `${before.environment}/${before.name}`;
  const inWords = async <T>(what: string, read: () => Promise<T>): Promise<T | string> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof DrillError)) throw error;
      return `the ${what} of ${name} cannot be read: ${messageOf(error)}`;
    }
  };
  const readWhole = async () => readIndex(await readIndexBytes(store, index), index.key);
  return {
    set: name,
    read: () => inWords("index", readWhole),
    documents: (paths, signal) =>
      inWords("archive", async () => {
        const find = findInIndex(await readWhole());
        const wanted = new Map(paths.flatMap((path) => {
          const file = find(path);
          return file ? [[file.path, { path, sha256: file.sha256 }] as const] : [];
        }));
        return archive ? await readDocuments(store, archive.key, wanted, signal) : new Map();
      }),
  };
}

/** Reads the archive until each of `wanted`, by its path there, was read. What is not as its index says is left out. */
async function readDocuments(
  store: Store,
  key: string,
  wanted: ReadonlyMap<string, { path: string; sha256: string }>,
  signal: AbortSignal,
): Promise<Map<string, Bytes>> {
  const found = new Map<string, Bytes>();
  let left = wanted.size;
  if (left === 0) return found;
  try {
    await readEntries(openArchive(key, store.get(key), signal), async (entry, path) => {
      const one = wanted.get(path);
      if (!one || entry.header.type !== "file") return entry.resume();
      const bytes = await readSmall(entry as AsyncIterable<Bytes>, LARGEST);
      if (sha256Of(bytes) === one.sha256) found.set(one.path, bytes);
      if (--left === 0) throw new EnoughRead();
    });
  } catch (error) {
    if (!(error instanceof EnoughRead)) throw error;
  }
  return found;
}

/** No PDF of an invoice has more bytes. */
const LARGEST = 64 * 1024 ** 2;

/** Ends the reading of an archive whose rest nobody asked for. */
class EnoughRead extends Error {}

/**
 * Whether the file at a path is another one than `before` has. What was written while that set was taken counts as another
 * one: its drill did not read it.
 */
export function changedSince(
  before: DocumentsIndex,
  set: string,
  now: DocumentsIndex,
): (path: string) => boolean {
  const [was, is] = [findInIndex(before), findInIndex(now)];
  const began = momentOf(set.slice(set.indexOf("/") + 1))?.getTime() ?? Infinity;
  return (path) => {
    const [old, current] = [was(path), is(path)];
    return old?.sha256 !== current?.sha256 || old !== undefined && old.mtimeMs >= began;
  };
}
