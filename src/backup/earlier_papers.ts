/** Which papers an earlier set tells of, so that one that is gone with all that names it is not taken for one never made. */

import { messageOf } from "../base/errors.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { findInIndex } from "../documents/find_in_index.ts";
import { type DocumentsIndex, readIndex } from "../documents/index.ts";
import { neverMade } from "../dolibarr/papers/lost_papers.ts";
import { readIndexBytes } from "../store/sets/index_cache.ts";
import type { BackupSet } from "../store/sets/sets.ts";
import type { Store } from "../store/store.ts";
import type { WasThere } from "./findings.ts";

/** What a backup looked at that can tell of them. */
const LOOKED = "documents.invoices/missing";

/** What it takes to tell: whether a file lay at a path, or was missed there already; and which there were. */
export interface EarlierPapers {
  wasThere: WasThere;
  paths: readonly string[];
}

/**
 * Of the newest set whose backup looked at invoices: the documents that it archived, and those that it missed itself. Where
 * its index cannot be read that is a warning, and what it missed counts alone.
 *
 * @param earlier newest first
 */
export async function earlierPapers(
  earlier: readonly BackupSet[],
  store: Store,
  reporter: Reporter,
): Promise<EarlierPapers> {
  const set = earlier.find(({ manifest }) => manifest.findings?.covers.includes(LOOKED));
  if (!set) return { wasThere: () => false, paths: [] };
  const { docs, findings } = set.manifest;
  const missed = new Set(
    (findings?.findings ?? []).filter(({ id }) => id.startsWith("documents.") && id.endsWith("/missing"))
      .flatMap(({ document }) => document ? [document.path] : []),
  );
  try {
    const bytes = await readIndexBytes(store, docs.index);
    const index = readIndex(bytes, docs.index.key);
    const find = findInIndex(index);
    const paths = [...index.files.map(({ path }) => path), ...missed];
    return { wasThere: (path) => find(path) !== undefined || missed.has(path), paths };
  } catch (error) {
    reporter.warn(`Papers that are named no more are not looked for in ${set.name}: ${messageOf(error)}`);
    return { wasThere: (path) => missed.has(path), paths: [...missed] };
  }
}

/** Tells of the invoices of which no paper was ever made, all in one line. */
export function noteNeverMade(
  papers: readonly (readonly [ref: string, path: string | undefined])[],
  reporter: Reporter,
): void {
  const told = neverMade(papers.filter(([, path]) => path === undefined).map(([ref]) => ref));
  if (told !== undefined) reporter.note(`${told[0]!.toUpperCase()}${told.slice(1)}`);
}

/** How many papers that an earlier set has are other files now. The drill reads what these say. Pure. */
export function countChanged(
  papers: readonly (readonly [ref: string, path: string | undefined])[],
  before: DocumentsIndex,
  now: DocumentsIndex,
): number {
  const [was, is] = [findInIndex(before), findInIndex(now)];
  return papers.filter(([, path]) => {
    const [old, current] = path === undefined ? [] : [was(path), is(path)];
    return old && current && old.sha256 !== current.sha256;
  }).length;
}
