/** Text from outside, made safe to show: no control characters, no credentials. */

/** Bidirectional overrides can make a text read as another one; the rest of these have no picture at all. */
const INVISIBLE = /[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu;

/** `text` without control characters other than line breaks and tabs, bidi overrides and lone surrogates. */
export const withoutControls = (text: string): string =>
  text.toWellFormed().replace(/\r\n?/g, "\n").replace(INVISIBLE, "");

/** `text` on one line: line breaks and tabs become a space. */
export const oneLine = (text: string): string =>
  withoutControls(text.replace(/[\r\n\t\u2028\u2029]+/g, " ")).trim();

/**
 * Removes credentials: the user and password of an address, and the values of parameters that are named like a
 * secret. A last guard: no such text should reach a report.
 */
export function withoutCredentials(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#]*@/gi, "$1***@")
    .replace(
      /([?&;](?:new)?(?:token|passw(?:or)?d|pwd|secret|api_?key|key|sig(?:nature)?|x-amz-[a-z-]{1,40})=)[^&\s#"'<>]*/gi,
      "$1***",
    )
    .replace(/\b((?:pg)?passw(?:or)?d=)('[^']*'|[^\s'&"]+)/gi, "$1***");
}
