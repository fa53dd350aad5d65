/**
 * SHA-256 and MD5 of many files, computed on a thread of their own: they cost more than all the rest of packing, and on
 * the thread that packs they would keep the compressor waiting.
 */

export interface FileHashes {
  /** Lower-case hex. */
  sha256: string;
  md5: string;
}

/** Bytes of consecutive files: each part is so many bytes of a file, the last of that file where it `ends`. */
export interface Batch {
  buffer: ArrayBuffer;
  parts: { bytes: number; ends: boolean }[];
}

/** The buffer of a batch, to be filled again, and the hashes of the files that ended in it. */
export interface HashedBatch {
  buffer: ArrayBuffer;
  hashes: FileHashes[];
}

/** Takes files one after the other. Disposing stops the thread, whatever it has not hashed yet. */
export interface FileHasher extends Disposable {
  /** The next bytes of the current file; they are copied. Waits while the thread is too far behind. */
  add(bytes: Uint8Array): Promise<void>;
  /** The current file has no more bytes. */
  endFile(): void;
  /** Call it once, after the last file. @returns the hashes of all files in the order in which they ended. */
  finish(): Promise<FileHashes[]>;
}

/** Small files share a batch, so that they do not cost a message each. */
const BATCH_BYTES = 1024 * 1024;
/** So many may be under way: enough that neither thread waits for the other's next moment. */
const BATCHES = 4;

export function startFileHasher(): FileHasher {
  const thread = new Worker(new URL("./file_hashes_worker.ts", import.meta.url), { type: "module" });
  const free = Array.from({ length: BATCHES }, () => new ArrayBuffer(BATCH_BYTES));
  const hashes: FileHashes[] = [];
  let failure: Error | undefined;
  let wake = () => {};
  thread.onmessage = ({ data }: MessageEvent<HashedBatch>) => {
    free.push(data.buffer);
    for (const one of data.hashes) hashes.push(one);
    wake();
  };
  thread.onerror = (event) => {
    event.preventDefault();
    failure = new Error(`the thread that hashes files failed: ${event.message}`);
    wake();
  };
  async function until(ready: () => boolean): Promise<void> {
    while (!ready()) {
      if (failure) throw failure;
      await new Promise<void>((resolve) => wake = resolve);
    }
  }

  let batch = new Uint8Array(free.pop()!);
  let filled = 0;
  let parts: Batch["parts"] = [];
  function send(): void {
    const { buffer } = batch;
    thread.postMessage({ buffer, parts } satisfies Batch, [buffer]);
    parts = [];
    filled = 0;
  }
  return {
    async add(bytes) {
      for (let at = 0; at < bytes.length;) {
        if (filled === BATCH_BYTES) {
          send();
          await until(() => free.length > 0);
          batch = new Uint8Array(free.pop()!);
        }
        const part = bytes.subarray(at, at + BATCH_BYTES - filled);
        batch.set(part, filled);
        parts.push({ bytes: part.length, ends: false });
        filled += part.length;
        at += part.length;
      }
    },
    endFile: () => void parts.push({ bytes: 0, ends: true }),
    async finish() {
      send();
      await until(() => free.length === BATCHES);
      return hashes;
    },
    [Symbol.dispose]: () => thread.terminate(),
  };
}
