/** What is backed up as documents: one folder, and further ones that lie in the archive under names of their own. */

import { resolve } from "node:path";
import { DrillError, messageOf } from "../base/errors.ts";
import { type Kept, readEntry, type TreeEntry, walkTree } from "./tree/walk.ts";

export interface DocumentFolders {
  /** The documents folder; its entries are the archive's. */
  documents: string;
  /** Further folders by name: the entries of `{ custom: "/var/www/html/custom" }` are `custom/...` in the archive. */
  moreFolders?: Readonly<Record<string, string>>;
  /**
   * Links right in the documents that are followed, by their names, each with the folder to which it must lead: what lies
   * there is archived, and restored, as if it lay in the documents.
   */
  follow?: Readonly<Record<string, string>>;
  /** Patterns of what is left out, as in documents/tree/walk.ts; default: of the documents DEFAULT_EXCLUDES, of further folders nothing. */
  excludes?: readonly string[];
  /**
   * What is taken though a default fits it, because a row of the database names it; undefined: not known, or the excludes
   * are a person's own, which hold for every file.
   */
  kept?: Kept;
}

/**
 * Every entry of `source` by its path in the archive: those of the documents, with what lies behind the links that are followed,
 * then those of each further folder, itself first.
 * @throws DrillError `DOCUMENTS_UNREADABLE`; `CONFIG_INVALID` where the documents hold an entry with the name of a further folder,
 *   or a link that is followed leads elsewhere.
 */
export function walkFolders(source: DocumentFolders) {
  const { documents, moreFolders = {}, excludes, kept } = source;
  const found = withFollowed(walkTree(documents, excludes, "", kept), source);
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

/** The entries with those behind the links that are followed in the place of each link. */
function withFollowed(entries: TreeEntry[], { documents, follow = {}, excludes, kept }: DocumentFolders) {
  const names = Object.keys(follow);
  if (names.length === 0) return entries;
  for (const name of names) {
    refuseOtherLink(documents, name, follow[name]!, readEntry(`${documents}/${name}`, name));
  }
  return entries.flatMap((entry) => {
    if (!Object.hasOwn(follow, entry.path)) return [entry];
    const real = realFolder(follow[entry.path]!);
    const top = readEntry(real, entry.path);
    return [...(top ? [top] : []), ...walkTree(real, excludes, `${entry.path}/`, kept)];
  });
}

function refuseOtherLink(
  documents: string,
  name: string,
  folder: string,
  entry: TreeEntry | undefined,
): void {
  if (entry?.type === "link" && resolve(documents, entry.target!) === folder) return;
  const is = entry === undefined
    ? "it is not there"
    : entry.type === "link"
    ? `it is a link to ${entry.target}`
    : `it is a ${entry.type}`;
  throw new DrillError(
    "CONFIG_INVALID",
    `Cannot follow ${documents}/${name} to ${folder}: ${is}`,
    "Nothing was read there. Look at who changed it; then set environments.<name>.documents.follow right.",
  );
}

/** What lies elsewhere under a name in the archive: further folders, and those behind links that are followed. */
export const elsewhere = ({ moreFolders, follow }: Pick<DocumentFolders, "moreFolders" | "follow">) =>
  realFolders({ ...moreFolders, ...follow });

/** Where an entry of the archive lies: a function from its path there to its path on the disk. */
export function diskPaths(
  { documents, ...others }: Pick<DocumentFolders, "documents" | "moreFolders" | "follow">,
): (path: string) => string {
  const further = elsewhere(others);
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
