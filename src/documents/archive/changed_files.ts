/**
 * Documents that may have changed between the walk, tar's reading and ours: which they are, and what the archive holds of
 * them. Two writes of the same tick have the same times, so what changed that shortly before the walk is among them.
 */

import { DrillError } from "../../base/errors.ts";
import type { Digest } from "../../base/streams.ts";
import { type DocumentsIndex, type IndexedFile, type IndexedLink, leftOutWarnings } from "../index.ts";
import type { DocumentFolders } from "../folders.ts";
import { isSameState, isYoung } from "../tree/file_state.ts";
import { leavingLinks } from "../tree/links.ts";
import type { OpenArchive } from "./compressor.ts";
import { hashEntry, readEntries } from "./entries.ts";
import { DEFAULT_EXCLUDES, readEntry, type TreeEntry } from "../tree/walk.ts";
import type { Gone } from "../hash/file.ts";
import type { TarMember } from "./tar_lines.ts";
import type { TarAccount } from "./tar_process.ts";

/** What the archive holds under a path. */
export type Archived = ({ type: "file" } & Digest) | { type: "link"; target: string } | { type: "other" };

/**
 * The paths of which the archive itself must be asked. Everything else was, from the walk to after the last reading, as
 * the walk saw it, and tar's header says the same.
 *
 * @param hashes by path, of the files
 * @param walkedMs when the walk began
 * @throws DrillError `TOOL_FAILED` where tar packed what was not asked for.
 */
export function findMoved(
  entries: readonly TreeEntry[],
  hashes: ReadonlyMap<string, Digest | Gone>,
  { members, moved }: TarAccount,
  diskPath: (path: string) => string,
  walkedMs: number,
): Set<string> {
  const packed = new Map(members.map((member) => [member.path, member]));
  refuseStrangers(entries, members, packed);
  return new Set(
    entries.filter((entry) => {
      const { path, type } = entry;
      if (moved.has(path) || !agrees(entry, packed.get(path))) return true;
      if (type === "directory") return false; // nothing of a folder but its being there is in the index
      const hash = hashes.get(path);
      if (type === "file" && (hash === undefined || hash === "gone" || hash.bytes !== entry.bytes)) {
        return true;
      }
      return isYoung(entry, walkedMs) || !isSame(readEntry(diskPath(path), path), entry);
    }).map(({ path }) => path),
  );
}

/** An archive with an entry that was not asked for, or with one twice, has no index: a restore would refuse it. */
function refuseStrangers(
  entries: readonly TreeEntry[],
  members: readonly TarMember[],
  packed: ReadonlyMap<string, TarMember>,
): void {
  const asked = new Set(entries.map(({ path }) => path));
  const stranger = members.find((member) => !asked.has(member.path) || packed.get(member.path) !== member);
  if (!stranger) return;
  throw new DrillError(
    "TOOL_FAILED",
    `Cannot index the documents: tar packed ${JSON.stringify(stranger.path)}, which was not asked for`,
    "Is it GNU tar? Run tar --version.",
  );
}

const agrees = (entry: TreeEntry, member: TarMember | undefined): boolean =>
  member?.type === entry.type && member.bytes === entry.bytes && member.target === entry.target;

const isSame = (now: TreeEntry | undefined, before: TreeEntry): boolean =>
  now !== undefined && now.type === before.type && now.target === before.target && isSameState(now, before);

/** Reads `archive` to its end. @returns what it holds of `paths`; what it does not hold is not among them. */
export async function readArchived(
  archive: OpenArchive,
  paths: ReadonlySet<string>,
): Promise<Map<string, Archived>> {
  const found = new Map<string, Archived>();
  await readEntries(archive, async (entry, path) => {
    const { type, linkname } = entry.header;
    if (type === "file" && paths.has(path)) {
      found.set(path, { type, ...await hashEntry(entry) });
      return;
    }
    if (paths.has(path)) {
      found.set(path, type === "symlink" ? { type: "link", target: linkname ?? "" } : { type: "other" });
    }
    entry.resume();
  });
  return found;
}

/**
 * The index of the archive: of what moved as `archived` has it, of all else as it was seen and read. Pure.
 * @param leftOut the links that were not packed
 * @throws DrillError `DOCUMENTS_UNREADABLE` where the archive came to hold a link that no restore takes.
 */
export function indexOf(
  entries: readonly TreeEntry[],
  hashes: ReadonlyMap<string, Digest | Gone>,
  moved: ReadonlySet<string>,
  archived: ReadonlyMap<string, Archived>,
  { excludes = DEFAULT_EXCLUDES, kept, moreFolders = {} }: DocumentFolders,
  leftOut: readonly IndexedLink[] = [],
): { index: DocumentsIndex; warnings: string[] } {
  const index: DocumentsIndex = {
    excludes: [...excludes],
    ...(kept ? { keepsNamed: true } : {}),
    files: [],
    links: [],
  };
  if (Object.keys(moreFolders).length > 0) index.roots = { ...moreFolders };
  if (leftOut.length > 0) index.leftOut = [...leftOut];
  const warnings = leftOutWarnings(index);
  for (const entry of entries) {
    const { path } = entry;
    const content = moved.has(path) ? archived.get(path) : asSeen(entry, hashes.get(path));
    if (content?.type === "file") {
      const file = indexed(entry, content, hashes.get(path));
      index.files.push(file);
      if (file.changed) warnings.push(`${path} changed while it was read`);
    } else if (content?.type === "link") {
      index.links.push({ path, target: content.target });
    } else if (!content || entry.type !== "directory") {
      warnings.push(`${path} vanished while the documents were read: it is not in the archive`);
    }
  }
  const [leaving] = leavingLinks(index.links, Object.keys(moreFolders));
  if (leaving !== undefined) throw becameLeaving(leaving, index.links);
  return { index, warnings };
}

const becameLeaving = (path: string, links: readonly IndexedLink[]) =>
  new DrillError(
    "DOCUMENTS_UNREADABLE",
    `Cannot back up ${path}: while it was read it became a link out of the documents, to ${
      links.find((link) => link.path === path)?.target
    }`,
    "A restore would refuse the archive, so no set was made of it. Run it again: then the link is left out.",
  );

function asSeen({ type, target }: TreeEntry, hash: Digest | Gone | undefined): Archived {
  if (type === "file" && hash !== undefined && hash !== "gone") return { type, ...hash };
  return type === "link" ? { type, target: target ?? "" } : { type: "other" };
}

/** Its times are those from before any reading, so that what was changed later is seen the next time. */
function indexed(
  { path, mtimeMs, ctimeMs }: TreeEntry,
  { bytes, sha256 }: Digest,
  hash: Digest | Gone | undefined,
): IndexedFile {
  const changed = hash === undefined || hash === "gone" || hash.bytes !== bytes || hash.sha256 !== sha256;
  return { path, bytes, mtimeMs, ctimeMs, sha256, ...(changed ? { changed } : {}) };
}
