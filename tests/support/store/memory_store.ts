/** A store in memory, which counts what is read. */

import { DrillError } from "../../../src/base/errors.ts";
import type { Bytes } from "../../../src/base/streams.ts";
import type { Store } from "../../../src/store/store.ts";

export interface MemoryStore extends Store {
  /** The keys that were read, in their order. */
  readonly read: string[];
}

export function memoryStore(): MemoryStore {
  const objects = new Map<string, { bytes: Bytes; modified: Date }>();
  const read: string[] = [];
  const info = (key: string) => {
    const { bytes, modified } = objects.get(key)!;
    return { key, bytes: bytes.length, modified };
  };
  return {
    url: "memory:",
    read,
    async put(key, body) {
      objects.set(key, {
        bytes: new Uint8Array(await new Response(streamOf(body)).arrayBuffer()),
        modified: new Date(),
      });
    },
    async *get(key) {
      await Promise.resolve();
      read.push(key);
      const object = objects.get(key);
      if (!object) {
        throw new DrillError("OBJECT_MISSING", `Cannot read ${key}: it is missing`, "Look for it.");
      }
      yield object.bytes;
    },
    head: (key) => Promise.resolve(objects.has(key) ? info(key) : undefined),
    async *list(prefix) {
      await Promise.resolve();
      for (const key of [...objects.keys()].filter((key) => key.startsWith(prefix)).sort()) yield info(key);
    },
    delete: (key) => Promise.resolve(void objects.delete(key)),
    async *unfinishedUploads() {},
    abortUpload: () => Promise.resolve(),
  };
}

const streamOf = (body: AsyncIterable<Bytes>) => ReadableStream.from(body);
