/** Files over the stand-in's web: `document.php`, `viewimage.php` and what the web server sends itself. */

import { forbidden, type Reply, reply } from "./html.ts";
import { PLACEHOLDER, PLACEHOLDER_LOGO } from "./pictures.ts";
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

/** A document of one part of the ERP, for somebody who may read that part. */
export function document(visit: Visit): Reply {
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

/** A picture; the company's are for everybody, because the sign-in page shows one. */
export function servePicture(visit: Visit): Reply {
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

/** What needs no database: undefined for every other address. */
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
