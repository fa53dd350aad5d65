/** The thread of hasher.ts: the hashes of the files that it is sent, in the same order. */
/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import type { Located } from "../folders.ts";
import { answerOf } from "../thread.ts";
import { Folder, type LentFolder } from "../tree/folder.ts";
import { Reach } from "../tree/reach.ts";
import { hashFile } from "./file.ts";

/** First the open folders, then again and again files. */
export type HashRequest = { roots: LentFolder[] } | Located[];

let reaches: Reach[];

self.onmessage = ({ data }: MessageEvent<HashRequest>) =>
  self.postMessage(answerOf(() => {
    if (Array.isArray(data)) return data.map(({ root, path }) => hashFile(reaches[root]!, path));
    reaches = data.roots.map((root) => new Reach(Folder.borrow(root)));
    return [];
  }));
