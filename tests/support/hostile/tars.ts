/** Tar archives with hostile entries, and the index that they should have. */

import { Buffer } from "node:buffer";
// @ts-types="npm:@types/tar-stream@3.1.5"
import { type Headers, pack as newPack } from "tar-stream";
import { type Bytes, readSmall, sha256Of } from "../../../src/base/streams.ts";
import { joinBytes } from "../bytes.ts";
import type { DocumentsIndex } from "../../../src/documents/index.ts";

export type Entry = Headers & { body?: string };

export const file = (name: string, body = "paper"): Entry => ({ name, type: "file", body });
export const folder = (name: string): Entry => ({ name, type: "directory" });

export function indexOfFiles(
  files: Record<string, string>,
  links: Record<string, string> = {},
): DocumentsIndex {
  return {
    excludes: [],
    files: Object.entries(files).map(([path, text]) => ({
      path,
      bytes: text.length,
      mtimeMs: 0,
      ctimeMs: 0,
      sha256: sha256Of(text),
    })),
    links: Object.entries(links).map(([path, target]) => ({ path, target })),
  };
}

export async function tarOf(entries: readonly Entry[]): Promise<Bytes> {
  const pack = newPack();
  const written = readSmall(pack as unknown as AsyncIterable<Bytes>);
  for (const { body, ...headers } of entries) {
    await new Promise((resolve) => pack.entry(headers, Buffer.from(body ?? ""), resolve));
  }
  pack.finalize();
  return await written;
}

/** A header of tar's of which the library writes none; only its name, kind and size are given. */
export function header(name: string, kind: string, size = 0): Bytes {
  const block = new Uint8Array(512);
  const put = (text: string, at: number) => block.set(new TextEncoder().encode(text), at);
  put(name, 0);
  put("0000644\0", 100);
  put(`${size.toString(8).padStart(11, "0")} `, 124);
  put("00000000000 ", 136);
  put(`        ${kind}`, 148);
  put("ustar\x0000", 257);
  const sum = block.reduce((sum, byte) => sum + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

export const padded = (text: string): Bytes => {
  const bytes = new TextEncoder().encode(text);
  return joinBytes(bytes, new Uint8Array((512 - bytes.length % 512) % 512));
};
export const END = new Uint8Array(1024);
