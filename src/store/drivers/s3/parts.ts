/** A stream cut into parts of one size. Their memory is used again: a part is freed when it was sent, in any order. */

import type { Bytes } from "../../../base/streams.ts";

export interface UploadPart {
  data: Bytes;
  /** No other comes after it, and it may be shorter. */
  last: boolean;
}

export interface PartStream extends AsyncGenerator<UploadPart, void, void> {
  /** The part's memory is not needed any more: it may be filled again. */
  free(data: Bytes): void;
}

/** A small object needs little memory: the first part's grows as it comes. */
const SMALL = 256 * 1024;

/** `source` in parts of exactly `size` bytes but for the last, which is not empty; none of an empty stream. */
export function partsOf(source: AsyncIterable<Bytes>, size: number): PartStream {
  const unused: Bytes[] = [];
  return Object.assign(cut(source, size, unused), {
    free(data: Bytes) {
      if (data.buffer.byteLength === size) unused.push(new Uint8Array(data.buffer));
    },
  });
}

async function* cut(
  source: AsyncIterable<Bytes>,
  size: number,
  unused: Bytes[],
): AsyncGenerator<UploadPart, void, void> {
  let buffer = new Uint8Array(Math.min(size, SMALL));
  let filled = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length;) {
      if (filled === size) { // only now is it known that it is not the last one
        yield { data: buffer, last: false };
        buffer = unused.pop() ?? new Uint8Array(size);
        filled = 0;
      }
      if (filled === buffer.length) buffer = grown(buffer, size);
      const taken = Math.min(buffer.length - filled, chunk.length - at);
      buffer.set(chunk.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
    }
  }
  if (filled > 0) yield { data: buffer.subarray(0, filled), last: true };
}

function grown(buffer: Bytes, size: number): Bytes {
  const larger = new Uint8Array(Math.min(size, buffer.length * 4));
  larger.set(buffer);
  return larger;
}
