/** A documents folder as a list of entries, read without following a link. */

import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { DrillError, messageOf } from "../base/errors.ts";

export interface TreeEntry {
  /** Below the root, with `/` between names: `facture/FA2610-0006/FA2610-0006.pdf`. */
  path: string;
  type: "file" | "directory" | "link";
  bytes: number;
  mtimeMs: number;
  ctimeMs: number;
  mode: number;
  /** Where a link points to, as it is written. */
  target?: string;
}

/** Worth leaving out of a backup (FACTS, Documents): each can be made again, or is itself an old backup. */
export const DEFAULT_EXCLUDES = ["*/temp/*", "*.log", "*.pdf_preview-*.png", "admin/backup/*"];

/**
 * Every entry below `root` in the order of their paths, less those that `excludes` match.
 * Synchronous: twenty times faster than the asynchronous walk (FACTS, Deno).
 * @throws DrillError `DOCUMENTS_UNREADABLE` naming what cannot be read, or is a socket or a device.
 */
export function walkTree(root: string, excludes: readonly string[] = DEFAULT_EXCLUDES): TreeEntry[] {
  const patterns = excludes.map(globToPattern);
  const found: TreeEntry[] = [];
  const visit = (folder: string) => {
    for (const name of readNames(join(root, folder))) {
      const path = folder === "" ? name : `${folder}/${name}`;
      const entry = readEntry(root, path);
      if (patterns.some((pattern) => pattern.test(path))) continue;
      found.push(entry);
      if (entry.type === "directory") visit(path);
    }
  };
  visit("");
  return found;
}

function readEntry(root: string, path: string): TreeEntry {
  const info = reading(join(root, path), () => lstatSync(join(root, path)));
  const common = { path, mtimeMs: info.mtimeMs, ctimeMs: info.ctimeMs, mode: info.mode & 0o7777 };
  if (info.isFile()) return { ...common, type: "file", bytes: info.size };
  if (info.isDirectory()) return { ...common, type: "directory", bytes: 0 };
  if (info.isSymbolicLink()) {
    return { ...common, type: "link", bytes: 0, target: readlinkSync(join(root, path)) };
  }
  throw new DrillError(
    "DOCUMENTS_UNREADABLE",
    `Cannot back up ${join(root, path)}: it is a socket, a pipe or a device`,
    "Dolibarr makes none. Remove it, or name it in the excludes.",
  );
}

const readNames = (folder: string): string[] => reading(folder, () => readdirSync(folder)).sort();

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new DrillError(
      "DOCUMENTS_UNREADABLE",
      `Cannot read the documents: ${messageOf(error)}`,
      `Is ${path} there and mounted, and may this user read it? Look at environments.<name>.documents in the configuration.`,
      { cause: error },
    );
  }
}

/** `*` stands for any text, also across folders, as in tar's own excludes. */
function globToPattern(glob: string): RegExp {
  const source = glob.split("*").map((text) => text.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*");
  return new RegExp(`^${source}$|/${source}$`);
}
