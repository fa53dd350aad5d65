/** A documents archive into a new folder, each byte checked against the index, and nothing outside that folder. */

import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  closeSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
// @ts-types="npm:@types/tar-stream@3.1.5"
import { extract, type Headers } from "tar-stream";
import { DrillError, messageOf } from "../base/errors.ts";
import type { Bytes } from "../base/streams.ts";
import type { DocumentsIndex, IndexedFile } from "./documents_index.ts";
import { differ, feed, hostile, refuseLeaving, safePath, type TarEntry } from "./documents_tar.ts";

/** Who shall own what is unpacked; undefined where we are not root and own it anyway. */
export interface Ownership {
  uid: number;
  gid: number;
}

/** What was unpacked and found equal to the index. */
export interface UnpackProof {
  files: number;
  bytes: number;
}

/**
 * Unpacks `tar` into the empty folder `into`.
 * @throws DrillError `DOCUMENTS_HOSTILE` for a path or a link that leaves the tree, a device, more bytes than the index says;
 *   `DOCUMENTS_DIFFER` for a file that is missing, too many, or has other bytes; `DISK_FULL`.
 */
export async function unpackDocuments(
  tar: AsyncIterable<Bytes>,
  into: string,
  index: DocumentsIndex,
  owner: Ownership | undefined,
  onProgress?: (bytes: number) => void,
): Promise<UnpackProof> {
  const expected = new Map(index.files.map((file) => [file.path, file]));
  const links = new Map(index.links.map((link) => [link.path, link.target]));
  const directories: { path: string; headers: Headers }[] = [];
  let bytes = 0;
  const entries = extract();
  await using _feeding = feed(tar, entries);
  for await (const entry of entries as AsyncIterable<TarEntry>) {
    const { header: headers } = entry;
    const path = safePath(headers.name);
    const target = join(into, path);
    if (headers.type === "directory") {
      making(path, () => mkdirSync(target, { recursive: true, mode: 0o700 }));
      if (path !== "") directories.push({ path: target, headers });
      entry.resume();
    } else if (headers.type === "symlink") {
      if (links.get(path) !== headers.linkname) {
        throw hostile(path, `it is a link to ${headers.linkname}, which the index does not know`);
      }
      refuseLeaving(path, headers.linkname ?? "");
      links.delete(path);
      making(path, () => symlinkSync(headers.linkname ?? "", target));
      own(target, headers, owner, true);
      entry.resume();
    } else if (headers.type === "file") {
      const file = expected.get(path);
      if (!file) throw differ(`${path} is in the archive and not in the index`);
      expected.delete(path);
      bytes += await writeFile(entry, target, file);
      own(target, headers, owner, false);
      onProgress?.(bytes);
    } else {
      throw hostile(path, `it is a ${headers.type}`);
    }
  }
  for (const { path, headers } of directories.reverse()) own(path, headers, owner, false); // last: writing into one changes its time
  const missing = [...expected.keys(), ...links.keys()];
  if (missing.length > 0) {
    throw differ(
      `${missing.length} of ${index.files.length} files are missing from the archive, first ${missing[0]}`,
    );
  }
  return { files: index.files.length, bytes };
}

async function writeFile(
  entry: AsyncIterable<Uint8Array>,
  target: string,
  expected: IndexedFile,
): Promise<number> {
  const hash = createHash("sha256");
  let bytes = 0;
  const file = making(expected.path, () => {
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    return openSync(target, "wx", 0o600);
  });
  try {
    for await (const chunk of entry) {
      bytes += chunk.length;
      if (bytes > expected.bytes) {
        throw hostile(expected.path, `it has more than the ${expected.bytes} bytes of the index`);
      }
      hash.update(chunk);
      making(expected.path, () => {
        for (let at = 0; at < chunk.length;) at += writeSync(file, chunk, at);
      });
    }
  } finally {
    closeSync(file);
  }
  if (bytes !== expected.bytes) {
    throw differ(`${expected.path} has ${bytes} bytes, the index says ${expected.bytes}`);
  }
  if (hash.digest("hex") !== expected.sha256) {
    throw differ(`${expected.path} has other bytes than when it was backed up`);
  }
  return bytes;
}

function own(path: string, headers: Headers, owner: Ownership | undefined, link: boolean): void {
  const mtime = headers.mtime ?? new Date(0);
  if (owner && !link) chownSync(path, owner.uid, owner.gid);
  if (!link) chmodSync(path, (headers.mode ?? 0o640) & 0o777); // no setuid, setgid or sticky bit comes out of an archive
  lutimesSync(path, mtime, mtime);
}

function making<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const full = /ENOSPC|EDQUOT/.test(messageOf(error));
    throw new DrillError(
      full ? "DISK_FULL" : "DOCUMENTS_NOT_WRITABLE",
      `Cannot unpack ${path}: ${messageOf(error)}`,
      full
        ? "Make room on the sandbox's documents volume: the new tree is unpacked beside the old one."
        : "Look at the rights of the sandbox's documents folder and of the folder above it.",
      { cause: error },
    );
  }
}
