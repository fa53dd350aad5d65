/** Streams of bytes: hashed and counted as they pass, not held in memory. */

import { createHash } from "node:crypto";
import type { EventEmitter } from "node:events";

export type Bytes = Uint8Array<ArrayBuffer>;

export interface Digest {
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
}

/** Passes `source` on unchanged; `digest()` is valid once the stream was read to its end. */
export function hashed(source: AsyncIterable<Bytes>, onBytes?: (total: number) => void) {
  const hash = createHash("sha256");
  let bytes = 0;
  let sha256: string | undefined;
  return {
    stream: (async function* (): AsyncGenerator<Bytes, void, void> {
      for await (const chunk of source) {
        hash.update(chunk);
        bytes += chunk.length;
        onBytes?.(bytes);
        yield chunk;
      }
    })(),
    digest: (): Digest => ({ bytes, sha256: sha256 ??= hash.digest("hex") }),
  };
}

/** Reads `source` to its end, and returns its size and hash. */
export async function digestOf(
  source: AsyncIterable<Bytes>,
  onBytes?: (total: number) => void,
): Promise<Digest> {
  const passing = hashed(source, onBytes);
  for await (const _ of passing.stream) { /* only the hash is wanted */ }
  return passing.digest();
}

export const sha256Of = (data: Uint8Array | string): string =>
  createHash("sha256").update(data).digest("hex");
export const md5Of = (data: Uint8Array | string): string => createHash("md5").update(data).digest("hex");

/**
 * The output of a program in pieces of up to `size` bytes; a `for await` over the stream would allocate 64 KiB for each,
 * however small it is. A reader that stops early closes the pipe.
 */
export async function* inPieces(
  stream: ReadableStream<Bytes>,
  size = 256 * 1024,
): AsyncGenerator<Bytes, void, void> {
  const reader = stream.getReader({ mode: "byob" });
  try {
    while (true) {
      const { value, done } = await reader.read(new Uint8Array(size));
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
    reader.releaseLock();
  }
}

/** Joins small chunks to ones of up to `size` bytes, so that fewer writes are needed; large ones pass without a copy. */
export async function* gathered(
  source: AsyncIterable<Bytes>,
  size = 1024 * 1024,
): AsyncGenerator<Bytes, void, void> {
  let buffer: Bytes | undefined;
  let filled = 0;
  for await (const chunk of source) {
    const large = chunk.length >= size / 8;
    if (buffer && filled > 0 && (large || filled + chunk.length > size)) {
      yield buffer.subarray(0, filled);
      [buffer, filled] = [undefined, 0];
    }
    if (large) {
      yield chunk;
      continue;
    }
    buffer ??= new Uint8Array(size);
    buffer.set(chunk, filled);
    filled += chunk.length;
  }
  if (buffer && filled > 0) yield buffer.subarray(0, filled);
}

/**
 * A file's bytes from `offset` on, `length` of them or all, in pieces of 1 MiB: ten times faster than `readable`
 * (docs/facts.md, "Deno").
 */
export async function* readFile(
  path: string,
  offset = 0,
  length = Infinity,
): AsyncGenerator<Bytes, void, void> {
  using file = await Deno.open(path);
  if (offset > 0) await file.seek(offset, Deno.SeekMode.Start);
  let left = length;
  while (left > 0) {
    const buffer = new Uint8Array(Math.min(1024 * 1024, left));
    const read = await file.read(buffer);
    if (read === null) return;
    left -= read;
    yield buffer.subarray(0, read);
  }
}

/** A source whose first reader may stop early. Disposing ends it. */
interface Resumable extends AsyncDisposable {
  /** The first call starts it; the second returns what the first reader took and then the rest; each later one starts it again. */
  open(): AsyncIterable<Bytes>;
}

/** For a stream that is expensive to start, and whose head is read before all of it. Only the head is held in memory. */
export function resumable(begin: () => AsyncIterable<Bytes>): Resumable {
  let opened = 0;
  let taken: Bytes[] = [];
  let rest: AsyncIterator<Bytes> | undefined;
  async function* head(): AsyncGenerator<Bytes, void, void> {
    rest = begin()[Symbol.asyncIterator]();
    while (true) {
      const { value, done } = await rest.next();
      if (done) return;
      taken.push(value);
      yield value;
    }
  }
  async function* whole(): AsyncGenerator<Bytes, void, void> {
    try {
      yield* taken.splice(0);
      while (rest) {
        const { value, done } = await rest.next();
        if (done) rest = undefined;
        else yield value;
      }
    } finally {
      await end();
    }
  }
  const end = async () => {
    const iterator = rest;
    rest = undefined;
    taken = [];
    await iterator?.return?.();
  };
  return {
    open: () => ++opened === 1 ? head() : opened === 2 ? whole() : begin(),
    [Symbol.asyncDispose]: end,
  };
}

/** Waits until a stream of node's accepts more, or is closed. */
export async function drainedOrClosed(stream: EventEmitter): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      stream.off("drain", done);
      stream.off("close", done);
      resolve();
    };
    stream.on("drain", done);
    stream.on("close", done);
  });
}

/** Both, one after the other. */
export function joined(one: Bytes, other: Bytes): Bytes {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

/** Small text in one chunk. */
export async function* bytesOf(text: string | Bytes): AsyncGenerator<Bytes, void, void> {
  yield await Promise.resolve(typeof text === "string" ? new TextEncoder().encode(text) : text);
}

/** Reads a small object whole. @throws RangeError where it has more than `limit` bytes. */
export async function readSmall(source: AsyncIterable<Bytes>, limit = 64 * 1024 * 1024): Promise<Bytes> {
  const chunks: Bytes[] = [];
  let total = 0;
  for await (const chunk of source) {
    total += chunk.length;
    if (total > limit) throw new RangeError(`more than ${limit} bytes`);
    chunks.push(chunk);
  }
  const whole = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
