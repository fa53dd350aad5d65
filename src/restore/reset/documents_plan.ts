/** What must be done to a documents folder so that it is what was saved. Pure: from what lay there, what lies there, and which files were read. */

import { mayDiffer } from "../../documents/tree/file_state.ts";
import type { TreeEntry } from "../../documents/tree/walk.ts";
import type { ObservedFile, SavedEntry } from "../checkpoint/documents.ts";

export interface DocumentsPlan {
  /** What is not among the saved ones, or is something else there: the deepest first. */
  remove: TreeEntry[];
  /** What is missing, or is something else, or has other bytes: folders before what lies in them. */
  put: SavedEntry[];
  /** What has the right content, and other times, rights or owner. */
  mend: SavedEntry[];
}

/** The files that may have other bytes than the saved ones, as far as their states tell: they must be read. */
export const doubtful = (
  saved: readonly SavedEntry[],
  current: readonly TreeEntry[],
  seen: ReadonlyMap<string, ObservedFile>,
): TreeEntry[] => {
  const wanted = new Map(saved.map((entry) => [entry.path, entry]));
  return current.filter((entry) => {
    const was = wanted.get(entry.path);
    if (was?.type !== "file" || entry.type !== "file" || was.bytes !== entry.bytes) return false;
    const known = seen.get(entry.path);
    return !known || mayDiffer(entry, known, known.at);
  });
};

/**
 * @param hashes of the doubtful files, by path
 * @param mayOwn whether this process can give files to others: else whose they are does not count
 */
export function planDocuments(
  saved: readonly SavedEntry[],
  current: readonly TreeEntry[],
  hashes: ReadonlyMap<string, string>,
  mayOwn: boolean,
): DocumentsPlan {
  const wanted = new Map(saved.map((entry) => [entry.path, entry]));
  const there = new Map(current.map((entry) => [entry.path, entry]));
  const plan: DocumentsPlan = {
    remove: current.filter(({ path, type }) => wanted.get(path)?.type !== type).reverse(),
    put: [],
    mend: [],
  };
  for (const entry of saved) {
    const now = there.get(entry.path);
    if (!now || !hasContent(entry, now, hashes)) plan.put.push(entry);
    else if (!hasAttributes(entry, now, mayOwn)) plan.mend.push(entry);
  }
  return plan;
}

function hasContent(entry: SavedEntry, now: TreeEntry, hashes: ReadonlyMap<string, string>): boolean {
  if (entry.type !== now.type || entry.target !== now.target) return false;
  if (entry.type !== "file") return true;
  return entry.bytes === now.bytes && (hashes.get(entry.path) ?? entry.sha256) === entry.sha256;
}

/** A folder's time changes with what comes and goes in it, also with what is excluded; a link has no rights of its own. */
function hasAttributes(entry: SavedEntry, now: TreeEntry, mayOwn: boolean): boolean {
  const owned = !mayOwn || entry.uid === now.uid && entry.gid === now.gid;
  if (entry.type === "link") return owned;
  return owned && entry.mode === now.mode && (entry.type === "directory" || entry.mtimeMs === now.mtimeMs);
}

export const isEmptyPlan = ({ remove, put, mend }: DocumentsPlan): boolean =>
  remove.length + put.length + mend.length === 0;
