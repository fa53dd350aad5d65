/** Counts the places in PHP code that ask other machines. Pure. */

import { type Kind, OUTGOING } from "./kinds.ts";

/** How many calls of a kind a file has. */
export interface Calls {
  /** Below htdocs: `custom/shop/lib/carrier.php`. */
  file: string;
  kind: Kind;
  count: number;
}

/**
 * The calls in one file.
 *
 * @param text PHP
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const text = `<?php // curl_init() is not called here
 * $answer = getURLContent($address . "/*"); $other = curl_init($address);`;
 * assertEquals(countCalls("custom/shop/lib.php", text), [
 *   { file: "custom/shop/lib.php", kind: "url", count: 1 },
 *   { file: "custom/shop/lib.php", kind: "curl", count: 1 },
 * ]);
 * ```
 */
export function countCalls(file: string, text: string): Calls[] {
  const code = withoutComments(text);
  return (Object.keys(OUTGOING) as Kind[]).flatMap((kind) => {
    const count = [...code.matchAll(OUTGOING[kind].calls)].length;
    return count === 0 ? [] : [{ file, kind, count }];
  });
}

/** What is `found` beyond what is `known`: another place, or more calls of a kind in a known one. */
export function unknownCalls(found: readonly Calls[], known: readonly Calls[]): Calls[] {
  const counts = new Map(known.map(({ file, kind, count }) => [`${file} ${kind}`, count]));
  return found.flatMap((one) => {
    const count = one.count - (counts.get(`${one.file} ${one.kind}`) ?? 0);
    return count > 0 ? [{ ...one, count }] : [];
  });
}

/** A string is passed over whole: `"/*"` in one begins no comment. */
const STRING_OR_COMMENT = /'(?:\\[^]|[^'\\])*'|"(?:\\[^]|[^"\\])*"|\/\*[^]*?\*\/|\/\/[^\n]*|#(?!\[)[^\n]*/g;

const withoutComments = (text: string): string =>
  text.replaceAll(STRING_OR_COMMENT, (one) => one.startsWith("'") || one.startsWith('"') ? one : " ");
