/** The thread of gunzip.ts. */
/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import { gunzipSync } from "node:zlib";
import { INDEX_BYTES } from "./limit.ts";

self.onmessage = ({ data }: MessageEvent<Uint8Array>) => {
  const found = gunzipped(data);
  self.postMessage({ found }, found ? [found.buffer] : []); // given away, not copied
};

function gunzipped(data: Uint8Array): Uint8Array<ArrayBuffer> | null {
  try {
    return new Uint8Array(gunzipSync(data, { maxOutputLength: INDEX_BYTES }));
  } catch {
    return null;
  }
}
