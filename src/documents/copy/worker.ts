/** The thread of files.ts that copies the files that it is sent, in their order. */
/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import type { Located } from "../folders.ts";
import { answerOf } from "../thread.ts";
import { Folder, type LentFolder } from "../tree/folder.ts";
import { Reach } from "../tree/reach.ts";
import type { Ownership } from "../tree/write.ts";
import { type CopiedFile, copyFile, type CopyFileOptions } from "./file.ts";
import type { Gone } from "../hash/file.ts";

/** First the open folders, then again and again files. */
export type CopyRequest = CopyFolders | { from: Located; to: Located }[];

export interface CopyFolders {
  sources: LentFolder[];
  targets: { folder: LentFolder; owner?: Ownership }[];
  options: Omit<CopyFileOptions, "as"> & {
    /** The copies get rights and times of the files, and the owner of their target. */
    asSources: boolean;
  };
}

let sources: Reach[];
let targets: { reach: Reach; options: CopyFileOptions }[];

self.onmessage = ({ data }: MessageEvent<CopyRequest>) =>
  self.postMessage(answerOf(() => Array.isArray(data) ? data.map(copy) : begin(data)));

function begin(folders: CopyFolders): [] {
  const { asSources, ...options } = folders.options;
  sources = folders.sources.map((folder) => new Reach(Folder.borrow(folder)));
  targets = folders.targets.map(({ folder, owner }) => ({
    reach: new Reach(Folder.borrow(folder)),
    options: { ...options, ...(asSources ? { as: { owner } } : {}) },
  }));
  return [];
}

function copy({ from, to }: { from: Located; to: Located }): CopiedFile | Gone {
  const target = targets[to.root]!;
  return copyFile(
    { reach: sources[from.root]!, path: from.path },
    { reach: target.reach, path: to.path },
    target.options,
  );
}
