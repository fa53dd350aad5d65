/** What reading a documents archive has in common, whether it is unpacked or only read. */

import { createHash } from "node:crypto";
// @ts-types="npm:@types/tar-stream@3.1.5"
import { type Extract, extract, type Headers } from "tar-stream";
import { DrillError, messageOf } from "../../base/errors.ts";
import { type Bytes, type Digest, drainedOrClosed } from "../../base/streams.ts";
import { formatBytes, formatCount } from "../../base/numbers.ts";
import { plainPath } from "../tree/paths.ts";
import { type OpenArchive, TAKE_ANOTHER } from "./compressor.ts";

/** What tar-stream yields; its published types leave the header out. */
interface TarEntry extends AsyncIterable<Uint8Array> {
  header: Headers & { pax?: Record<string, string> | null };
  resume(): void;
}

/**
 * Reads the entries of an archive, one after the other; `take` reads each, or lets it pass.
 * @param most bytes, all in all; an archive that has more is refused as a bomb
 * @throws DrillError `OBJECT_CORRUPT` where it is no whole tar; `DOCUMENTS_HOSTILE`; what its tar and `take` throw.
 */
export async function readEntries(
  { name: archive, tar }: OpenArchive,
  take: (entry: TarEntry, path: string) => Promise<void> | void,
  most?: number,
): Promise<void> {
  const entries = extract();
  await using feeding = feedTar(archive, tar, entries, most);
  try {
    for await (const entry of entries as AsyncIterable<TarEntry>) {
      const { name, pax } = entry.header;
      const path = plainPath(name, (path, why) => hostile(archive, path, why));
      if (pax && Object.keys(pax).length > MOST_PAX_RECORDS) {
        throw hostile(archive, path, `it has ${formatCount(Object.keys(pax).length, "extended header")}`);
      }
      await take(entry, path);
    }
  } catch (error) {
    throw feeding.explain(error);
  }
}

/** An archive on its way through the parser. Disposing stops it, and waits until its source has ended too. */
interface TarFeed extends AsyncDisposable {
  /** What `error`, thrown while the entries were read, is: one of the parser's means that the bytes are no tar. */
  explain(error: unknown): unknown;
}

function feedTar(archive: string, tar: AsyncIterable<Bytes>, entries: Extract, most = Infinity): TarFeed {
  let parsing: unknown;
  let reading: unknown;
  let bytes = 0;
  entries.on("error", (error: unknown) => parsing = error);
  const feeding = (async () => {
    try {
      for await (const chunk of tar) {
        if (entries.destroyed) return;
        if ((bytes += chunk.length) > most) {
          throw hostile(
            archive,
            "its tar",
            `it has more than ${formatCount(most, "byte")}, which its index cannot need`,
          );
        }
        if (!entries.write(chunk)) await drainedOrClosed(entries);
      }
      entries.end();
    } catch (error) {
      reading = error instanceof Error ? error : new Error(String(error));
      entries.destroy(reading as Error); // what reads the entries throws it
    }
  })();
  return {
    explain(error) {
      if (error !== parsing || error === reading) return error;
      const state = /unexpected end of data/i.test(messageOf(error))
        ? `its tar is truncated after ${formatBytes(bytes)}`
        : `its tar is damaged within the first ${formatBytes(bytes)}: ${messageOf(error)}`;
      return new DrillError("OBJECT_CORRUPT", `Cannot read ${archive}: ${state}`, TAKE_ANOTHER, {
        cause: error,
      });
    },
    async [Symbol.asyncDispose]() {
      entries.destroy();
      await feeding;
    },
  };
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

/** Of an entry that is no file, folder or symbolic link. */
export const notADocument = (type: string | null | undefined): string =>
  type === "link" ? "it is a hard link" : `it is ${type ? `a ${type}` : "of no known kind"}`;

/** @param archive its name */
export const differ = (archive: string, what: string) =>
  new DrillError(
    "DOCUMENTS_DIFFER",
    `Cannot trust ${archive}: ${what}`,
    `The archive is not the one that the index describes. ${TAKE_ANOTHER}`,
  );

/** @param archive its name */
export const hostile = (archive: string, path: string, why: string) =>
  new DrillError(
    "DOCUMENTS_HOSTILE",
    `Cannot unpack ${archive}: ${JSON.stringify(path)}: ${why}`,
    "Nothing of it was put in the place of the documents. Look at where this archive comes from.",
  );
