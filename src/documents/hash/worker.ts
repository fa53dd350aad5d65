/** The thread of hasher.ts: reads and hashes the files that it is sent, four of them at a time (md5_lanes.ts). */
/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { Gone, HashAnswer, HashedFile, HashRequest } from "./hasher.ts";
import { BLOCK_BYTES, LANE_BYTES, LANES, makeMd5Lanes } from "./md5_lanes.ts";

/** A file in a lane. */
interface Reading {
  /** Its place in the answer. */
  at: number;
  path: string;
  file: number;
  /** When it was opened: no more is read, for a file that grows as fast as it is read has no end. */
  size: number;
  sha256: ReturnType<typeof createHash>;
  bytes: number;
  /** Of its blocks in the lane's buffer, the first that is not hashed, and how many there are. */
  block: number;
  blocks: number;
  whole: boolean;
}

const md5 = makeMd5Lanes();
/** Never through a link, and never waiting for who writes into a pipe. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Not there, or another thing than a file stands in its place, or in the place of a folder above it. */
const GONE = ["ENOENT", "ENOTDIR", "ELOOP", "ENXIO", "EISDIR"];

self.onmessage = ({ data }: MessageEvent<HashRequest>) => {
  self.postMessage(answer(data));
};

function answer(paths: HashRequest): HashAnswer {
  const files: (HashedFile | Gone)[] = Array(paths.length).fill("gone");
  const lanes: (Reading | undefined)[] = Array(LANES).fill(undefined);
  let next = 0;
  try {
    while (true) {
      for (let lane = 0; lane < LANES; lane++) {
        while (!lanes[lane] && next < paths.length) lanes[lane] = begin(lane, next, paths[next++]!);
        const reading = lanes[lane];
        if (reading && reading.block === reading.blocks) fill(lane, reading);
      }
      const busy = lanes.filter((reading) => reading !== undefined);
      if (busy.length === 0) return { files };
      const blocks = Math.min(...busy.map((reading) => reading.blocks - reading.block));
      md5.update(lanes.map((reading) => (reading?.block ?? 0) * BLOCK_BYTES), blocks);
      for (const [lane, reading] of lanes.entries()) {
        if (!reading) continue;
        reading.block += blocks;
        if (!reading.whole || reading.block < reading.blocks) continue;
        const { at, bytes, sha256 } = reading;
        files[at] = { bytes, sha256: sha256.digest("hex"), md5: md5.digest(lane) };
        closeSync(reading.file);
        lanes[lane] = undefined;
      }
    }
  } catch (error) {
    if (error instanceof Unreadable) return { unreadable: error.message };
    throw error;
  } finally {
    for (const reading of lanes) if (reading) closeSync(reading.file);
  }
}

class Unreadable extends Error {}

/** undefined where there is no such file. */
function begin(lane: number, at: number, path: string): Reading | undefined {
  return reading(path, () => {
    const file = openSync(path, FLAGS);
    const info = fstatSync(file);
    if (!info.isFile()) {
      closeSync(file);
      return undefined;
    }
    md5.begin(lane);
    const sha256 = createHash("sha256");
    return { at, path, file, size: info.size, sha256, bytes: 0, block: 0, blocks: 0, whole: false };
  });
}

/** The next bytes of the file into its lane's buffer; after the last of them MD5's padding. */
function fill(lane: number, one: Reading): void {
  const buffer = md5.buffers[lane]!;
  let filled = 0;
  while (filled < LANE_BYTES && one.bytes < one.size) {
    const wanted = Math.min(LANE_BYTES - filled, one.size - one.bytes);
    const read = reading(one.path, () => readSync(one.file, buffer, filled, wanted, null)) ?? 0;
    if (read === 0) one.size = one.bytes; // it shrank
    filled += read;
    one.bytes += read;
  }
  one.sha256.update(buffer.subarray(0, filled));
  one.whole = one.bytes >= one.size;
  one.block = 0;
  one.blocks = one.whole ? md5.pad(lane, filled, one.bytes) : filled / BLOCK_BYTES;
}

/** @throws Unreadable, with the path, unless it is `GONE`. */
function reading<T>(path: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code = "", message } = error as { code?: string; message: string };
    if (GONE.includes(code)) return undefined;
    throw new Unreadable(message.includes(path) ? message : `${path}: ${message}`);
  }
}
