/** The documents as they are now, copied beside: each content once, under its SHA-256, and a list of what lay where. */

import { mkdirSync, renameSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { writeError, type WriteHints } from "../../base/files.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { formatCount } from "../../base/numbers.ts";
import { takingTurns } from "../../base/time.ts";
import { copyFiles } from "../../documents/copy/files.ts";
import { type Attributes, type FileState, MOST_READINGS } from "../../documents/tree/file_state.ts";
import { Folder } from "../../documents/tree/folder.ts";
import { oddity } from "../../documents/index.ts";
import type { OddEntry } from "../../documents/tree/odd_entries.ts";
import { DEFAULT_EXCLUDES, openTree, type TreeEntry, walkTree } from "../../documents/tree/walk.ts";

/** What lay at a path. */
export interface SavedEntry extends Attributes {
  path: string;
  type: TreeEntry["type"];
  mtimeMs: number;
  /** Of a file. */
  bytes?: number;
  sha256?: string;
  /** Of a link: where to, as it is written. */
  target?: string;
}

/** A file that had the saved bytes when its state was this. */
export type ObservedFile = FileState & {
  /** When that was, in ms. */
  at: number;
};

export interface SavedDocuments {
  excludes: string[];
  entries: SavedEntry[];
}

/**
 * Copies the documents in `root` into the folder `into`, which must exist; with a file system that can, without copying a byte.
 * @returns what lay where, and the state of each file.
 * @throws DrillError `DOCUMENTS_UNREADABLE`, `DISK_FULL`, `DOCUMENTS_NOT_WRITABLE`, `DOCUMENTS_DIFFER`
 */
export async function saveDocuments(
  root: string,
  into: string,
  { excludes = DEFAULT_EXCLUDES, reporter, signal }: {
    excludes?: readonly string[];
    reporter: Reporter;
    signal: AbortSignal;
  },
): Promise<{ saved: SavedDocuments; seen: Map<string, ObservedFile> }> {
  using documents = openTree(root);
  const odd: OddEntry[] = [];
  const found = walkTree(documents, excludes, "", undefined, (entry) => odd.push(entry));
  for (const entry of odd) {
    reporter.warn(`${entry.path} ${oddity(entry)}: a checkpoint leaves it out, and a reset where it is`);
  }
  const files = found.filter(({ type }) => type === "file");
  using step = reporter.step(`Copying the documents in ${root}`, "bytes");
  const copies = join(into, "copying");
  saving(into, () => mkdirSync(copies, { mode: 0o700 }));
  const copyOf = new Map(files.map(({ path }, at) => [path, join(copies, String(at))]));
  using target = Folder.open(copies);
  const copied = await copyFiles(
    files.map(({ path, bytes }, at) => ({
      ...{ path, bytes, from: { root: 0, path } },
      to: { root: 0, path: String(at) },
    })),
    {
      sources: [documents],
      targets: [{ folder: target }],
      shares: true,
      hints: HINTS,
      signal,
      onProgress: step.progress,
    },
  );
  const copiedAt = new Map(files.map(({ path }, at) => [path, copied[at]!]));

  const [entries, seen] = [[] as SavedEntry[], new Map<string, ObservedFile>()];
  const turn = takingTurns(signal);
  for (const entry of found) {
    await turn();
    const { path, type } = entry;
    if (type !== "file") {
      entries.push(savedEntry(entry));
      continue;
    }
    const copy = copiedAt.get(path)!;
    if (copy === "gone") continue;
    if (copy.changed) throw keepsChanging(join(root, path));
    saving(into, () => placeContent(copyOf.get(path)!, into, copy.sha256));
    entries.push({ ...savedEntry({ path, type, ...copy.state }), bytes: copy.bytes, sha256: copy.sha256 });
    seen.set(path, observedFile(copy.state, copy.at));
  }
  saving(into, () => rmdirSync(copies));
  step.end(formatCount(seen.size, "file"));
  return { saved: { excludes: [...excludes], entries }, seen };
}

const savedEntry = ({ path, type, mode, uid, gid, mtimeMs, target }: TreeEntry): SavedEntry => ({
  ...{ path, type, mode, uid, gid, mtimeMs },
  ...(target === undefined ? {} : { target }),
});

export const observedFile = ({ bytes, mtimeMs, ctimeMs, inode }: FileState, at: number): ObservedFile => ({
  ...{ bytes, mtimeMs, ctimeMs, inode, at },
});

export const contentFile = (folder: string, sha256: string): string =>
  join(folder, sha256.slice(0, 2), sha256);

function placeContent(copy: string, into: string, sha256: string): void {
  const file = contentFile(into, sha256);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  renameSync(copy, file);
}

const HINTS: WriteHints = {
  room:
    "Make room there, or name a folder on another disk in the configuration, which is best that of the documents: state: /srv/dolibarr-drill",
  hint: "May this user write there? The checkpoint lies in it.",
};

function saving(into: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw writeError(`save the documents in ${into}`, error, HINTS);
  }
}

const keepsChanging = (file: string) =>
  new DrillError(
    "DOCUMENTS_UNREADABLE",
    `Cannot save ${file}: it changed each of the ${MOST_READINGS} times that it was copied`,
    "Something writes it all the time. Name it in the excludes, or run it again when that has ended.",
  );
