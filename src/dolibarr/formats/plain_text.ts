/** What a person reads of a text that Dolibarr stores, or shows, as HTML: one plain form for both sides. Pure. */

import { decodeHTMLStrict } from "entities";

/**
 * A name or a message in one line: without entities and tags, and with one space for any white space. Dolibarr's
 * `dol_escape_htmltag` leaves out `<b>` and writes a line feed as `\n`, its `dol_htmlentitiesbr` as `<br>`.
 */
export function plainText(text: string): string {
  let [before, plain] = ["", text];
  while (plain !== before) [before, plain] = [plain, withoutTags(withoutEntities(plain))];
  return inOneLine(plain.replaceAll(/\\[rn]/g, " "));
}

/** What is read of a piece of a page: without scripts, styles, comments, its title, tags and entities. */
export function readableText(html: string): string {
  const text = html.replace(/<(script|style)\b[^]*?<\/\1>/gi, " ").replace(/<!--[^]*?-->/g, " ")
    .replace(/<title>[^<]*<\/title>/gi, " ").replace(/<[^>]*>/g, " ");
  return inOneLine(withoutEntities(text));
}

/**
 * A text without HTML entities, each of which ends with a `;`. They are decoded as often as that changes something:
 * 22.0.4 escapes an `&` twice in some fields, and names of old versions are stored as `Stra&szlig;e N&deg;1`.
 */
function withoutEntities(text: string): string {
  let [before, plain] = ["", text];
  while (plain !== before) [before, plain] = [plain, decodeHTMLStrict(plain)];
  return plain;
}

/** A `<` that begins no tag stays: `A < B`. */
const withoutTags = (text: string): string =>
  text.replace(/<br\b[^<>]*>/gi, " ").replace(/<\/?[a-z][^<>]*>/gi, "");

const inOneLine = (text: string): string => text.replace(/\s+/g, " ").trim().normalize();
