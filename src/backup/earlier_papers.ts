/** Which papers an earlier set tells of, so that one that is gone with all that names it is not taken for one never made. */

import { messageOf } from "../base/errors.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { findInIndex } from "../documents/find_in_index.ts";
import { readIndex } from "../documents/index.ts";
import { neverMade } from "../dolibarr/papers/lost_papers.ts";
import { readIndexBytes } from "../store/sets/index_cache.ts";
import type { BackupSet } from "../store/sets/sets.ts";
import type { Store } from "../store/store.ts";
import type { WasThere } from "./findings.ts";

/** The finding that stands for a paper which an earlier set has, and this one has not. */
const MISSING = "documents.invoices/missing";

/**
 * Of the newest set whose backup looked at invoices: the papers that it archived, and those that it missed itself. Where its
 * index cannot be read that is a warning, and what it missed counts alone.
 *
 * @param earlier newest first
 */
export async function earlierPapers(
  earlier: readonly BackupSet[],
  store: Store,
  reporter: Reporter,
): Promise<WasThere> {
  const set = earlier.find(({ manifest }) => manifest.findings?.covers.includes(MISSING));
  if (!set) return () => false;
  const { docs, findings } = set.manifest;
  const missed = new Set(
    findings?.findings.filter(({ id }) => id.startsWith("documents.invoices/") && id.endsWith("/missing"))
      .map(({ document }) => document?.path),
  );
  try {
    const bytes = await readIndexBytes(store, docs.index);
    const find = findInIndex(readIndex(bytes, docs.index.key));
    return (path) => find(path) !== undefined || missed.has(path);
  } catch (error) {
    reporter.warn(`Papers that are named no more are not looked for in ${set.name}: ${messageOf(error)}`);
    return (path) => missed.has(path);
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
