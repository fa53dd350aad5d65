/** A documents folder as a list of entries, read without following a link. */

import { globToPattern } from "./globs.ts";
import { DrillError, messageOf } from "../../base/errors.ts";
import type { Attributes, FileState } from "./file_state.ts";
import { isNeverBackedUp } from "./names.ts";

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
 * the asynchronous calls (docs/facts.md, Deno).
 *
 * @param under put before every path, as in `custom/`
 * @param kept what is taken though an exclude fits it
 * @throws DrillError `DOCUMENTS_UNREADABLE` naming what cannot be read, is a socket or a device, or has a name that is not UTF-8.
 */
export function walkTree(
  root: string,
  excludes: readonly string[] = DEFAULT_EXCLUDES,
  under = "",
  kept?: Kept,
): TreeEntry[] {
  const patterns = excludes.map(globToPattern);
  const isLeftOut = (path: string) =>
    isNeverBackedUp(path.slice(under.length)) ||
    patterns.some((pattern) => pattern.test(path)) && !kept?.has(path);
  return walk(root, under, isLeftOut);
}

/** Every entry below `root`, also what is no document. @throws as `walkTree` */
export const walkEverything = (root: string): TreeEntry[] => walk(root, "", () => false);

function walk(root: string, under: string, isLeftOut: (path: string) => boolean): TreeEntry[] {
  const found: TreeEntry[] = [];
  const visit = (folder: string, names: readonly string[]) => {
    for (const name of names) {
      const path = `${under}${folder}${name}`;
      if (isLeftOut(path)) continue;
      const file = `${root}/${folder}${name}`;
      const entry = readEntry(file, path);
      if (!entry) {
        refuseLossyName(file, name);
        continue;
      }
      found.push(entry);
      if (entry.type === "directory") visit(`${folder}${name}/`, namesIn(file) ?? []);
    }
  };
  const names = namesIn(root);
  if (!names) throw unreadable(root, `${root} is not there`);
  visit("", names);
  return found;
}

/**
 * What lies at `file` now, under the name `path`; undefined where nothing does.
 * @throws DrillError `DOCUMENTS_UNREADABLE`
 */
export function readEntry(file: string, path: string): TreeEntry | undefined {
  const info = unlessGone(file, () => Deno.lstatSync(file));
  if (!info) return undefined;
  const state = {
    mtimeMs: info.mtime?.getTime() ?? 0,
    ctimeMs: info.ctime?.getTime() ?? 0,
    inode: info.ino ?? 0,
    mode: (info.mode ?? 0) & 0o7777,
    uid: info.uid ?? 0,
    gid: info.gid ?? 0,
  };
  if (info.isFile) return { path, type: "file", bytes: info.size, ...state };
  if (info.isDirectory) return { path, type: "directory", bytes: 0, ...state };
  if (info.isSymlink) {
    const target = unlessGone(file, () => Deno.readLinkSync(file));
    return target === undefined ? undefined : { path, type: "link", bytes: 0, ...state, target };
  }
  throw new DrillError(
    "DOCUMENTS_UNREADABLE",
    `Cannot back up ${file}: it is a socket, a pipe or a device`,
    "Dolibarr makes none. Remove it, or name it in the excludes.",
  );
}

const namesIn = (folder: string): string[] | undefined =>
  unlessGone(folder, () => Array.from(Deno.readDirSync(folder), ({ name }) => name))?.sort();

/** A name that is not UTF-8 reaches us with this sign in place of its bytes, and nothing is there under that name. */
function refuseLossyName(file: string, name: string): void {
  if (!name.includes("\uFFFD")) return;
  throw new DrillError(
    "DOCUMENTS_UNREADABLE",
    `Cannot back up ${file}: its name is not UTF-8`,
    "Dolibarr makes no such names, and no index could name it. Rename it, for example with convmv.",
  );
}

/** undefined where nothing is there, or what was a folder or a link is none: it vanished, as files in use do. */
function unlessGone<T>(path: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (GONE.includes((error as { code?: string }).code ?? "")) return undefined;
    throw unreadable(path, messageOf(error), error);
  }
}

const GONE = ["ENOENT", "ENOTDIR", "EINVAL"];

const unreadable = (path: string, state: string, cause?: unknown) =>
  new DrillError(
    "DOCUMENTS_UNREADABLE",
    `Cannot read the documents: ${state}`,
    `Is ${path} there and mounted, and may this user read it? Look at environments.<name>.documents in the configuration.`,
    { cause },
  );
