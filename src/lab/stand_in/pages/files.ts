/** The files that the stand-in serves: by `document.php`, by `viewimage.php`, and its own pictures. */

import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";
import { forbidden, type Reply, reply } from "./html.ts";
import type { Visit } from "../site.ts";

const TYPES: Record<string, string> = {
  pdf: "application/pdf",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  svg: "image/svg+xml",
  webp: "image/webp",
  txt: "text/plain; charset=UTF-8",
};

/** A document of a part of the ERP, for an account with the right to read that part. */
export function answerDocument(visit: Visit): Reply {
  const { url, user, fault, site } = visit;
  const part = url.searchParams.get("modulepart") ?? "";
  const file = url.searchParams.get("file") ?? "";
  const allowed = part === "facture" ? user?.rights.has("facture.lire") : part === "mycompany" && user?.admin;
  if (!allowed) return forbidden(visit);
  if (unsafe(file)) return reply(`ErrorFileNameInvalid: ${file.replace(/[<>&"]/g, "")}`);
  const bytes = fault.mode === "document-missing"
    ? undefined
    : read(`${site.config.documents}/${part}/${file}`);
  if (!bytes) return reply(`ErrorFileDoesNotExists: ${file}`);
  if (fault.mode === "altered-pdf") bytes[bytes.length >> 1]! ^= 1;
  const how = url.searchParams.get("attachment") === "0" ? "inline" : "attachment";
  return send(bytes, file, how);
}

/** A picture. Those of the company are served to everybody, because the sign-in page shows one. */
export function answerPicture(visit: Visit): Reply {
  const { url, fault, site } = visit;
  const file = url.searchParams.get("file") ?? "";
  if (url.searchParams.get("modulepart") !== "mycompany" || unsafe(file)) {
    return reply("Bad value for parameter modulepart", 400);
  }
  const lost = fault.mode === "picture-missing" ||
    fault.mode === "thumbnail-missing" && file.startsWith("logos/thumbs/") && !site.thumbnailsRemade;
  const bytes = lost ? undefined : read(`${site.config.documents}/mycompany/${file}`);
  return bytes ? send(bytes, file, "inline") : send(PLACEHOLDER, "nophoto.png", "inline");
}

/** The files that need no database; undefined for every other address. */
export function plainFile(path: string): Reply | undefined {
  if (path === "/robots.txt") {
    return {
      ...reply("User-agent: *\nDisallow: /\n"),
      headers: { "content-type": "text/plain; charset=UTF-8" },
    };
  }
  if (path === "/theme/dolibarr_logo.svg") {
    return { ...reply(PLACEHOLDER_LOGO), headers: { "content-type": "image/svg+xml" } };
  }
  return undefined;
}

function send(body: Uint8Array<ArrayBuffer>, file: string, how: "inline" | "attachment"): Reply {
  const name = file.slice(file.lastIndexOf("/") + 1);
  const type = TYPES[name.slice(name.lastIndexOf(".") + 1).toLowerCase()] ?? "application/octet-stream";
  return {
    status: 200,
    body,
    headers: { "content-type": type, "content-disposition": `${how}; filename="${name}"` },
  };
}

const unsafe = (file: string): boolean =>
  file === "" || file.includes("..") || file.startsWith("/") || /[<>|\0]/.test(file);

function read(file: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Deno.readFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/** The size of Dolibarr's nophoto.png; the content is our own, so its hash differs. */
const PLACEHOLDER_BYTES = 4713;

const SIDE = 96;

/** The answer of `viewimage.php` for a missing picture: a grey square, padded by a comment. */
export const PLACEHOLDER: Uint8Array<ArrayBuffer> = placeholder();

/** In place of Dolibarr's own logo, which the sign-in page shows where the company's cannot be read. */
const PLACEHOLDER_LOGO =
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
