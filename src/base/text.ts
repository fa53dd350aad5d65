/** Numbers and tables for a person: sizes, durations, ages, aligned columns, the nearest of some names. */

const SIZES = ["B", "kB", "MB", "GB", "TB"];

/** Bytes in decimal units, as shops and object stores count: `999 B`, `1.5 kB`, `35 MB`, `1.75 GB`. */
export function formatBytes(bytes: number): string {
  let at = 0;
  let value = bytes;
  // 999.5 would be shown as 1000, so it belongs to the next unit.
  while (value >= 999.5 && at < SIZES.length - 1) {
    value /= 1000;
    at++;
  }
  if (at === 0) return `${Math.round(value)} B`;
  return `${value >= 100 ? Math.round(value) : trimZeros(value.toPrecision(3))} ${SIZES[at]}`;
}

/** A duration in ms: `85 ms`, `3.2 s`, `2 min 05 s`, `3 h 12 min`, `2 d 4 h`. */
export function formatMs(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${trimZeros((ms / 1000).toFixed(1))} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How long ago, in one unit that a person thinks in: `just now`, `5 min`, `3 h`, `12 days`, `4 months`, `2 years`. */
export function formatAge(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes < -1) return `${formatAge(-ms)} ahead`; // a clock is wrong, and it must be seen
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${Math.floor(minutes)} min`;
  const hours = minutes / 60;
  if (hours < 48) return `${Math.floor(hours)} h`;
  const days = hours / 24;
  if (days < 61) return `${Math.floor(days)} days`;
  if (days < 730) return `${Math.floor(days / 30.44)} months`;
  return `${Math.floor(days / 365.25)} years`;
}

/** `1 file`, `3 files`, `12,345 rows`. */
export const formatCount = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;

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

// deno-lint-ignore no-control-regex -- colours begin with the escape character
const ESCAPES = /\x1b\[[0-9;]*[A-Za-z]|\x1b\]8;[^\x07\x1b]*(?:\x07|\x1b\\)/g;
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]$/u;

/** How many columns of a terminal `text` takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text.replaceAll(ESCAPES, "")) {
    width += ZERO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** `text` cut to `width` columns, with an ellipsis where something is missing. Colours are dropped when it is cut. */
export function cutTo(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let cut = "";
  for (const character of text.replaceAll(ESCAPES, "")) {
    if (displayWidth(cut + character) > width - 1) break;
    cut += character;
  }
  return cut + "…";
}

/**
 * The name that was probably meant, or undefined when none is near: at most a third of the letters differ.
 * @example nearest("sandobx", ["prod", "sandbox"]) // "sandbox"
 */
export function nearest(word: string, names: readonly string[]): string | undefined {
  let best: { name: string; steps: number } | undefined;
  for (const name of names) {
    const steps = distance(plain(word), plain(name));
    const longest = Math.max(word.length, name.length);
    if (
      steps <= Math.max(1, Math.floor(longest / 3)) && steps < longest && steps < (best?.steps ?? Infinity)
    ) {
      best = { name, steps };
    }
  }
  return best?.name;
}

/** The rest of a sentence about an unknown `word`: what was probably meant, else all the names that there are. */
export function suggestion(word: string, names: readonly string[]): string {
  const near = nearest(word, names);
  return near ? `did you mean "${near}"?` : `known are ${names.join(", ") || "none"}`;
}

/** accessKey, access-key and access_key are the same mistake. */
const plain = (name: string) => name.toLowerCase().replaceAll(/[-_ ]/g, "");

/** How many letters must be put in, left out, changed or swapped with the next (Damerau, restricted). */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let steps = Math.min(at(rows, i - 1, j) + 1, (row[j - 1] ?? 0) + 1, at(rows, i - 1, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        steps = Math.min(steps, at(rows, i - 2, j - 2) + 1);
      }
      row.push(steps);
    }
    rows.push(row);
  }
  return at(rows, a.length, b.length);
}

const at = (rows: number[][], i: number, j: number): number => rows[i]?.[j] ?? 0;

const trimZeros = (text: string) => text.includes(".") ? text.replace(/\.?0+$/, "") : text;
