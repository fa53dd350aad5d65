/** What is backed up as documents: one folder, and further ones that lie in the archive under names of their own. */

import { resolve } from "node:path";
import { DrillError, messageOf } from "../base/errors.ts";
import { codeOf, type EntryInfo, Folder, type LentFolder } from "./tree/folder.ts";
import { stateOf } from "./tree/file_state.ts";
import type { OddEntry } from "./tree/odd_entries.ts";
import { Reach } from "./tree/reach.ts";
import { type Kept, openTree, readEntry, type TreeEntry, walkTree } from "./tree/walk.ts";

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

/** Where an entry of the archive lies: below which of the open folders, and by which path there; the folder itself by an empty one. */
export interface Located {
  root: number;
  path: string;
}

/** The documents and what lies elsewhere, open: each entry is reached from one of the folders. Disposing closes them. */
export class OpenFolders implements Disposable {
  /** The documents, then those of what lies elsewhere. */
  readonly roots: readonly Folder[];
  readonly #source: DocumentFolders;
  /** Of what lies elsewhere, by its name in the archive, the place of its folder in `roots`. */
  readonly #elsewhere: ReadonlyMap<string, number>;

  /**
   * @throws DrillError `DOCUMENTS_UNREADABLE` where one of them cannot be opened; `CONFIG_INVALID` where a link that is followed
   *   leads elsewhere.
   */
  constructor(source: DocumentFolders) {
    const { documents, moreFolders, follow } = source;
    using opened = new DisposableStack();
    const roots = [opened.use(openTree(documents))];
    for (const [name, folder] of Object.entries(follow ?? {})) {
      refuseOtherLink(documents, name, folder, readEntry(roots[0]!, name, name));
    }
    const elsewhere = new Map<string, number>();
    for (const [name, folder] of Object.entries({ ...moreFolders, ...follow })) {
      elsewhere.set(name, roots.push(opened.use(openFurther(folder))) - 1);
    }
    opened.move();
    this.#source = source;
    this.#elsewhere = elsewhere;
    this.roots = roots;
  }

  get documents(): Folder {
    return this.roots[0]!;
  }

  locate(path: string): Located {
    const slash = path.indexOf("/");
    const root = this.#elsewhere.get(slash < 0 ? path : path.slice(0, slash));
    if (root === undefined) return { root: 0, path };
    return { root, path: slash < 0 ? "" : path.slice(slash + 1) };
  }

  /** What lies at `path` of the archive now, also a link itself; undefined where nothing does. */
  find(path: string): EntryInfo | undefined {
    const located = this.locate(path);
    using reach = new Reach(this.roots[located.root]!);
    try {
      if (located.path === "") return Deno.lstatSync(reach.root.path);
      const { folder, name } = reach.parent(located.path);
      return folder.find(name);
    } catch (error) {
      if (GONE.has(codeOf(error))) return undefined;
      throw error;
    }
  }

  /** For other threads. */
  lend(): LentFolder[] {
    return this.roots.map((folder) => folder.lend());
  }

  /**
   * Every entry by its path in the archive: those of the documents, with what lies behind the links that are followed, then
   * those of each further folder, itself first.
   * @param onOdd as of `walkTree`
   * @throws DrillError `DOCUMENTS_UNREADABLE`; `CONFIG_INVALID` where the documents hold an entry with the name of a further
   *   folder.
   */
  walk(onOdd?: (odd: OddEntry) => void): TreeEntry[] {
    const { moreFolders = {}, excludes, kept } = this.#source;
    const found = this.#withFollowed(walkTree(this.documents, excludes, "", kept, onOdd), onOdd);
    for (const [name, folder] of Object.entries(moreFolders)) {
      if (this.documents.has(name)) {
        throw new DrillError(
          "CONFIG_INVALID",
          `Cannot put ${folder} into the archive as ${name}: ${this.documents.path} has an entry of that name`,
          `Give it another name than ${name} in environments.<name>.documents.more.`,
        );
      }
      for (const entry of this.#below(name, excludes ?? [], undefined, onOdd)) found.push(entry);
    }
    return found;
  }

  [Symbol.dispose](): void {
    for (const root of this.roots) root[Symbol.dispose]();
  }

  /** The entries with those behind the links that are followed in the place of each link. */
  #withFollowed(entries: TreeEntry[], onOdd?: (odd: OddEntry) => void): TreeEntry[] {
    const { follow = {}, excludes, kept } = this.#source;
    if (Object.keys(follow).length === 0) return entries;
    return entries.flatMap((entry) =>
      Object.hasOwn(follow, entry.path) ? this.#below(entry.path, excludes, kept, onOdd) : [entry]
    );
  }

  /** What lies elsewhere under `name`: the folder itself, and all below it. */
  #below(
    name: string,
    excludes: readonly string[] | undefined,
    kept: Kept | undefined,
    onOdd?: (odd: OddEntry) => void,
  ): TreeEntry[] {
    const folder = this.roots[this.#elsewhere.get(name)!]!;
    const top: TreeEntry = { ...stateOf(folder.info()), path: name, type: "directory", bytes: 0 };
    return [top, ...walkTree(folder, excludes, `${name}/`, kept, onOdd)];
  }
}

const GONE: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

/** Every entry of `source`, as `OpenFolders.walk`. */
export function walkFolders(source: DocumentFolders, onOdd?: (odd: OddEntry) => void): TreeEntry[] {
  using folders = new OpenFolders(source);
  return folders.walk(onOdd);
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

/** Where an entry of the archive lies, for messages: a function from its path there to its path on the disk. */
export function diskPaths(
  { documents, moreFolders, follow }: Pick<DocumentFolders, "documents" | "moreFolders" | "follow">,
): (path: string) => string {
  const further: Record<string, string> = { ...moreFolders, ...follow };
  return (path) => {
    const top = path.split("/", 1)[0]!;
    return Object.hasOwn(further, top) ? further[top] + path.slice(top.length) : `${documents}/${path}`;
  };
}

function openFurther(folder: string): Folder {
  try {
    return Folder.open(folder);
  } catch (error) {
    throw new DrillError(
      "DOCUMENTS_UNREADABLE",
      `Cannot read the documents: ${messageOf(error)}`,
      `Is ${folder} there and mounted? Look at environments.<name>.documents in the configuration.`,
      { cause: error },
    );
  }
}
