/** The bytes of papers that rows name, against what Dolibarr recorded of them. */

import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { digestOf, readFile } from "../../base/streams.ts";
import type { Fault } from "../../dolibarr/fault.ts";
import { pdfDamage, pictureDamage } from "../../dolibarr/papers/file_integrity.ts";
import { isPdfName } from "../../dolibarr/papers/invoice_pdf.ts";
import { documentFacts, NOT_RUN } from "../../dolibarr/papers/lost_papers.ts";
import type { NamedPaper } from "../../dolibarr/papers/named_papers.ts";
import { sizeOf } from "./paper_files.ts";

const PICTURE = /\.(png|jpe?g|gif)$/i;
/** A product's photo is written over without a new MD5 (`Product::add_photo` of 22.0.4). */
const OVERWRITTEN = /^(\d+\/)?produits?\/.*\.(png|jpe?g|gif|webp)$/i;

/** What is wrong with the bytes of a paper that is there; undefined: nothing, or nothing is recorded of them. */
export async function paperDamage({ path, md5 }: NamedPaper, documents: string): Promise<Fault | undefined> {
  const whole = join(documents, path);
  const file = sizeOf(whole) === undefined ? `${whole}${NOT_RUN}` : whole;
  const found = hashOf(file);
  if (md5.includes(found.md5)) return undefined;
  const damage = isPdfName(path)
    ? pdfDamage(found.ends)
    : PICTURE.test(path)
    ? pictureDamage(found.ends)
    : undefined;
  const what = damage === undefined
    ? md5.length > 0 && !OVERWRITTEN.test(path) &&
      `has md5 ${found.md5}, Dolibarr recorded ${md5.join(" or ")}`
    : damage;
  if (!what) return undefined;
  const { sha256 } = await digestOf(readFile(file));
  return {
    subject: path,
    kind: damage === undefined ? "other-bytes" : "damaged",
    sentence: `${path} ${what}`,
    ...documentFacts(path, sha256),
  };
}

const PIECE = 256 * 1024;
/** As much as a check of a file's ends looks at. */
const ENDS = 4096;

/** The MD5 of a file, and its first and last bytes: the whole of a small one. */
function hashOf(file: string): { md5: string; ends: Uint8Array } {
  const hash = createHash("md5");
  const buffer = new Uint8Array(PIECE);
  let head: Uint8Array | undefined;
  let tail: Uint8Array = new Uint8Array();
  const opened = openSync(file, "r");
  try {
    for (let read = readSync(opened, buffer); read > 0; read = readSync(opened, buffer)) {
      const piece = buffer.subarray(0, read);
      hash.update(piece);
      head ??= piece.slice(0, ENDS);
      tail = joinedEnds(tail, piece);
    }
  } finally {
    closeSync(opened);
  }
  const isSmall = (head?.length ?? 0) < ENDS;
  return { md5: hash.digest("hex"), ends: isSmall ? tail : joinedEnds(head!, tail, 2 * ENDS) };
}

/** The last `most` bytes of both. */
function joinedEnds(before: Uint8Array, piece: Uint8Array, most = ENDS): Uint8Array {
  const all = new Uint8Array(before.length + Math.min(piece.length, most));
  all.set(before);
  all.set(piece.subarray(-most), before.length);
  return all.slice(-most);
}
