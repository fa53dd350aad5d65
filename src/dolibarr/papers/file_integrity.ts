/** Whether the bytes of a picture are whole. Pure. */

/** How each kind begins, and what stands at its end, in Latin-1. */
const KINDS = [
  { begins: "\x89PNG\r\n\x1a\n", ends: "IEND" },
  { begins: "\xff\xd8\xff", ends: "\xff\xd9" },
  { begins: "GIF8", ends: "\x3b" },
] as const;
/** What a program may have written after a picture's end. */
const TAIL_BYTES = 4096;

/** What is wrong with a picture: `is cut off`. Undefined where it is whole, or of a kind that is not judged (SVG, WebP). */
export function pictureDamage(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return "is empty";
  const latin1 = (part: Uint8Array) => Array.from(part, (byte) => String.fromCharCode(byte)).join("");
  const head = latin1(bytes.subarray(0, 8));
  const kind = KINDS.find(({ begins }) => head.startsWith(begins));
  if (!kind) return undefined;
  const tail = latin1(bytes.subarray(Math.max(kind.begins.length, bytes.length - TAIL_BYTES)));
  return tail.includes(kind.ends) ? undefined : "is cut off: a picture of its kind ends otherwise";
}

/** How far from its end a PDF's trailer may begin: ISO 32000 asks readers to look at the last 1024 bytes. */
const TRAILER_WITHIN = 1024;

/** Why these bytes are no whole PDF; undefined: they are. */
export function pdfDamage(bytes: Uint8Array): string | undefined {
  const text = (part: Uint8Array) => new TextDecoder("latin1").decode(part);
  if (bytes.length === 0) return "is empty";
  if (!text(bytes.subarray(0, TRAILER_WITHIN)).includes("%PDF-")) return "does not begin as a PDF does";
  if (!text(bytes.subarray(-TRAILER_WITHIN)).includes("%%EOF")) {
    return "does not end as a PDF does: it was cut off";
  }
  return undefined;
}
