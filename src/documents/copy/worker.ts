/** The thread of threads.ts that reads files, hashes what it reads, and writes it to where the copy lies. */
/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import { createHash } from "node:crypto";
import {
  type BigIntStats,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import type { CopyAnswer, CopyRequest, ReadFile } from "./threads.ts";

const buffer = new Uint8Array(1024 * 1024);
/** Never through a link, and never waiting for who writes into a pipe. */
const READING = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Not there, or another thing than a file stands in its place, or in the place of a folder above it. */
const GONE = ["ENOENT", "ENOTDIR", "ELOOP", "ENXIO", "EISDIR"];
/** A file that changes as often under our hands is copied as it was read last. */
const MOST_READINGS = 4;

type How = Omit<CopyRequest, "files">;

class Failed extends Error {
  constructor(readonly answer: Extract<CopyAnswer, { failed: string }>) {
    super(answer.state);
  }
}

self.onmessage = ({ data }: MessageEvent<CopyRequest>) => self.postMessage(answer(data));

function answer({ files, ...how }: CopyRequest): CopyAnswer {
  try {
    return { read: files.map(({ from, to }) => copy(from, to, how)) };
  } catch (error) {
    if (error instanceof Failed) return error.answer;
    throw error;
  }
}

function copy(from: string, to: string, how: How): ReadFile | "gone" {
  const source = reading(from, () => openSync(from, READING));
  if (source === undefined) return "gone";
  try {
    if (!reading(from, () => fstatSync(source))?.isFile()) return "gone";
    const target = writing(to, () => openSync(to, "wx", 0o600));
    try {
      return copyOpen(from, source, to, target, how);
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

function copyOpen(
  from: string,
  source: number,
  to: string,
  target: number,
  { owner, rights, rounding }: How,
): ReadFile {
  for (let readings = 1;; readings++) {
    const before = stat(from, source);
    const read = pour(from, source, to, target, Number(before.size));
    const changed = !isSame(before, stat(from, source)) || read.bytes !== Number(before.size);
    if (changed && readings < MOST_READINGS) continue;
    writing(to, () => {
      if (owner) fchownSync(target, owner.uid, owner.gid);
      fchmodSync(target, Number(before.mode) & rights);
      const mtime = Number(before.mtimeNs / 1000n) / 1e6 + rounding;
      futimesSync(target, mtime, mtime);
    });
    return { ...read, readings, changed };
  }
}

/** From the first byte to the size that it had: a file that grows as fast as it is read has no end. */
function pour(from: string, source: number, to: string, target: number, size: number) {
  const sha256 = createHash("sha256");
  let bytes = 0;
  while (bytes < size) {
    const wanted = Math.min(buffer.length, size - bytes);
    const read = reading(from, () => readSync(source, buffer, 0, wanted, bytes)) ?? 0;
    if (read === 0) break; // it shrank
    const piece = buffer.subarray(0, read);
    sha256.update(piece);
    for (let at = 0; at < read;) at += writing(to, () => writeSync(target, piece, at, read - at, bytes + at));
    bytes += read;
  }
  writing(to, () => ftruncateSync(target, bytes)); // an earlier reading may have been longer
  return { bytes, sha256: sha256.digest("hex") };
}

const isSame = (a: BigIntStats, b: BigIntStats): boolean =>
  a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs;

const stat = (path: string, file: number): BigIntStats =>
  trying("unreadable", path, () => fstatSync(file, { bigint: true }));

/** undefined where it is `GONE`. */
function reading<T>(path: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (GONE.includes((error as { code?: string }).code ?? "")) return undefined;
    throw new Failed({ failed: "unreadable", what: path, state: (error as Error).message });
  }
}

const writing = <T>(path: string, write: () => T): T => trying("not written", path, write);

function trying<T>(failed: "unreadable" | "not written", what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new Failed({ failed, what, state: (error as Error).message });
  }
}
