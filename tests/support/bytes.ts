/** Bytes for the tests. */

import type { Bytes } from "../../src/base/streams.ts";

/** All of them, one after the other. */
export function joinBytes(...parts: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
