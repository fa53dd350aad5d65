/** Where the entries of an archive are written: those of a further folder lie elsewhere than the documents. */

import type { Located } from "./folders.ts";
import type { Folder } from "./tree/folder.ts";
import { Reach } from "./tree/reach.ts";
import { requireSpace } from "./tree/space.ts";
import type { Ownership } from "./tree/write.ts";

/** An open folder that is written into, and who shall own what is written there; undefined where we are not root. */
export interface Place {
  folder: Folder;
  owner: Ownership | undefined;
}

/** By the name of a further folder in the archive, the place of what lies under it. */
export type FurtherPlaces = ReadonlyMap<string, Place>;

export const NO_FURTHER: FurtherPlaces = new Map();

/** Places by the paths of an archive. Disposing closes what it opened, and not the places themselves. */
export class Places implements Disposable {
  /** The documents' own, then those of further folders. */
  readonly all: readonly Place[];
  readonly #further: ReadonlyMap<string, number>;
  readonly #reaches: readonly Reach[];

  constructor(main: Place, further: FurtherPlaces = NO_FURTHER) {
    this.all = [main, ...further.values()];
    this.#further = new Map([...further.keys()].map((name, at) => [name, at + 1]));
    this.#reaches = this.all.map(({ folder }) => new Reach(folder));
  }

  /** In which of the places an entry is written, and under which path there; the place itself by an empty one. */
  locate(path: string): Located {
    const end = path.indexOf("/");
    const root = this.#further.get(end < 0 ? path : path.slice(0, end));
    if (root === undefined) return { root: 0, path };
    return { root, path: end < 0 ? "" : path.slice(end + 1) };
  }

  /** The open folder that the entry is written into, its name there, and who shall own it. */
  parent(path: string): { folder: Folder; name: string; owner: Ownership | undefined } {
    const at = this.locate(path);
    return { ...this.#reaches[at.root]!.parent(at.path), owner: this.all[at.root]!.owner };
  }

  /** The open folder at `path`, and who shall own it. */
  folder(path: string): Place {
    const at = this.locate(path);
    return { folder: this.#reaches[at.root]!.folder(at.path), owner: this.all[at.root]!.owner };
  }

  [Symbol.dispose](): void {
    for (const reach of this.#reaches) reach[Symbol.dispose]();
  }
}

/**
 * Compares what is written to each disk with what is free there. Nothing is written.
 * @throws DrillError `DISK_FULL` with both numbers.
 */
export function requireSpaceIn(
  { folder }: Place,
  further: FurtherPlaces,
  tree: { files: readonly { path: string; bytes: number }[]; links: readonly { path: string }[] },
): void {
  const device = folder.info().dev;
  const others = [...further].filter(([, place]) => place.folder.info().dev !== device);
  const isIn = (name: string) => ({ path }: { path: string }) => path.startsWith(`${name}/`);
  const isHere = (entry: { path: string }) => others.every(([name]) => !isIn(name)(entry));
  requireSpace(folder, { files: tree.files.filter(isHere), links: tree.links.filter(isHere) });
  for (const [name, place] of others) {
    const own = isIn(name);
    requireSpace(place.folder, { files: tree.files.filter(own), links: tree.links.filter(own) });
  }
}
