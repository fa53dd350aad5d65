/**
 * What many indexes list, each file once: of ten thousand files a dozen change in a night, so that the indexes of years are
 * hardly larger than one. Pure.
 */

import type { IndexedFile } from "../../documents/index.ts";

/** A file as some indexes list it, and in which of them: the numbers of the first and the last of each unbroken row. */
interface Entry {
  file: IndexedFile;
  rows: number[];
}

export interface Catalogue {
  /** Whether an index was added since it was read. */
  readonly changed: boolean;
  /** Whether an index is in it, by its SHA-256. */
  has(index: string): boolean;
  /** Whether any index has a file of that text. */
  knows(entry: string): boolean;
  /** Adds an index; quickest in the order of the sets. @param entries the text of each of its files */
  add(index: string, entries: readonly string[]): void;
  /** The files whose path is meant, of each index that has one. */
  find(matches: (path: string) => boolean): Map<string, IndexedFile[]>;
  /** The whole of it for `readCatalogue`, without the indexes that are not in `used`. */
  text(used: ReadonlySet<string>): string;
}

export const newCatalogue = (): Catalogue => catalogueOf([], new Map());

/** A catalogue from what its `text` gave. */
export function readCatalogue(text: string): Catalogue {
  const [indexes = "", ...lines] = text.split("\n");
  const entries = new Map(lines.map((line) => {
    const at = line.indexOf(" ");
    const entry = line.slice(at + 1);
    return [entry, { file: JSON.parse(entry), rows: line.slice(0, at).split(",").map(Number) }];
  }));
  return catalogueOf(indexes === "" ? [] : indexes.split(" "), entries);
}

function catalogueOf(indexes: string[], entries: Map<string, Entry>): Catalogue {
  const known = new Set(indexes);
  const before = indexes.length;
  return {
    get changed() {
      return indexes.length > before;
    },
    has: (index) => known.has(index),
    knows: (entry) => entries.has(entry),
    add(index, texts) {
      if (known.has(index)) return;
      known.add(index);
      const number = indexes.push(index) - 1;
      for (const text of texts) {
        const entry = entries.get(text);
        if (entry) append(entry.rows, number);
        else {
          const file: IndexedFile = JSON.parse(text);
          // written anew: a part of a text holds the whole text in memory
          entries.set(JSON.stringify(file), { file, rows: [number, number] });
        }
      }
    },
    find(matches) {
      const found = new Map<string, IndexedFile[]>();
      for (const { file, rows } of entries.values()) {
        if (!matches(file.path)) continue;
        for (const number of numbersOf(rows)) {
          const files = found.get(indexes[number]!);
          if (files) files.push(file);
          else found.set(indexes[number]!, [file]);
        }
      }
      return found;
    },
    text(used) {
      const kept = indexes.filter((index) => used.has(index));
      const numbers = new Map(kept.map((index, at) => [index, at]));
      const moved = indexes.map((index) => numbers.get(index));
      const lines = [kept.join(" ")];
      for (const [text, { rows }] of entries) {
        const now: number[] = [];
        for (const number of numbersOf(rows)) {
          const to = moved[number];
          if (to !== undefined) append(now, to);
        }
        if (now.length > 0) lines.push(`${now.join()} ${text}`);
      }
      return lines.join("\n");
    },
  };
}

function append(rows: number[], number: number): void {
  if (rows.at(-1) === number) return; // an index that names a file twice
  if (rows.at(-1) === number - 1) rows[rows.length - 1] = number;
  else rows.push(number, number);
}

function* numbersOf(rows: readonly number[]): Generator<number, void, void> {
  for (let at = 0; at < rows.length; at += 2) {
    for (let number = rows[at]!; number <= rows[at + 1]!; number++) yield number;
  }
}
