/** Files of a tree reached by their paths, folder by folder, each by the handle of the one above it. */

import { Folder } from "./folder.ts";

/** The folders of the path that was asked for last stay open: the next one is mostly beside it. Disposing closes them. */
export class Reach implements Disposable {
  readonly root: Folder;
  readonly #open: { name: string; folder: Folder }[] = [];

  /** @param root stays the caller's */
  constructor(root: Folder) {
    this.root = root;
  }

  /** The folder at `path`, `facture/FA1`, open until another one is asked for; the root for the empty path. @throws as `Folder.folder` */
  folder(path: string): Folder {
    const names = path === "" ? [] : path.split("/");
    let same = 0;
    while (same < names.length && this.#open[same]?.name === names[same]) same++;
    for (const { folder } of this.#open.splice(same).reverse()) folder[Symbol.dispose]();
    for (const name of names.slice(same)) this.#open.push({ name, folder: this.#deepest().folder(name) });
    return this.#deepest();
  }

  /** The open folder in which the entry at `path` lies, and its name there. @throws as `Folder.folder` */
  parent(path: string): { folder: Folder; name: string } {
    const slash = path.lastIndexOf("/");
    return { folder: this.folder(path.slice(0, Math.max(slash, 0))), name: path.slice(slash + 1) };
  }

  /** Closes all but the root: what was reached by names is to be looked up again. */
  forget(): void {
    for (const { folder } of this.#open.splice(0).reverse()) folder[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.forget();
  }

  #deepest(): Folder {
    return this.#open.at(-1)?.folder ?? this.root;
  }
}
