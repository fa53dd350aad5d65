/**
 * What many indexes list, each file once: of ten thousand files a dozen change in a night, so that the indexes of years are
 * hardly larger than one. Pure.
 */

import type { IndexedFile } from "../../documents/index.ts";
import { endOfFile, filesPart, parseFile, textsOfFiles } from "../../documents/index_entries.ts";

/** A file as some indexes list it. */
interface Entry {
  file: IndexedFile;
  /** In which indexes: the numbers of the first and the last of each unbroken row. */
  rows: number[];
  /** Its place in the index that was added last, where it is in that one. */
  place: number;
}

export interface Catalogue {
  /** Whether an index was added since it was read. */
  readonly changed: boolean;
  /** Whether an index is in it, by its SHA-256. */
  has(index: string): boolean;
  /**
   * Adds an index; quickest in the order of the sets.
   * @param text the JSON of the index
   * @param key of its object, for messages
   * @throws DrillError `OBJECT_CORRUPT` when it is no index, `STORE_NEWER` when a newer version wrote it.
   */
  add(index: string, text: string, key: string): void;
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
    return [entry, {
      file: JSON.parse(entry),
      rows: line.slice(0, at).split(",").map(Number),
      place: -1,
    }];
  }));
  return catalogueOf(indexes === "" ? [] : indexes.split(" "), entries);
}

function catalogueOf(indexes: string[], entries: Map<string, Entry>): Catalogue {
  const known = new Set(indexes);
  const before = indexes.length;
  let last: TakenApart | undefined;
  return {
    get changed() {
      return indexes.length > before;
    },
    has: (index) => known.has(index),
    add(index, text, key) {
      if (known.has(index)) return;
      const apart = takeApart(text, key, entries, last);
      const taken = apart ?? fromTexts(textsOfFiles(text, key), entries);
      known.add(index);
      const number = indexes.push(index) - 1;
      taken.entries.forEach((entry, place) => {
        append(entry.rows, number);
        entry.place = place;
      });
      for (const entry of taken.fresh) entries.set(JSON.stringify(entry.file), entry);
      last = apart;
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

/** The entries of an index, in its order, and those that no index had before. */
interface Taken {
  entries: Entry[];
  fresh: Entry[];
}

/** The same, with where each begins in the text. */
interface TakenApart extends Taken {
  text: string;
  starts: number[];
}

/** So many files are compared at once with those of the index before. */
const RUN = 64;

/** Undefined where the text is not written as ours are, or where an entry is not what it must be. */
function takeApart(
  text: string,
  key: string,
  known: ReadonlyMap<string, Entry>,
  last: TakenApart | undefined,
): TakenApart | undefined {
  const part = filesPart(text, key);
  if (!part) return undefined;
  const taken: TakenApart = { entries: [], fresh: [], text, starts: [] };
  let place = 0; // in the index before
  for (let at = part.from; at < part.end;) {
    const run = last ? runOf(text, at, last, place) : 0;
    if (last && run > 0) {
      const begin = last.starts[place]!;
      for (const end = place + run; place < end; place++) {
        taken.starts.push(at + last.starts[place]! - begin);
        taken.entries.push(last.entries[place]!);
      }
      at += last.starts[place]! - begin;
      continue;
    }
    const end = endOfFile(text, at, part);
    const own = text.slice(at, end);
    let entry = known.get(own);
    if (entry) place = entry === last?.entries[entry.place] ? entry.place + 1 : place;
    else {
      const file = parseFile(own);
      if (!file) return undefined;
      entry = { file, rows: [], place: -1 };
      taken.fresh.push(entry);
      if (last?.entries[place]?.file.path === file.path) place++;
    }
    taken.starts.push(at);
    taken.entries.push(entry);
    at = end + 1;
  }
  return taken;
}

/** How many files from `at` on are those of the index before from `place` on. Its last one is never among them: no comma follows. */
function runOf(text: string, at: number, last: TakenApart, place: number): number {
  const begin = last.starts[place]!;
  for (let run = Math.min(RUN, last.starts.length - 1 - place); run > 0; run >>= 1) {
    const length = last.starts[place + run]! - begin;
    if (text.slice(at, at + length) === last.text.slice(begin, begin + length)) return run;
  }
  return 0;
}

function fromTexts(texts: readonly string[], known: ReadonlyMap<string, Entry>): Taken {
  const fresh = new Map<string, Entry>();
  const entries = texts.map((text) => {
    const entry = known.get(text) ?? fresh.get(text) ?? { file: JSON.parse(text), rows: [], place: -1 };
    if (!known.has(text)) fresh.set(text, entry);
    return entry;
  });
  return { entries, fresh: [...fresh.values()] };
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
