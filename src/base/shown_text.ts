/** Text from anywhere, made fit to be shown: no credentials, no control characters, a known width. */

/** Bidirectional overrides can make a text read as another one; the rest of these have no picture at all. */
const INVISIBLE = /[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu;
/** East Asian wide letters and pictures take two columns of a terminal. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}/u;
const SEGMENTS = new Intl.Segmenter("en", { granularity: "grapheme" });

/** `text` with line breaks and tabs, and without every other control character, bidi override or half a letter. */
export const withoutControls = (text: string): string =>
  text.toWellFormed().replace(/\r\n?/g, "\n").replace(INVISIBLE, "");

/** `text` on one line: what would break it is a space. */
export const oneLine = (text: string): string =>
  withoutControls(text.replace(/[\r\n\t\u2028\u2029]+/g, " ")).trim();

/**
 * Takes out what must never be kept: the user and password of an address, and the values of parameters
 * that are named like a secret. A last guard: nobody should hand such a text to a report at all.
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

/** How many columns of a terminal `text` takes. Accents add nothing, East Asian letters and pictures take two. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of SEGMENTS.segment(text)) width += columnsOf(segment);
  return width;
}

/** `text`, at most `columns` wide; what does not fit is replaced by one `…`. */
export function shorten(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let kept = "";
  let width = 0;
  for (const { segment } of SEGMENTS.segment(text)) {
    width += columnsOf(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return columns < 1 ? "" : `${kept.trimEnd()}…`;
}

export const padRight = (text: string, columns: number): string =>
  text + " ".repeat(Math.max(0, columns - displayWidth(text)));
export const padLeft = (text: string, columns: number): string =>
  " ".repeat(Math.max(0, columns - displayWidth(text))) + text;

/** A space at which `wrap` does not break; it is an ordinary one in what comes out. */
export const UNBROKEN = "\u00a0";

/** `text` in lines of at most `columns`, broken between words, and inside a word that is longer than a line. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of oneLine(text).split(/ +/).flatMap((word) => pieces(word, columns))) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (displayWidth(longer) > columns) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line].map((line) => line.replaceAll(UNBROKEN, " "));
}

function pieces(word: string, columns: number): string[] {
  if (displayWidth(word) <= columns) return [word];
  const found: string[] = [];
  let piece = "";
  let width = 0;
  for (const { segment } of SEGMENTS.segment(word)) {
    const more = columnsOf(segment);
    if (width + more > columns && piece !== "") {
      found.push(piece);
      piece = "";
      width = 0;
    }
    piece += segment;
    width += more;
  }
  return [...found, piece];
}

function columnsOf(segment: string): number {
  if (/^[\p{Mark}\u200b-\u200f\ufeff]+$/u.test(segment)) return 0;
  return WIDE.test(segment) ? 2 : 1;
}
