/**
 * One run of what documents.ts measures, in a process of its own: `ours|bare|scan DOCUMENTS STORE`, `count TREE`,
 * `stream TREE BYTES`. Prints one line of JSON, Reported.
 */

import { bytesOf, readFile, readSmall } from "../../../src/base/streams.ts";
import { send } from "../../../src/backup/upload.ts";
import { findCompressor } from "../../../src/documents/archive/compressor.ts";
import { packDocuments } from "../../../src/documents/archive/pack.ts";
import { readIndex, writeIndex } from "../../../src/documents/index.ts";
import { unchangedSince } from "../../../src/documents/archive/unchanged.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import type { Store } from "../../../src/store/store.ts";
import { shell } from "../measuring/programs.ts";

export interface Reported {
  /** Without the start of the process. */
  ms: number;
  /** User and system time of this process and of its children that ended, with the start of the process. */
  cpuMs: number;
  files: number;
}

const { signal } = new AbortController();
const INDEX = "prod/docs/bench.index.json.gz";
const ARCHIVE = "prod/docs/bench.tar.gz";

const RUNS: Record<string, (documents: string, store: string) => Promise<number>> = {
  async ours(documents, folder) {
    return await pack(documents, await openFileStore(`file://${folder}`));
  },
  async bare(documents, folder) {
    const { path, compress } = findCompressor();
    const [program, ...args] = shell(
      `tar -c -C "${documents}" . | "${path}" ${
        compress.join(" ")
      } >"${folder}/bare" && sync "${folder}/bare"`,
    );
    const { success } = await new Deno.Command(program!, { args }).output();
    if (!success) throw new Error("tar or the compressor failed");
    return 0;
  },
  async scan(documents, folder) {
    const index = readIndex(await readSmall(readFile(`${folder}/${INDEX}`)), INDEX);
    const { unchanged, why } = await unchangedSince({ documents }, { index, takenAt: new Date() }, {
      signal,
    });
    if (!unchanged) throw new Error(why);
    return index.files.length;
  },
  count: (tree) => pack(tree, countingStore()),
  async stream(_tree, bytes) {
    await send(countingStore(), ARCHIVE, noise(Number(bytes)));
    return 0;
  },
};

/** Archive and index into `store`, as a backup puts them there; nothing is read back. */
async function pack(documents: string, store: Store): Promise<number> {
  using archive = packDocuments({ documents }, { signal });
  await send(store, ARCHIVE, archive.stream);
  const { index } = archive.describe();
  await send(store, INDEX, bytesOf(writeIndex(index)));
  return index.files.length;
}

/** Takes everything and keeps nothing. */
function countingStore(): Store {
  const none = () => {
    throw new Error("nothing was kept");
  };
  return {
    url: "count:",
    async put(_key, body) {
      for await (const _ of body) { /* gone */ }
    },
    get: none,
    head: () => Promise.resolve(undefined),
    list: none,
    delete: () => Promise.resolve(),
    unfinishedUploads: none,
    abortUpload: () => Promise.resolve(),
  };
}

/** In pieces as they come from the compressor, each its own. */
async function* noise(bytes: number) {
  const piece = crypto.getRandomValues(new Uint8Array(65_536));
  for (let at = 0; at < bytes;) {
    const chunk = new Uint8Array(512 * 1024);
    for (let to = 0; to < chunk.length; to += piece.length) chunk.set(piece, to);
    at += chunk.length;
    yield await Promise.resolve(chunk);
  }
}

/** utime, stime, cutime, cstime of proc(5), in ticks of 10 ms. */
function cpuMs(): number {
  const fields = Deno.readTextFileSync("/proc/self/stat").replace(/^.*\) /, "").split(" ");
  return [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]) * 10, 0);
}

if (import.meta.main) {
  const [what = "", documents = "", store = ""] = Deno.args;
  const run = RUNS[what];
  if (!run) throw new Error(`no run ${what}`);
  const began = performance.now();
  const files = await run(documents, store);
  const reported: Reported = { ms: performance.now() - began, cpuMs: cpuMs(), files };
  await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(reported) + "\n"));
}
