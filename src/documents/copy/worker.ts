/** The thread of files.ts that copies the files that it is sent, in their order. */
/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import { answerOf } from "../thread.ts";
import { copyFile, type CopyFileOptions } from "./file.ts";

/** By absolute paths. */
export interface CopyRequest {
  files: { from: string; to: string }[];
  options: CopyFileOptions;
}

self.onmessage = ({ data: { files, options } }: MessageEvent<CopyRequest>) =>
  self.postMessage(answerOf(() => files.map(({ from, to }) => copyFile(from, to, options))));
