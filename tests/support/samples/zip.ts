/** The files of a ZIP archive, by its own list of them at its end. */

import { inflateRawSync } from "node:zlib";

const END_OF_LIST = 0x06054b50;
const ENTRY = 0x02014b50;

export function readZip(bytes: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== END_OF_LIST) end--;
  if (end < 0) throw new TypeError("it is no ZIP archive");
  const files = new Map<string, Uint8Array>();
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (view.getUint32(at, true) !== ENTRY) throw new TypeError("its list of files is damaged");
    const [method, packed] = [view.getUint16(at + 10, true), view.getUint32(at + 20, true)];
    const [name, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    const local = view.getUint32(at + 42, true);
    const begin = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const content = bytes.subarray(begin, begin + packed);
    files.set(
      new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + name!)),
      method === 0 ? content : inflateRawSync(content),
    );
    at += 46 + name! + extra! + comment!;
  }
  return files;
}
