/** What must be done to a documents folder so that it is what was saved. Pure: from what lay there, what lies there, and which files were read. */

import { type CurrentEntry, isUnchanged, type ObservedFile, type SavedEntry } from "./documents.ts";

/** Clocks and file systems count in steps; a change that comes so soon after a look need not show in a file's times. */
const TICK_MS = 2000;

export interface DocumentsPlan {
  /** What is not among the saved ones, or is something else there: the deepest first. */
  remove: CurrentEntry[];
  /** What is missing, or is something else, or has other bytes: folders before what lies in them. */
  put: SavedEntry[];
  /** What has the right content, and other times, rights or owner. */
  mend: SavedEntry[];
}

/** Files whose looks do not tell whether they still have the saved bytes: they must be read. */
export const doubtful = (
  saved: readonly SavedEntry[],
  live: readonly CurrentEntry[],
  seen: ReadonlyMap<string, ObservedFile>,
): CurrentEntry[] => {
  const wanted = new Map(saved.map((entry) => [entry.path, entry]));
  return live.filter((entry) => {
    const was = wanted.get(entry.path);
    if (was?.type !== "file" || entry.type !== "file" || was.bytes !== entry.bytes) return false;
    const known = seen.get(entry.path);
    return !known || !isUnchanged(known, entry) ||
      Math.max(entry.mtimeMs, entry.ctimeMs) > known.at - TICK_MS;
  });
};

/**
 * @param hashes of the doubtful files, by path
 * @param mayOwn whether this process can give files to others: else whose they are does not count
 */
export function planDocuments(
  saved: readonly SavedEntry[],
  live: readonly CurrentEntry[],
  hashes: ReadonlyMap<string, string>,
  mayOwn: boolean,
): DocumentsPlan {
  const wanted = new Map(saved.map((entry) => [entry.path, entry]));
  const there = new Map(live.map((entry) => [entry.path, entry]));
  const plan: DocumentsPlan = {
    remove: live.filter(({ path, type }) => wanted.get(path)?.type !== type).reverse(),
    put: [],
    mend: [],
  };
  for (const entry of saved) {
    const now = there.get(entry.path);
    if (!now || !hasContent(entry, now, hashes)) plan.put.push(entry);
    else if (!hasLooks(entry, now, mayOwn)) plan.mend.push(entry);
  }
  return plan;
}

function hasContent(entry: SavedEntry, now: CurrentEntry, hashes: ReadonlyMap<string, string>): boolean {
  if (entry.type !== now.type || entry.target !== now.target) return false;
  if (entry.type !== "file") return true;
  return entry.bytes === now.bytes && (hashes.get(entry.path) ?? entry.sha256) === entry.sha256;
}

/** A folder's time changes with what comes and goes in it, also with what is excluded; a link has no rights of its own. */
function hasLooks(entry: SavedEntry, now: CurrentEntry, mayOwn: boolean): boolean {
  const owned = !mayOwn || entry.uid === now.uid && entry.gid === now.gid;
  if (entry.type === "link") return owned;
  return owned && entry.mode === now.mode && (entry.type === "directory" || entry.mtimeMs === now.mtimeMs);
}

export const isEmptyPlan = ({ remove, put, mend }: DocumentsPlan): boolean =>
  remove.length + put.length + mend.length === 0;
