/** One document changed in the place where it lies, never through a link: what breaks a sandbox on purpose. */

import { closeSync, fstatSync, ftruncateSync, writeSync } from "node:fs";
import { hashOpen, openFile } from "../hash/file.ts";
import { codeOf, Folder } from "./folder.ts";
import { endFile, writePiece } from "./holes.ts";
import { Reach } from "./reach.ts";

/** Gives the file at `path` below the documents this content, and makes it where there is none. */
export function overwriteDocument(documents: string, path: string, content: Uint8Array | string): void {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  within(documents, path, ({ folder, name }) => {
    const file = openOrMake(folder, name);
    try {
      ftruncateSync(file, 0);
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at, at);
    } finally {
      closeSync(file);
    }
  });
}

/** Gives the file at `to` the content of the one at `from`. */
export function copyDocument(documents: string, from: string, to: string): void {
  using root = Folder.open(documents);
  using reach = new Reach(root);
  const source = openFile(reach, from);
  if (source === "gone") throw new TypeError(`there is no file at ${from}`);
  try {
    within(documents, to, ({ folder, name }) => {
      const target = openOrMake(folder, name);
      try {
        ftruncateSync(target, 0);
        hashOpen(from, source, (piece, at) => writePiece(target, piece, at));
        endFile(target, fstatSync(source).size);
      } finally {
        closeSync(target);
      }
    });
  } finally {
    closeSync(source);
  }
}

export const removeDocument = (documents: string, path: string): void =>
  within(documents, path, ({ folder, name }) => folder.removeFile(name));

export const touchDocument = (documents: string, path: string, when: Date): void =>
  within(documents, path, ({ folder, name }) => folder.setTime(name, when.getTime()));

function openOrMake(folder: Folder, name: string): number {
  try {
    return folder.openForWriting(name);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    return folder.createFile(name, 0o644);
  }
}

function within(
  documents: string,
  path: string,
  act: (at: { folder: Folder; name: string }) => void,
): void {
  using root = Folder.open(documents);
  using reach = new Reach(root);
  act(reach.parent(path));
}
