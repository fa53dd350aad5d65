/** Writing a file without the blocks that hold nothing but zeros: a sparse file, as of a disk image, comes back as one. */

import { ftruncateSync, writeSync } from "node:fs";

/** Of the usual file systems. Less is no hole there. */
const BLOCK = 4096;

/**
 * Writes `piece` to where its first byte belongs, less the blocks of zeros in it, and parts of blocks at its ends. The file
 * must have nothing there yet, and must be given its size at the end: `endFile`.
 */
export function writePiece(file: number, piece: Uint8Array, at: number): void {
  for (let from = 0; from < piece.length;) {
    let end = from;
    while (end < piece.length && !isZero(piece, end, blockEnd(piece, end, at))) {
      end = blockEnd(piece, end, at);
    }
    while (from < end) from += writeSync(file, piece, from, end - from, at + from);
    while (from < piece.length && isZero(piece, from, blockEnd(piece, from, at))) {
      from = blockEnd(piece, from, at);
    }
  }
}

/** Gives a file its size: it may end with a hole, or have been longer. */
export const endFile = (file: number, bytes: number): void => ftruncateSync(file, bytes);

/** Where in `piece`, whose first byte is at `at` in the file, the block that `from` lies in ends. */
const blockEnd = (piece: Uint8Array, from: number, at: number): number =>
  Math.min(piece.length, (Math.floor((at + from) / BLOCK) + 1) * BLOCK - at);

function isZero(piece: Uint8Array, from: number, end: number): boolean {
  if (piece[from] !== 0 || piece[end - 1] !== 0) return false; // nearly all blocks of data end here
  for (let at = from; at < end; at++) if (piece[at] !== 0) return false;
  return true;
}
