/** Whether the documents are still what an index says, found out by reading as little as possible. */

import { createHash } from "node:crypto";
import { takingTurns } from "../../base/time.ts";
import { formatCount, formatNumber } from "../../base/numbers.ts";
import { type DocumentFolders, OpenFolders } from "../folders.ts";
import { hashFile } from "../hash/file.ts";
import type { DocumentsIndex, IndexedFile } from "../index.ts";
import { leavingLinks, linksOf } from "../tree/links.ts";
import { mayDiffer } from "../tree/file_state.ts";
import { Reach } from "../tree/reach.ts";
import type { OddEntry } from "../tree/odd_entries.ts";
import { DEFAULT_EXCLUDES, type TreeEntry } from "../tree/walk.ts";

interface Scanned {
  unchanged: boolean;
  /** A sentence about the first difference, or about what was compared. */
  why: string;
  /** How many files were read. */
  read: number;
}

/**
 * Compares the tree of `source` with the index of an earlier archive of it: excludes and further folders, paths, types, sizes
 * and where links lead, also of those that were left out; and the bytes of those files whose times are others, that were `changed` while they were packed, or
 * that changed so shortly before `takenAt` (or later) that another change need not show in their times. `paranoid` reads all.
 *
 * Not a change: a file touched or copied over itself, another mode or owner (neither is in the index, and a change of either
 * alone loses nothing that a restore would not set anyway), a folder with nothing in it that came or went (folders are in
 * the archive, and not in the index).
 *
 * @param previous `takenAt`: a moment before that archive's walk
 * @throws DrillError `DOCUMENTS_UNREADABLE`, `CONFIG_INVALID` as when it is packed.
 */
export async function unchangedSince(
  source: DocumentFolders,
  previous: { index: DocumentsIndex; takenAt: Date },
  { paranoid = false, signal }: { paranoid?: boolean; signal: AbortSignal },
): Promise<Scanned> {
  const { index, takenAt } = previous;
  using folders = new OpenFolders(source);
  const odd: OddEntry[] = [];
  const found = folders.walk((entry) => odd.push(entry));
  const further = Object.keys(source.moreFolders ?? {});
  const difference = settingsDiffer(source, index) ?? namesDiffer(found, index, further) ??
    oddDiffer(odd, index);
  if (difference !== undefined) return { unchanged: false, why: difference, read: 0 };

  const before = new Map(index.files.map((file) => [file.path, file]));
  const doubtful = found.filter((entry) =>
    entry.type === "file" && (paranoid || isDoubtful(entry, before.get(entry.path)!, takenAt.getTime()))
  );
  using reaches = new DisposableStack();
  const reachOf = folders.roots.map((root) => reaches.use(new Reach(root)));
  const turn = takingTurns(signal);
  let read = 0;
  for (const { path } of doubtful) {
    await turn();
    read++;
    const at = folders.locate(path);
    const now = hashFile(reachOf[at.root]!, at.path);
    if (now === "gone") return { unchanged: false, why: `${path} is gone`, read };
    if (now.sha256 !== before.get(path)!.sha256) {
      return { unchanged: false, why: `${path} has other bytes`, read };
    }
  }
  return {
    unchanged: true,
    why: `${formatCount(index.files.length, "file")} are as before, ${read} of them read`,
    read,
  };
}

/**
 * What the content of an archive is: equal for two archives whose files and links have the same paths, sizes and bytes and
 * whose further folders have the same names. Times and excludes have no part in it.
 */
export function fingerprintOfIndex(index: DocumentsIndex): { algorithm: string; value: string } {
  const lines = [
    ...index.files.map(({ path, bytes, sha256 }) => JSON.stringify(["file", path, bytes, sha256])),
    ...index.links.map(({ path, target }) => JSON.stringify(["link", path, target])),
    ...Object.keys(index.roots ?? {}).map((name) => JSON.stringify(["root", name])),
  ].sort();
  const hash = createHash("sha256");
  for (const line of lines) hash.update(`${line}\n`);
  return { algorithm: FINGERPRINT, value: hash.digest("hex") };
}

/** Says what the value was made of: another way to make it needs another name. */
const FINGERPRINT = "sha256 of sorted paths, sizes, sha256, links, roots; 1";

function settingsDiffer(
  { moreFolders = {}, excludes = DEFAULT_EXCLUDES, kept }: DocumentFolders,
  index: DocumentsIndex,
): string | undefined {
  const sorted = (values: readonly string[]) => JSON.stringify(values.toSorted());
  const pairs = (roots: Readonly<Record<string, string>>) =>
    sorted(Object.entries(roots).map((pair) => JSON.stringify(pair)));
  if (sorted(excludes) !== sorted(index.excludes)) return "the excludes are others";
  if (kept && !index.keepsNamed) return "what rows name is taken now, whatever the excludes say";
  if (pairs(moreFolders) !== pairs(index.roots ?? {})) return "the further folders are others";
  return undefined;
}

/** The first path that came, went, became another thing, has another size or leads elsewhere. */
function namesDiffer(
  found: readonly TreeEntry[],
  index: DocumentsIndex,
  further: readonly string[],
): string | undefined {
  const files = new Map(index.files.map(({ path, bytes }) => [path, bytes]));
  const links = new Map(index.links.map(({ path, target }) => [path, target]));
  const leftOut = new Map(index.leftOut?.map(({ path, target }) => [path, target]));
  const leaving = leavingLinks(linksOf(found), further);
  for (const entry of found) {
    const { path, type, bytes, target } = entry;
    if (type === "directory") continue;
    const known = type === "file" ? files : leaving.has(path) ? leftOut : links;
    const was = known.get(path);
    if (was === undefined) return `${path} is new`;
    if (type === "file" && was !== bytes) {
      return `${path} has ${formatCount(bytes, "byte")}, it had ${formatNumber(Number(was))}`;
    }
    if (type === "link" && was !== target) return `the link ${path} leads elsewhere`;
    known.delete(path);
  }
  const [gone] = [...files.keys(), ...links.keys(), ...leftOut.keys()];
  return gone === undefined ? undefined : `${gone} is gone`;
}

function oddDiffer(found: readonly OddEntry[], { odd = [] }: DocumentsIndex): string | undefined {
  const asText = ({ path, is }: Pick<OddEntry, "path" | "is">) => JSON.stringify([path, is]);
  const [now, before] = [new Set(found.map(asText)), new Set(odd.map(asText))];
  const came = found.find((one) => !before.has(asText(one)));
  if (came) return `${came.path} is new`;
  const gone = odd.find((one) => !now.has(asText(one)));
  return gone && `${gone.path} is gone`;
}

const isDoubtful = (now: TreeEntry, before: IndexedFile, takenMs: number): boolean =>
  before.changed === true || mayDiffer(now, before, takenMs);
