/** Text in columns of a terminal: how wide it is, shortened, padded, wrapped, as a table. */

import { stripVTControlCharacters } from "node:util";
import stringWidth from "string-width";
import { PROGRAM } from "./program_name.ts";
import { oneLine } from "./text.ts";

const SEGMENTS = new Intl.Segmenter("en", { granularity: "grapheme" });

/** How many columns `text` takes: colours and accents none, East Asian letters and pictures two. */
export const displayWidth = (text: string): number =>
  /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);

/** `text`, at most `columns` wide; what does not fit is replaced by one `…`, and then all colours go. */
export function shorten(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let shown = "";
  let width = 0;
  for (const { segment } of SEGMENTS.segment(stripVTControlCharacters(text))) {
    width += displayWidth(segment);
    if (width > columns - 1) break;
    shown += segment;
  }
  return columns < 1 ? "" : `${shown.trimEnd()}…`;
}

export const padRight = (text: string, columns: number): string =>
  text + " ".repeat(Math.max(0, columns - displayWidth(text)));
export const padLeft = (text: string, columns: number): string =>
  " ".repeat(Math.max(0, columns - displayWidth(text))) + text;

/** A space at which `wrap` does not break; it is an ordinary one in what comes out. */
export const UNBROKEN = "\u00a0";

/** A word in quotes, or one without blanks and without the sign that ends a sentence. */
const WORD = "(?:'[^']*'|\"[^\"]*\"|[^\\s'\"]*[^\\s'\".,;:)])";
/** The same that is no word of a sentence: it has a capital, a digit, a slash, a quote or another sign. */
const OBJECT = `(?=['"]|\\S*[A-Z0-9/_=.*-]\\S)${WORD}`;
const COMMAND_START = `${PROGRAM} `.replaceAll(" ", UNBROKEN);
/** A command of this program with its words: an option, what follows one, and whatever is no word of a sentence. */
const COMMAND = new RegExp(
  `${
    RegExp.escape(PROGRAM)
  } [a-z-]+(?: (?:accept|withdraw|latest|up|down|status)\\b| --?[a-z][\\w-]*(?: ${WORD})?| ${OBJECT})*`,
  "g",
);

/**
 * `text` in lines of at most `columns`, broken between words, and inside a word that is longer than a line. A command of
 * this program is never broken: it is there to be copied, and the terminal breaks one that is longer than its line.
 */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  const whole = oneLine(text).replaceAll(COMMAND, (command) => command.replaceAll(" ", UNBROKEN));
  const words = whole.split(/ +/).flatMap((word) =>
    word.startsWith(COMMAND_START) ? [word] : pieces(word, columns)
  );
  for (const word of words) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (displayWidth(longer) > columns) {
      if (line !== "") lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line].map((line) => line.replaceAll(UNBROKEN, " "));
}

/**
 * The same for a line that may be indented: each of its lines is, by as much. One that fits stays as it is; one that does not
 * loses its colours.
 * @param title how many columns a title at the beginning takes: nothing else stands below it.
 */
export function wrapIndented(line: string, columns: number, title = 0): string[] {
  if (displayWidth(line) <= columns) return [line];
  const plain = stripVTControlCharacters(line);
  const head = title > 0 ? plain.slice(0, title) : /^ */.exec(plain)![0];
  const below = " ".repeat(head.length);
  return wrap(plain.slice(head.length), Math.max(20, columns - head.length))
    .map((part, at) => (at === 0 ? head : below) + part);
}

function pieces(word: string, columns: number): string[] {
  if (displayWidth(word) <= columns) return [word];
  const found: string[] = [];
  let piece = "";
  let width = 0;
  for (const { segment } of SEGMENTS.segment(word)) {
    const more = displayWidth(segment);
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

export type Alignment = "left" | "right";

/**
 * Rows as aligned lines, two blanks between the columns, nothing after the last one. Widths are those on the
 * screen: colours count nothing, a wide character counts two. A line break in a cell becomes a blank.
 */
export function table(
  rows: readonly (readonly string[])[],
  align: readonly Alignment[] = [],
  gap = "  ",
): string[] {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll(/\s*[\r\n]+\s*/g, " ")));
  const widths: number[] = [];
  for (const row of cells) {
    row.forEach((cell, at) => widths[at] = Math.max(widths[at] ?? 0, displayWidth(cell)));
  }
  return cells.map((row) =>
    row.map((cell, at) => {
      const blanks = " ".repeat((widths[at] ?? 0) - displayWidth(cell));
      return align[at] === "right" ? blanks + cell : cell + blanks;
    }).join(gap).trimEnd()
  );
}
