/** What takes open folders, by paths: a test owns its folders alone. */

import { basename, dirname } from "node:path";
import { unpackDocuments } from "../../../src/documents/archive/unpack.ts";
import { copyDocuments } from "../../../src/documents/copy/copy.ts";
import { copyFile, copyProved } from "../../../src/documents/copy/file.ts";
import type { Swap } from "../../../src/documents/swap/steps.ts";
import { prepareSwap } from "../../../src/documents/swap/swap.ts";
import { Folder } from "../../../src/documents/tree/folder.ts";
import { Reach } from "../../../src/documents/tree/reach.ts";
import { readEntry } from "../../../src/documents/tree/walk.ts";

/** The staged folder of a swap that is prepared. */
export async function prepareAt(...args: Parameters<typeof prepareSwap>): Promise<string> {
  using folder = await prepareSwap(...args);
  return folder.path;
}

/** The same of a swap by one method. */
export async function stagedOf(swap: Swap): Promise<string> {
  using folder = await swap.openStaged();
  return folder.path;
}

type Unpack = typeof unpackDocuments;
type Copy = typeof copyDocuments;

export async function unpackTo(
  archive: Parameters<Unpack>[0],
  into: string,
  ...rest: Parameters<Unpack> extends [unknown, unknown, ...infer Rest] ? Rest : never
) {
  using folder = Folder.open(into);
  return await unpackDocuments(archive, folder, ...rest);
}

export async function copyTo(source: Parameters<Copy>[0], staged: string, options: Parameters<Copy>[2]) {
  using folder = Folder.open(staged);
  return await copyDocuments(source, folder, options);
}

/** One file, by `copyFile` or `copyProved`. */
export function copyAt(
  copy: typeof copyFile | typeof copyProved,
  from: string,
  to: string,
  options: Parameters<typeof copyFile>[2],
) {
  using root = Folder.open("/");
  using source = new Reach(root);
  using target = new Reach(root);
  return copy({ reach: source, path: from.slice(1) }, { reach: target, path: to.slice(1) }, options);
}

export function entryAt(path: string) {
  using folder = Folder.open(dirname(path));
  return readEntry(folder, basename(path), basename(path));
}
