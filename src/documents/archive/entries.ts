/** What reading a documents archive has in common, whether it is unpacked or only looked at. */

import { createHash } from "node:crypto";
// @ts-types="npm:@types/tar-stream@3.1.5"
import { type Extract, extract, type Headers } from "tar-stream";
import { DrillError, messageOf } from "../../base/errors.ts";
import { type Bytes, type Digest, drainedOrClosed } from "../../base/streams.ts";
import { shown } from "../tree/paths.ts";

/** What tar-stream yields; its published types leave the header out. */
export interface TarEntry extends AsyncIterable<Uint8Array> {
  header: Headers & { pax?: Record<string, string> | null };
  resume(): void;
}

/** An archive on its way through the parser. Disposing stops it, and waits until whatever it comes from has ended too. */
export interface TarFeed extends AsyncDisposable {
  /** What `error`, thrown while the entries were read, is: one of the parser's means that the bytes are no tar. */
  explain(error: unknown): unknown;
}

/**
 * Writes `tar` into `entries`.
 * @param most bytes, all in all; an archive that has more is refused as a bomb
 */
export function feedTar(tar: AsyncIterable<Bytes>, entries: Extract, most = Infinity): TarFeed {
  let parsing: unknown;
  let reading: unknown;
  entries.on("error", (error: unknown) => parsing = error);
  const feeding = (async () => {
    let bytes = 0;
    try {
      for await (const chunk of tar) {
        if (entries.destroyed) return;
        if ((bytes += chunk.length) > most) {
          throw hostile("the archive", `it has more than ${most} bytes, which its index cannot need`);
        }
        if (!entries.write(chunk)) await drainedOrClosed(entries);
      }
      entries.end();
    } catch (error) {
      reading = error instanceof Error ? error : new Error(String(error));
      entries.destroy(reading as Error); // told to whoever reads the entries
    }
  })();
  return {
    explain(error) {
      if (error !== parsing || error === reading) return error;
      return new DrillError(
        "OBJECT_CORRUPT",
        `Cannot read the documents archive: ${messageOf(error)}`,
        "It is cut off, damaged, or no tar at all. Take another set: dolibarr-drill list",
        { cause: error },
      );
    },
    async [Symbol.asyncDispose]() {
      entries.destroy();
      await feeding;
    },
  };
}

/**
 * Reads the entries of `tar` (not compressed), one after the other; `take` reads each, or lets it pass.
 * @param most as for `feedTar`
 * @throws DrillError `OBJECT_CORRUPT` where it is no whole tar; `DOCUMENTS_HOSTILE`; what `tar` and `take` throw.
 */
export async function readEntries(
  tar: AsyncIterable<Bytes>,
  take: (entry: TarEntry, path: string) => Promise<void> | void,
  most?: number,
): Promise<void> {
  const entries = extract();
  await using feeding = feedTar(tar, entries, most);
  try {
    for await (const entry of entries as AsyncIterable<TarEntry>) {
      const { name, pax } = entry.header;
      const path = safePath(name);
      if (pax && Object.keys(pax).length > MOST_PAX_RECORDS) {
        throw hostile(path, `it has ${Object.keys(pax).length} extended headers`);
      }
      await take(entry, path);
    }
  } catch (error) {
    throw feeding.explain(error);
  }
}

/** tar writes a handful; a parser that merges a million of them into each entry never ends. */
const MOST_PAX_RECORDS = 64;

/** Reads one file of an archive to its end. */
export async function hashEntry(entry: AsyncIterable<Uint8Array>): Promise<Digest> {
  const sha256 = createHash("sha256");
  let bytes = 0;
  for await (const chunk of entry) {
    sha256.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: sha256.digest("hex") };
}

/** What Linux takes, in bytes: of a path, and of each name in it. */
const PATH_BYTES = 4096;
const NAME_BYTES = 255;

/** A relative path below the root, as plain names; empty for the root itself. */
export function safePath(name: string): string {
  const path = name.replace(/\/+$/, "").replace(/^(\.\/+)+/, "");
  if (path === "." || path === "" && name !== "" && !name.startsWith("/")) return "";
  const parts = path.split("/");
  if (
    path.startsWith("/") || path.includes("\0") ||
    parts.some((part) => part === ".." || part === "." || part === "")
  ) {
    throw hostile(name, "its path leaves the tree, or is none");
  }
  const bytesOf = (text: string) => new TextEncoder().encode(text).length;
  if (
    path.length > NAME_BYTES / 3 &&
    (bytesOf(path) > PATH_BYTES || parts.some((part) => bytesOf(part) > NAME_BYTES))
  ) {
    throw hostile(`${name.slice(0, 60)}…`, "its path is longer than any that can be made");
  }
  return path;
}

export const leadingOutOf = (path: string, target: string) =>
  hostile(path, `it is a link out of the tree, to ${shown(target)}`);

/** Of an entry that is no file, folder or symbolic link. */
export const notADocument = (type: string | null | undefined): string =>
  type === "link" ? "it is a hard link" : `it is ${type ? `a ${type}` : "of no known kind"}`;

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
    "Nothing of it was put in the place of the documents. Look at where this archive comes from.",
  );
