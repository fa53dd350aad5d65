/**
 * The JSON of an index in parts, without parsing each of its files: nearly all of them are, byte for byte, in the index of
 * the night before too. Pure.
 */

import { readRecord } from "../base/versioned_record.ts";
import { type IndexedFile, indexedFile, indexRecord } from "./index.ts";

/** What `writeIndex` writes before the first file and between two: no path can hold it, for a quote ends a JSON string. */
const BEFORE = '"files":[{"path":';
const BETWEEN = '},{"path":';
/** And after the last one. */
const AFTER = /\}\],"(?:links|leftOut)":\[/g;

/** Where the files are in the JSON of an index: from the first `{` to after the last `}`, one comma between two. */
export interface FilesPart {
  from: number;
  end: number;
}

/**
 * Where the files are, if the rest is as `writeIndex` writes it and has the form of an index; undefined where another writer
 * wrote it, or where it is damaged.
 */
export function filesPart(text: string, key: string): FilesPart | undefined {
  const from = text.indexOf(BEFORE) + BEFORE.indexOf("{");
  if (from < BEFORE.indexOf("{")) return undefined;
  AFTER.lastIndex = from;
  const end = (AFTER.exec(text)?.index ?? -1) + 1;
  if (end === 0) return undefined;
  try {
    readRecord(indexRecord, text.slice(0, from) + text.slice(end), key);
    return { from, end };
  } catch {
    return undefined;
  }
}

/** Where the file that begins at `from` ends. */
export function endOfFile(text: string, from: number, { end }: FilesPart): number {
  const next = text.indexOf(BETWEEN, from);
  return next < 0 || next >= end ? end : next + 1;
}

/** A file from its own JSON; undefined where it is none, or not written as `JSON.stringify` does. */
export function parseFile(text: string): IndexedFile | undefined {
  try {
    const file: unknown = JSON.parse(text);
    const isOne = indexedFile.safeParse(file).success && JSON.stringify(file) === text;
    return isOne ? file as IndexedFile : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The JSON of each file of any index, parsed whole.
 * @throws DrillError `OBJECT_CORRUPT` when it is no index, `STORE_NEWER` when a newer version wrote it.
 */
export const textsOfFiles = (text: string, key: string): string[] =>
  readRecord(indexRecord, text, key).files.map((file) => JSON.stringify(file));
