/** Documents archives with hostile entries. */

import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
// @ts-types="npm:@types/tar-stream@3.1.5"
import { type Headers, pack as newPack } from "tar-stream";
import { runTool } from "../../../src/base/process/processes.ts";
import type { Bytes } from "../../../src/base/streams.ts";
import { type DocumentsIndex, readIndex } from "../../../src/documents/index.ts";
import type { SetCopy } from "../lab/drill_lab.ts";

export type Entry = Headers & { body?: string };

/** The set's own archive with further `entries`, and without the first file that matches `less`. */
export async function archiveWith(copy: SetCopy, entries: readonly Entry[], less?: RegExp): Promise<Bytes> {
  const archive = copy.path(copy.manifest.docs.objects[0]!.key);
  const folder = await Deno.makeTempDir({ prefix: "dolibarr-drill-hostile-" });
  try {
    const { code, stderr } = await runTool("/usr/bin/tar", { args: ["-xzf", archive, "-C", folder] });
    if (code !== 0) throw new Error(stderr);
    const pack = newPack();
    const index = await indexOfCopy(copy);
    const left = index.files.find(({ path }) => less?.test(path))?.path;
    for (const { path } of index.files) {
      if (path !== left) pack.entry({ name: path }, Buffer.from(await Deno.readFile(`${folder}/${path}`)));
    }
    for (const { body = "", ...headers } of entries) pack.entry(headers, body);
    pack.finalize();
    return new Uint8Array(
      gzipSync(Buffer.concat(await Array.fromAsync(pack as AsyncIterable<Buffer>)), { level: 1 }),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

export async function indexOfCopy(copy: SetCopy): Promise<DocumentsIndex> {
  const { key } = copy.manifest.docs.index;
  return readIndex(await Deno.readFile(copy.path(key)), key);
}
