/**
 * Pages in disguise: answers with status 200 that are an error. Dolibarr reports almost every failure like that
 * (docs/facts.md, What looks fine and is not), so each answer is read, and its real kind gets a name. Pure.
 */

import { createHash } from "node:crypto";
import { readableText } from "../../formats/plain_text.ts";
import { formatCount } from "../../../base/numbers.ts";

/** What was requested. */
export type ExpectedContent = "sign_in" | "page" | "pdf" | "picture" | "file";

/** One answer of the ERP, as it was received. */
export interface ErpAnswer {
  status: number;
  /** The address that answered, after redirects. */
  url: string;
  /** The address that was requested. */
  asked: string;
  contentType: string;
  /** The file name of Content-Disposition, where there is one. */
  fileName?: string;
  body: Uint8Array;
}

export type DisguiseKind =
  | "another_address"
  | "install_page"
  | "setup_page"
  | "server_error"
  | "not_found"
  | "refused"
  | "technical_error"
  | "php_error"
  | "offline"
  | "access_forbidden"
  | "record_not_found"
  | "file_does_not_exist"
  | "no_photo"
  | "fallback_logo"
  | "sign_in_form"
  | "blank_page"
  | "wrong_file"
  | "wrong_language"
  // known only to the browser
  | "page_error"
  | "wrong_password"
  | "unexpected_page";

export interface Disguise {
  kind: DisguiseKind;
  /** One sentence that names the cause, without its full stop. */
  sentence: string;
}

/**
 * What an answer really is; undefined where it is what was requested, as far as its bytes show.
 * The order matters: a cause is named before its consequence.
 */
export function disguiseOf(answer: ErpAnswer, expected: ExpectedContent): Disguise | undefined {
  const text = isText(answer) ? decode(answer.body) : "";
  return elsewhere(answer) ?? byStatus(answer, text) ?? byText(answer, text, expected) ??
    (expected === "pdf" || expected === "picture" || expected === "file"
      ? byBytes(answer, expected)
      : undefined);
}

/** Whether the `src` of the sign-in page's logo is Dolibarr's own, which it shows where the company's is missing. */
export function fallbackLogo(source: string): Disguise | undefined {
  if (!/\/theme\/(?:dolibarr_logo|common\/login_logo|[^?]*dolibarr)[^/?]*\.(?:svg|png)/.test(source)) {
    return undefined;
  }
  return {
    kind: "fallback_logo",
    sentence: "the sign-in page shows Dolibarr's own logo: the company's logo cannot be read",
  };
}

/** Whether a page declares another language than `wanted` (two letters); any is right where `wanted` is undefined. */
export function wrongLanguage(html: string, wanted: string | undefined): Disguise | undefined {
  const found = html.match(/<html\b[^>]*\slang="([^"]*)"/)?.[1];
  if (wanted === undefined || found === wanted) return undefined;
  const sentence = `the page is in ${
    found ? `the language "${found}"` : "no declared language"
  }, not in "${wanted}"`;
  return { kind: "wrong_language", sentence };
}

function elsewhere({ url, asked }: ErpAnswer): Disguise | undefined {
  const [there, here] = [new URL(url), new URL(asked)];
  if (there.origin !== here.origin) {
    return {
      kind: "another_address",
      sentence: `the request was redirected to another address, ${there.origin}`,
    };
  }
  if (/\/install\/(?:index|check)\.php$/.test(there.pathname)) {
    return {
      kind: "install_page",
      sentence:
        "the request was redirected to the installation page: the database is empty, or of another version than the program",
    };
  }
  if (there.searchParams.get("mesg") === "setupnotcomplete") {
    return {
      kind: "setup_page",
      sentence: "the request was redirected to the setup page: the company's name or country is not set",
    };
  }
  return undefined;
}

function byStatus({ status }: ErpAnswer, text: string): Disguise | undefined {
  const message = readableText(text).slice(0, 160);
  const quoted = message ? `: ${message}` : "";
  if (status >= 500) return { kind: "server_error", sentence: `the server answered ${status}${quoted}` };
  if (status === 404) return { kind: "not_found", sentence: `the page does not exist (404)${quoted}` };
  if (status >= 300) return { kind: "refused", sentence: `the server answered ${status}${quoted}` };
  return undefined;
}

/** `DolibarrHasDetectedError` in the languages of 22.0.4, and the texts that accompany it in every language. */
const TECHNICAL_ERROR = new RegExp([
  "Dolibarr has detected a technical error",
  "Dolibarr a détecté une erreur technique",
  "Das System hat einen technischen Fehler festgestellt",
  "Dolibarr ha detectado un error técnico",
  "Dolibarr ha rilevato un errore tecnico",
  "Dolibarr heeft een technische fout gedetecteerd",
  "O Dolibarr detectou um erro técnico",
  "failed after a technical error",
  "\\bDB_ERROR_[A-Z_]+",
].join("|"));
/** With `html_errors` on and off; ordinary text of a page is not matched. */
const PHP_ERROR =
  /<b>(?:Fatal error|Parse error|Warning|Deprecated|Notice)<\/b>:[^]{0,800}? on line <b>|^\s*(?:PHP )?(?:Fatal|Parse) error:\s/m;
const OFFLINE = /Sorry, your application is offline/;
const FILE_DOES_NOT_EXIST = /ErrorFileDoesNotExists:?\s*([^<\n]*)/;
/** `accessforbidden()` shows the login in a second element `error`, in every language. */
const FORBIDDEN = /<div class="error">[^]{0,600}?<span class="error">[^<]*<\/span>/;
const FORBIDDEN_TEXT =
  /<div class="error">\s*(?:Access denied|Accès refusé|Zugriff verweigert|Acceso denegado|Accesso negato)/;
const ERROR_BOX = /<div class="error">([^<]*)/;

function byText({ status }: ErpAnswer, text: string, expected: ExpectedContent): Disguise | undefined {
  if (status === 202 || TECHNICAL_ERROR.test(text)) {
    return {
      kind: "technical_error",
      sentence: `Dolibarr has detected a technical error${databaseError(text)}`,
    };
  }
  if (PHP_ERROR.test(text)) {
    return { kind: "php_error", sentence: `PHP reports an error on the page: ${around(text, PHP_ERROR)}` };
  }
  if (OFFLINE.test(text)) {
    return { kind: "offline", sentence: "Dolibarr says that it is offline (MAIN_ONLY_LOGIN_ALLOWED)" };
  }
  const missing = text.match(FILE_DOES_NOT_EXIST);
  if (missing) return { kind: "file_does_not_exist", sentence: `the file is missing: ${missing[0].trim()}` };
  if (expected !== "sign_in" && /<form[^>]*\bid="login"/.test(text)) {
    return { kind: "sign_in_form", sentence: "the sign-in form was served instead: no account is signed in" };
  }
  if (FORBIDDEN.test(text) || FORBIDDEN_TEXT.test(text)) {
    return { kind: "access_forbidden", sentence: "access is denied to this account" };
  }
  if (expected !== "page" && expected !== "sign_in") return undefined;
  const box = text.match(ERROR_BOX);
  if (box && !/class="[^"]*\brefid\b/.test(text)) {
    return { kind: "record_not_found", sentence: `the page says: ${readableText(box[1]!) || "an error"}` };
  }
  return readableText(text) === "" && !/<(?:form|img|table)\b/.test(text)
    ? { kind: "blank_page", sentence: `the page is blank (${formatCount(text.length, "character")})` }
    : undefined;
}

/** Dolibarr 22's `public/theme/common/nophoto.png`, which viewimage.php sends where a picture is missing. */
const NO_PHOTO = { name: "nophoto.png", bytes: 4713, md5: "d72975123c32d72ecd5d76573c3b376c" };
const PICTURES = [[0x89, 0x50, 0x4e, 0x47], [0xff, 0xd8, 0xff], [0x47, 0x49, 0x46, 0x38], [
  0x52,
  0x49,
  0x46,
  0x46,
]];

function byBytes(
  { body, fileName, asked, contentType }: ErpAnswer,
  expected: "pdf" | "picture" | "file",
): Disguise | undefined {
  if (fileName === NO_PHOTO.name && !asked.includes(NO_PHOTO.name) || isNoPhoto(body)) {
    return {
      kind: "no_photo",
      sentence: "the picture is missing: Dolibarr sent its placeholder nophoto.png",
    };
  }
  if (body.length === 0) return { kind: "blank_page", sentence: "the answer is empty" };
  const other = (what: string): Disguise => ({
    kind: "wrong_file",
    sentence: `the answer is not ${what}, but ${formatCount(body.length, "byte")} of ${
      contentType || "an undeclared type"
    }`,
  });
  if (expected === "pdf" && !startsWith(body, [0x25, 0x50, 0x44, 0x46, 0x2d])) return other("a PDF");
  const svg = expected === "picture" && contentType.startsWith("image/svg");
  if (expected === "picture" && !svg && !PICTURES.some((magic) => startsWith(body, magic))) {
    return other("a picture");
  }
  return undefined;
}

const isNoPhoto = (body: Uint8Array): boolean =>
  body.length === NO_PHOTO.bytes && createHash("md5").update(body).digest("hex") === NO_PHOTO.md5;

const startsWith = (body: Uint8Array, magic: number[]): boolean =>
  magic.every((byte, index) => body[index] === byte);

const isText = ({ contentType, body }: ErpAnswer): boolean =>
  contentType.startsWith("text/") || contentType === "" && !body.subarray(0, 512).includes(0);

const decode = (body: Uint8Array): string => new TextDecoder().decode(body);

/** `: relation "llx_facture" does not exist`, where the page shows PostgreSQL's message. */
function databaseError(text: string): string {
  const message = readableText(text).match(
    /ERROR:\s+(?:\w{5}:\s+)?(.{1,160}?)(?:\\n|\s+LINE |\s+Dolibarr has |$)/,
  );
  return message ? `: ${message[1]}` : "";
}

function around(text: string, pattern: RegExp): string {
  const at = text.search(pattern);
  return readableText(text.slice(at, at + 400)).slice(0, 160);
}
