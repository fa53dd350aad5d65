/** Where the entries of an archive are written: those of a further folder lie elsewhere than the documents. */

import { statSync } from "node:fs";
import { join } from "node:path";
import { requireSpace } from "./tree/space.ts";
import type { Ownership } from "./tree/write.ts";

/** A folder that is written into, and who shall own what is written there; undefined where we are not root. */
export interface Place {
  folder: string;
  owner: Ownership | undefined;
}

/** By the name of a further folder in the archive, the place of what lies under it. */
export type FurtherPlaces = ReadonlyMap<string, Place>;

export const NO_FURTHER: FurtherPlaces = new Map();

/** Where an entry of the archive is written, by its path there. */
export function placesOf(main: Place, further: FurtherPlaces): (path: string) => Place {
  return (path) => {
    const end = path.indexOf("/");
    const elsewhere = further.get(end < 0 ? path : path.slice(0, end));
    if (!elsewhere) return { folder: join(main.folder, path), owner: main.owner };
    const { folder, owner } = elsewhere;
    return { folder: end < 0 ? folder : join(folder, path.slice(end + 1)), owner };
  };
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
  const device = statSync(folder).dev;
  const others = [...further].filter(([, place]) => statSync(place.folder).dev !== device);
  const isIn = (name: string) => ({ path }: { path: string }) => path.startsWith(`${name}/`);
  const isHere = (entry: { path: string }) => others.every(([name]) => !isIn(name)(entry));
  requireSpace(folder, { files: tree.files.filter(isHere), links: tree.links.filter(isHere) });
  for (const [name, place] of others) {
    const own = isIn(name);
    requireSpace(place.folder, { files: tree.files.filter(own), links: tree.links.filter(own) });
  }
}
