/**
 * An index taken apart without parsing each of its files: nearly all of them are, byte for byte, in the index of the night
 * before too. Pure but for gunzip.
 */

import { readRecord } from "../base/versioned_record.ts";
import { indexedFile, indexRecord, indexText } from "./index.ts";

/** What `writeIndex` writes before the first file and between two: no path can hold it, for a quote ends a JSON string. */
const BEFORE = '"files":[{"path":';
const BETWEEN = '},{"path":';
/** And after the last one. */
const AFTER = /\}\],"(?:links|leftOut)":\[/g;

/**
 * The files of an index, each as the text of an `IndexedFile`.
 *
 * @param data as it is stored; its hash was compared
 * @param isKnown whether a text was seen in another index; the others are parsed and checked
 * @throws DrillError `OBJECT_CORRUPT` when it is no index, `STORE_NEWER` when a newer version wrote it.
 */
export function indexEntries(data: Uint8Array, key: string, isKnown: (text: string) => boolean): string[] {
  const text = indexText(data, key);
  const split = splitText(text);
  if (split && isWhole(split, isKnown, key)) return split.files;
  return readRecord(indexRecord, text, key).files.map((file) => JSON.stringify(file)); // written otherwise, or damaged
}

interface SplitText {
  files: string[];
  /** The index without its files. */
  rest: string;
}

/** Undefined where it is not written as `writeIndex` does. */
function splitText(text: string): SplitText | undefined {
  const start = text.indexOf(BEFORE);
  if (start < 0) return undefined;
  const from = start + BEFORE.indexOf("{");
  AFTER.lastIndex = from;
  const end = AFTER.exec(text)?.index;
  if (end === undefined) return undefined;
  const files: string[] = [];
  for (let at = from; at <= end;) {
    const next = text.indexOf(BETWEEN, at);
    const to = next < 0 || next > end ? end + 1 : next + 1;
    files.push(text.slice(at, to));
    at = to + 1;
  }
  return { files, rest: text.slice(0, from) + text.slice(end + 1) };
}

/** What is wrong with it is said where the whole of it is parsed. */
function isWhole({ files, rest }: SplitText, isKnown: (text: string) => boolean, key: string): boolean {
  try {
    readRecord(indexRecord, rest, key);
    return files.every((text) => {
      if (isKnown(text)) return true;
      const file: unknown = JSON.parse(text);
      return indexedFile.safeParse(file).success && JSON.stringify(file) === text;
    });
  } catch {
    return false;
  }
}
