/** A documents folder as a list of entries, read without following a link. */

import { globToPattern } from "./globs.ts";
import { DrillError, messageOf } from "../../base/errors.ts";
import type { Attributes, FileState } from "./file_state.ts";
import { codeOf, type EntryInfo, Folder } from "./folder.ts";
import { isNeverBackedUp } from "./names.ts";
import { type OddEntry, oddNames, oddness } from "./odd_entries.ts";

/** What was there when it was looked at; `bytes` are those of a file, else 0. */
export interface TreeEntry extends FileState, Attributes {
  /** Below the root, with `/` between names: `facture/FA2610-0006/FA2610-0006.pdf`. */
  path: string;
  type: "file" | "directory" | "link";
  /** Where a link points to, as it is written. */
  target?: string;
}

/**
 * Worth leaving out of a backup (docs/facts.md, Dolibarr): each can be made again, or is itself an old backup. They are
 * Dolibarr's own places alone, `#` being the folder of another company: a person may name a folder `temp` or a file `x.log`
 * anywhere else. What a row of the database names is taken all the same (`Kept`).
 */
export const DEFAULT_EXCLUDES: readonly string[] = [
  "/*.log",
  ...["", "/#"].flatMap((company) =>
    ["*", "users/*", "fournisseur/*", "expedition/*", "projet/tasks"].map((module) =>
      `${company}/${module}/temp/**`
    )
  ),
  "*.pdf_preview-*.png",
  "/admin/backup/**",
];

/** The defaults of the versions before: with them a file that a row names could be left out. */
const EARLIER_DEFAULTS = ["*/temp/*", "*.log", "*.pdf_preview-*.png", "admin/backup/*"];

/** Whether a backup of a version before was taken with its defaults. */
export const areEarlierDefaults = (excludes: readonly string[]): boolean =>
  JSON.stringify(excludes) === JSON.stringify(EARLIER_DEFAULTS);

/** Paths that are taken though an exclude fits them, with the folders in which they lie. */
export type Kept = ReadonlySet<string>;

/** @param paths of files, below the documents folder */
export const keptWithFolders = (paths: Iterable<string>): Kept =>
  new Set(
    [...paths].flatMap((path) => path.split("/").map((_, at, names) => names.slice(0, at + 1).join("/"))),
  );

/**
 * Every entry below `root` in the order of their paths, less those that `excludes` match, and less what is no document
 * whatever they say (names.ts); what vanishes meanwhile is not among them. Synchronous, which is twenty times as fast as
 * the asynchronous calls (docs/facts.md, Deno). Each folder is opened by the handle of the one above it.
 *
 * @param root an open folder, or the path of one that nobody but its owner can exchange
 * @param under put before every path, as in `custom/`
 * @param kept what is taken though an exclude fits it
 * @param onOdd takes what no archive can hold: without it such an entry is an error
 * @throws DrillError `DOCUMENTS_UNREADABLE` naming what cannot be read, or is odd.
 */
export function walkTree(
  root: Folder | string,
  excludes: readonly string[] = DEFAULT_EXCLUDES,
  under = "",
  kept?: Kept,
  onOdd: (odd: OddEntry) => void = refuseOdd,
): TreeEntry[] {
  const patterns = excludes.map(globToPattern);
  const isLeftOut = (path: string) =>
    isNeverBackedUp(path.slice(under.length)) ||
    patterns.some((pattern) => pattern.test(path)) && !kept?.has(path);
  if (typeof root !== "string") return walk(root, under, isLeftOut, onOdd);
  using folder = openTree(root);
  return walk(folder, under, isLeftOut, onOdd);
}

/** Every entry below `root`, also what is no document. @throws as `walkTree` */
export const walkEverything = (root: Folder): TreeEntry[] => walk(root, "", () => false, refuseOdd);

/** @throws DrillError `DOCUMENTS_UNREADABLE` where it is not there, is no folder, or may not be read. */
export function openTree(root: string): Folder {
  return unlessGone(root, () => Folder.open(root)) ?? (() => {
    throw unreadable(root, `${root} is not there`);
  })();
}

function walk(
  root: Folder,
  under: string,
  isLeftOut: (path: string) => boolean,
  onOdd: (odd: OddEntry) => void,
): TreeEntry[] {
  const found: TreeEntry[] = [];
  const visit = (folder: Folder, prefix: string) => {
    let hasLossy = false;
    for (const name of unlessGone(folder.path, () => folder.names()) ?? []) {
      const path = prefix + name;
      if (isLeftOut(path)) continue;
      const entry = readEntry(folder, name, path, onOdd);
      hasLossy ||= entry === undefined && name.includes(LOSSY);
      if (!entry) continue;
      found.push(entry);
      if (entry.type !== "directory") continue;
      using inner = unlessGone(folder.pathOf(name), () => folder.folder(name));
      if (inner) visit(inner, `${path}/`);
    }
    if (!hasLossy) return;
    for (const odd of oddNames(folder, prefix)) if (!isLeftOut(odd.path)) onOdd(odd);
  };
  visit(root, under);
  return found;
}

/**
 * What lies in `folder` under `name` now, known as `path`; undefined where nothing does, or what `onOdd` took.
 * @throws DrillError `DOCUMENTS_UNREADABLE`
 */
export function readEntry(
  folder: Folder,
  name: string,
  path: string,
  onOdd: (odd: OddEntry) => void = refuseOdd,
): TreeEntry | undefined {
  const file = folder.pathOf(name);
  const info = unlessGone(file, () => folder.lstat(name));
  if (!info) return undefined;
  const state = attributesOf(info);
  if (info.isFile) return { path, type: "file", bytes: info.size, ...state };
  if (info.isDirectory) return { path, type: "directory", bytes: 0, ...state };
  if (info.isSymlink) {
    const target = unlessGone(file, () => folder.readLink(name));
    return target === undefined ? undefined : { path, type: "link", bytes: 0, ...state, target };
  }
  onOdd({ path, is: kindOf(info), at: file });
  return undefined;
}

const attributesOf = (info: EntryInfo) => ({
  mtimeMs: info.mtime?.getTime() ?? 0,
  ctimeMs: info.ctime?.getTime() ?? 0,
  inode: info.ino ?? 0,
  mode: (info.mode ?? 0) & 0o7777,
  uid: info.uid ?? 0,
  gid: info.gid ?? 0,
});

const kindOf = ({ isFifo, isSocket }: EntryInfo): OddEntry["is"] =>
  isFifo ? "pipe" : isSocket ? "socket" : "device";

/** A name that is not UTF-8 reaches us with this sign in place of its bytes, and nothing is there under that name. */
const LOSSY = "\uFFFD";

function refuseOdd(odd: OddEntry): never {
  throw new DrillError(
    "DOCUMENTS_UNREADABLE",
    `Cannot read the documents: ${odd.at} ${oddness(odd)}, which is no document`,
    odd.is === "name"
      ? "Dolibarr makes no such names. Rename it, for example with convmv."
      : "Dolibarr makes none. Remove it, or name it in the excludes.",
  );
}

/** undefined where nothing is there, or what was a folder or a link is none: it vanished, as files in use do. */
function unlessGone<T>(path: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (GONE.includes(codeOf(error) ?? "")) return undefined;
    throw unreadable(path, messageOf(error), error);
  }
}

const GONE = ["ENOENT", "ENOTDIR", "EINVAL", "ELOOP"];

const unreadable = (path: string, state: string, cause?: unknown) =>
  new DrillError(
    "DOCUMENTS_UNREADABLE",
    `Cannot read the documents: ${state}`,
    `Is ${path} there and mounted, and may this user read it? Look at environments.<name>.documents in the configuration.`,
    { cause },
  );
