/** A random picture, as the smallest PNG that can hold it. */

import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";
import type { Bytes } from "../../base/streams.ts";

/** Pixels a side: 64 random bytes, which nothing else is equal to. */
const SIDE = 8;
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** A picture of random grey pixels, as the bytes of a PNG (W3C, Portable Network Graphics). */
export function randomPicture(): Bytes {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  header[8] = 8; // bits a pixel; grey, no filter, no interlace
  const row = () => Buffer.concat([Buffer.alloc(1), crypto.getRandomValues(new Uint8Array(SIDE))]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: SIDE }, row)));
  return new Uint8Array(Buffer.concat([
    Buffer.from(SIGNATURE),
    ...[["IHDR", header], ["IDAT", pixels], ["IEND", Buffer.alloc(0)]].map(([type, data]) =>
      chunk(type as string, data as Uint8Array)
    ),
  ]));
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
