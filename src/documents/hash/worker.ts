/** The thread of hasher.ts: the hashes of the files that it is sent, as absolute paths, in the same order. */
/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import { hashFile } from "./file.ts";
import { answerOf } from "../thread.ts";

self.onmessage = ({ data }: MessageEvent<string[]>) => self.postMessage(answerOf(() => data.map(hashFile)));
