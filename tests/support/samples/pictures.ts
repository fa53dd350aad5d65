/** Pictures for sample reports, painted in memory: rectangles on white, encoded as PNG. */

import { deflateSync } from "node:zlib";
import { joinBytes } from "../bytes.ts";

export type Rectangle = [
  left: number,
  top: number,
  width: number,
  height: number,
  red: number,
  green: number,
  blue: number,
];

/** A PNG of `width` times `height` pixels: `rectangles` on white, the later over the earlier. */
export function paintPng(
  width: number,
  height: number,
  rectangles: readonly Rectangle[],
): Uint8Array<ArrayBuffer> {
  const stride = 1 + width * 3;
  const pixels = new Uint8Array(stride * height).fill(255);
  for (let row = 0; row < height; row++) pixels[row * stride] = 0; // filter type "none" begins each row
  for (const [left, top, across, down, ...colour] of rectangles) {
    for (let y = top; y < Math.min(top + down, height); y++) {
      for (let x = left; x < Math.min(left + across, width); x++) pixels.set(colour, y * stride + 1 + x * 3);
    }
  }
  const head = new Uint8Array(13);
  const view = new DataView(head.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  head.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB
  return joinBytes(...[
    new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", head),
    chunk("IDAT", new Uint8Array(deflateSync(pixels))),
    chunk("IEND", new Uint8Array()),
  ]);
}

/** Something like an invoice on a page: a bar at the top, a table with lines, a total. */
export function paintInvoice(): Uint8Array<ArrayBuffer> {
  const lines = Array.from(
    { length: 5 },
    (_, index): Rectangle => [60, 180 + index * 30, 520, 12, 205, 211, 219],
  );
  return paintPng(640, 400, [
    [0, 0, 640, 36, 38, 60, 92],
    [60, 70, 220, 22, 52, 73, 94],
    [60, 104, 140, 10, 160, 168, 178],
    [60, 150, 520, 16, 225, 229, 235],
    ...lines,
    [460, 346, 120, 18, 52, 73, 94],
  ]);
}

/** Something like a list of invoices. */
export function paintList(): Uint8Array<ArrayBuffer> {
  const rows = Array.from(
    { length: 11 },
    (_, index): Rectangle => [20, 60 + index * 29, 600, 14, 222, 226, 232],
  );
  return paintPng(640, 400, [[0, 0, 640, 36, 38, 60, 92], ...rows]);
}

/** Something like a logo: a square, and two lines of letters beside it. */
export function paintLogo(): Uint8Array<ArrayBuffer> {
  const mark: Rectangle = [8, 8, 144, 144, 19, 50, 73];
  return paintPng(480, 160, [mark, [176, 52, 180, 24, 19, 50, 73], [176, 96, 220, 24, 176, 122, 32]]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const named = joinBytes(...[new TextEncoder().encode(type), data]);
  const framed = new Uint8Array(4 + named.length + 4);
  const view = new DataView(framed.buffer);
  view.setUint32(0, data.length);
  framed.set(named, 4);
  view.setUint32(4 + named.length, crc32(named));
  return framed;
}

/** CRC-32 as PNG has it (RFC 2083, 15). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
