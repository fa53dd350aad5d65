/** The thread of pack.ts that reads, hashes and writes the tar: it answers each `next` with one more piece of it. */
/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import type { Bytes } from "../../base/streams.ts";
import { Folder, type LentFolder } from "../tree/folder.ts";
import { answerOf } from "../thread.ts";
import { type Packed, Packer, type ToPack } from "./packer.ts";

/** First what is to be packed, then again and again the next piece. */
export type PackRequest = { roots: LentFolder[]; entries: ToPack[] } | "next";

export interface PackedPiece {
  piece?: Bytes;
  /** There is no further piece. */
  isEnd: boolean;
  /** Of the entries that have come to their end since the piece before. */
  packed: Packed[];
}

let packer: Packer;
let pieces: Generator<Bytes, void, void>;
let reported = 0;

self.onmessage = ({ data }: MessageEvent<PackRequest>) => {
  const answer = answerOf(() => data === "next" ? next() : begin(data));
  const piece = "found" in answer ? answer.found.piece : undefined;
  self.postMessage(answer, piece ? [piece.buffer] : []); // given away, not copied
};

function begin({ roots, entries }: Exclude<PackRequest, "next">): PackedPiece {
  packer = new Packer(roots.map((root) => Folder.borrow(root)));
  pieces = packer.pack(entries);
  return { isEnd: false, packed: [] };
}

function next(): PackedPiece {
  const { value, done } = pieces.next();
  const packed = packer.packed.slice(reported);
  reported = packer.packed.length;
  return done ? { isEnd: true, packed } : { isEnd: false, piece: value, packed };
}
