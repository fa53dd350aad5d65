/** The stand-in's own pictures, in place of Dolibarr's. */

import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";

/** As many bytes as Dolibarr's nophoto.png has; its content is ours, so its hash differs. */
const PLACEHOLDER_BYTES = 4713;
const SIDE = 96;

/** What `viewimage.php` sends for a picture that is missing: a grey square, padded with a comment. */
export const PLACEHOLDER: Uint8Array<ArrayBuffer> = placeholder();

/** In place of Dolibarr's own logo, which its sign-in page shows where the company's cannot be read. */
export const PLACEHOLDER_LOGO =
  `<svg xmlns="http://www.w3.org/2000/svg" width="240" height="80" viewBox="0 0 240 80">
<rect width="240" height="80" rx="8" fill="#e3e8ec"/>
<text x="120" y="48" font-family="sans-serif" font-size="22" text-anchor="middle" fill="#6b7884">no company logo</text></svg>`;

function placeholder(): Uint8Array<ArrayBuffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  header[8] = 8; // bits; grey, no filter, no interlace
  const pixels = deflateSync(
    Buffer.alloc(SIDE * (SIDE + 1), 0xc8).map((byte, at) => at % (SIDE + 1) === 0 ? 0 : byte),
  );
  const parts = (comment: Uint8Array) =>
    Buffer.concat([
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      chunk("IHDR", header),
      chunk("tEXt", comment),
      chunk("IDAT", pixels),
      chunk("IEND", Buffer.alloc(0)),
    ]);
  const note = Buffer.from("Comment\0The stand-in's placeholder, padded. ", "latin1");
  const padding = Buffer.alloc(PLACEHOLDER_BYTES - parts(note).length, "=");
  return new Uint8Array(parts(Buffer.concat([note, padding])));
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
