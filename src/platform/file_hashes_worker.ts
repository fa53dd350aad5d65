/** The thread of file_hashes.ts: hashes what it is sent, and sends the buffer back. */
/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import { createHash } from "node:crypto";
import type { Batch, FileHashes, HashedBatch } from "./file_hashes.ts";

let sha256 = createHash("sha256");
let md5 = createHash("md5");

self.onmessage = ({ data: { buffer, parts } }: MessageEvent<Batch>) => {
  const hashes: FileHashes[] = [];
  let at = 0;
  for (const { bytes, ends } of parts) {
    const part = new Uint8Array(buffer, at, bytes);
    sha256.update(part);
    md5.update(part);
    at += bytes;
    if (!ends) continue;
    hashes.push({ sha256: sha256.digest("hex"), md5: md5.digest("hex") });
    sha256 = createHash("sha256");
    md5 = createHash("md5");
  }
  self.postMessage({ buffer, hashes } satisfies HashedBatch, [buffer]);
};
