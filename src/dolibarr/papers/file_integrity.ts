/** Whether the bytes of a PDF or of a picture are complete, from the first to the last. Pure. */

/** The first bytes of each kind of picture, and what stands at its end, in Latin-1. */
const PICTURES = [
  { begins: "\x89PNG\r\n\x1a\n", ends: "IEND" },
  { begins: "\xff\xd8\xff", ends: "\xff\xd9" },
  { begins: "GIF8", ends: "\x3b" },
] as const;
/** How far from its end a picture's end mark may stand: some programs append data. */
const TAIL_BYTES = 4096;

/** What is wrong with a picture: `is truncated`. Undefined where it is complete, or of a kind that is not judged (SVG, WebP). */
export function pictureDamage(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return "is empty";
  const latin1 = (part: Uint8Array) => Array.from(part, (byte) => String.fromCharCode(byte)).join("");
  const head = latin1(bytes.subarray(0, 8));
  const kind = PICTURES.find(({ begins }) => head.startsWith(begins));
  if (!kind) return undefined;
  const tail = latin1(bytes.subarray(Math.max(kind.begins.length, bytes.length - TAIL_BYTES)));
  return tail.includes(kind.ends) ? undefined : "is truncated: the end of the picture is missing";
}

/** How far from its end a PDF's trailer may begin: ISO 32000 asks readers to look at the last 1024 bytes. */
const TRAILER_WITHIN = 1024;

/** What is wrong with a PDF: `is empty`. Undefined where it is complete. */
export function pdfDamage(bytes: Uint8Array): string | undefined {
  const text = (part: Uint8Array) => new TextDecoder("latin1").decode(part);
  if (bytes.length === 0) return "is empty";
  if (!text(bytes.subarray(0, TRAILER_WITHIN)).includes("%PDF-")) return "has no PDF header";
  if (!text(bytes.subarray(-TRAILER_WITHIN)).includes("%%EOF")) return "is truncated: it has no PDF trailer";
  return undefined;
}

/** Whether a PDF asks for a password before it is read, or forbids to copy its text: its trailer names how it is encrypted. */
export const isEncryptedPdf = (bytes: Uint8Array): boolean =>
  new TextDecoder("latin1").decode(bytes).includes("/Encrypt ");
