/** Texts that Dolibarr stores or displays as HTML, as the plain text that a person reads. Pure. */

import { decodeHTMLStrict } from "entities";

/**
 * A name or a message in one line: without HTML entities and tags, and with single spaces. Dolibarr's
 * `dol_escape_htmltag` removes `<b>` and writes a line feed as `\n`, its `dol_htmlentitiesbr` as `<br>`.
 */
export function plainText(text: string): string {
  let [before, plain] = ["", text];
  while (plain !== before) [before, plain] = [plain, withoutTags(withoutEntities(plain))];
  return inOneLine(plain.replaceAll(/\\[rn]/g, " "));
}

/** The visible text of a page or of a part of one: without scripts, styles, comments, title, tags and HTML entities. */
export function readableText(html: string): string {
  const text = html.replace(/<(script|style)\b[^]*?<\/\1>/gi, " ").replace(/<!--[^]*?-->/g, " ")
    .replace(/<title>[^<]*<\/title>/gi, " ").replace(/<[^>]*>/g, " ");
  return inOneLine(withoutEntities(text));
}

/**
 * Decodes HTML entities (each ends with a `;`) until nothing changes: 22.0.4 escapes an `&` twice in some fields, and names
 * of old versions are stored as `Stra&szlig;e N&deg;1`.
 */
function withoutEntities(text: string): string {
  let [before, plain] = ["", text];
  while (plain !== before) [before, plain] = [plain, decodeHTMLStrict(plain)];
  return plain;
}

/** Removes tags; a `<` that does not begin one stays: `A < B`. */
const withoutTags = (text: string): string =>
  text.replace(/<br\b[^<>]*>/gi, " ").replace(/<\/?[a-z][^<>]*>/gi, "");

const inOneLine = (text: string): string => text.replace(/\s+/g, " ").trim().normalize();
