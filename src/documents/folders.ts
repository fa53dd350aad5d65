/** What is backed up as documents: one folder, and further ones that lie in the archive under names of their own. */

import { DrillError, messageOf } from "../base/errors.ts";
import { type Kept, readEntry, type TreeEntry, walkTree } from "./tree/walk.ts";

export interface DocumentFolders {
  /** The documents folder; its entries are the archive's. */
  documents: string;
  /** Further folders by name: the entries of `{ custom: "/var/www/html/custom" }` are `custom/...` in the archive. */
  moreFolders?: Readonly<Record<string, string>>;
  /** Patterns of what is left out, as in documents/tree/walk.ts; default: of the documents DEFAULT_EXCLUDES, of further folders nothing. */
  excludes?: readonly string[];
  /**
   * What is taken though a default fits it, because a row of the database names it; undefined: not known, or the excludes
   * are a person's own, which hold for every file.
   */
  kept?: Kept;
}

/**
 * Every entry of `source` by its path in the archive: those of the documents, then those of each further folder, itself first.
 * @throws DrillError `DOCUMENTS_UNREADABLE`; `CONFIG_INVALID` where the documents hold an entry with the name of a further folder.
 */
export function walkFolders({ documents, moreFolders = {}, excludes, kept }: DocumentFolders) {
  const found = walkTree(documents, excludes, "", kept);
  for (const [name, folder] of Object.entries(moreFolders)) {
    if (readEntry(`${documents}/${name}`, name)) {
      throw new DrillError(
        "CONFIG_INVALID",
        `Cannot put ${folder} into the archive as ${name}: ${documents} has an entry of that name`,
        `Give it another name than ${name} in environments.<name>.documents.more.`,
      );
    }
    const real = realFolder(folder);
    const [top, below] = [readEntry(real, name), walkTree(real, excludes ?? [], `${name}/`)];
    for (const entry of top ? [top, ...below] : below) found.push(entry);
  }
  return found satisfies TreeEntry[];
}

/** Where an entry of the archive lies: a function from its path there to its path on the disk. */
export function diskPaths({ documents, moreFolders }: DocumentFolders): (path: string) => string {
  const further = realFolders(moreFolders);
  return (path) => {
    const top = path.split("/", 1)[0]!;
    return Object.hasOwn(further, top) ? further[top] + path.slice(top.length) : `${documents}/${path}`;
  };
}

/** The further folders without links in their paths: it is the folder itself that is packed. */
export function realFolders(folders: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(folders).map(([name, folder]) => [name, realFolder(folder)]));
}

function realFolder(folder: string): string {
  try {
    return Deno.realPathSync(folder);
  } catch (error) {
    throw new DrillError(
      "DOCUMENTS_UNREADABLE",
      `Cannot read the documents: ${messageOf(error)}`,
      `Is ${folder} there and mounted? Look at environments.<name>.documents.more in the configuration.`,
      { cause: error },
    );
  }
}
