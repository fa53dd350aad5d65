/** What reading a documents archive has in common, whether it is unpacked or only looked at. */

import { createHash } from "node:crypto";
import { dirname, join, normalize } from "node:path";
// @ts-types="npm:@types/tar-stream@3.1.5"
import type { Extract, Headers } from "tar-stream";
import { DrillError } from "../base/errors.ts";
import { type Bytes, drainedOrClosed } from "../base/streams.ts";
import type { HashedFile } from "./file_hashes.ts";

/** What tar-stream yields; its published types leave the header out. */
export interface TarEntry extends AsyncIterable<Uint8Array> {
  header: Headers;
  resume(): void;
}

/** Writes `tar` into `entries`. Disposing stops it, and waits until whatever `tar` comes from has ended too. */
export function feed(tar: AsyncIterable<Bytes>, entries: Extract): AsyncDisposable {
  const feeding = (async () => {
    try {
      for await (const chunk of tar) {
        if (entries.destroyed) return;
        if (!entries.write(chunk)) await drainedOrClosed(entries);
      }
      entries.end();
    } catch (error) {
      entries.destroy(error instanceof Error ? error : new Error(String(error))); // told to whoever reads the entries
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      entries.destroy();
      await feeding;
    },
  };
}

/** Reads one file of an archive to its end. */
export async function hashEntry(entry: AsyncIterable<Uint8Array>): Promise<HashedFile> {
  const [sha256, md5] = [createHash("sha256"), createHash("md5")];
  let bytes = 0;
  for await (const chunk of entry) {
    sha256.update(chunk);
    md5.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: sha256.digest("hex"), md5: md5.digest("hex") };
}

/** A relative path below the root, as plain names. */
export function safePath(name: string): string {
  const path = name.replace(/\/+$/, "").replace(/^(\.\/)+/, "");
  if (path === "." || path === "") return "";
  if (
    path.startsWith("/") || path.includes("\0") ||
    path.split("/").some((part) => part === ".." || part === "")
  ) {
    throw hostile(name, "its path leaves the tree");
  }
  return path;
}

export function refuseLeaving(path: string, target: string): void {
  if (leavesTree(path, target)) throw hostile(path, `it is a link out of the tree, to ${target}`);
}

/** Whether the link at `path` points out of the tree that it lies in. */
export function leavesTree(path: string, target: string): boolean {
  const resolved = normalize(join(dirname(path), target));
  return target.startsWith("/") || resolved === ".." || resolved.startsWith("../");
}

/** Whether an entry as it was walked is a link out of its tree. */
export const leadsOut = <Entry extends { path: string; target?: string }>(
  entry: Entry,
): entry is Entry & { target: string } => entry.target !== undefined && leavesTree(entry.path, entry.target);

export const differ = (what: string) =>
  new DrillError(
    "DOCUMENTS_DIFFER",
    `Cannot trust the documents archive: ${what}`,
    "The archive is not the one that the index describes. Take another set: dolibarr-drill list",
  );

export const hostile = (path: string, why: string) =>
  new DrillError(
    "DOCUMENTS_HOSTILE",
    `Cannot unpack ${JSON.stringify(path)}: ${why}`,
    "Nothing was unpacked into the sandbox. Look at where this archive comes from.",
  );
