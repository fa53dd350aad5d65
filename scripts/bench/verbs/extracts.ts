/** One document out of a large archive, against the compressor and `tar` that look for it. */

import { formatBytes, formatCount } from "../../../src/base/numbers.ts";
import { bytesOf } from "../../../src/base/streams.ts";
import { timestampOf } from "../../../src/base/time.ts";
import { send } from "../../../src/backup/upload.ts";
import { findCompressor } from "../../../src/documents/archive/compressor.ts";
import { packDocuments } from "../../../src/documents/archive/pack.ts";
import { type DocumentsIndex, writeIndex } from "../../../src/documents/index.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { manifestKey } from "../../../src/store/keys.ts";
import { writeManifest } from "../../../src/store/records/manifest.ts";
import { sampleManifest } from "../../../tests/support/store/manifests.ts";
import type { Bench } from "../bench.ts";
import { configFor } from "../data/bare_config.ts";
import { fillDocuments } from "../data/fill.ts";
import { measure, oursDirectly } from "../measuring/programs.ts";
import { PEAK_BYTES, type Row } from "../measuring/table.ts";
import { alternate } from "../measuring/turns.ts";

/** The times of files that were just made do not tell all: the archive would be asked for each. */
const SETTLES_MS = 3_000;

export async function benchExtract(bench: Bench, size: number): Promise<Row[]> {
  const { folder, say } = bench;
  say(`making an archive of ${formatBytes(size)}`);
  const documents = `${folder}/extracted-from`;
  fillDocuments(documents, size);
  await new Promise((resolve) => setTimeout(resolve, SETTLES_MS));
  const { set, index } = await putSet(documents, `${folder}/extract`, bench.signal);
  await Deno.remove(documents, { recursive: true });
  const paths = index.files.map(({ path }) => path);
  const title = `extract of a document of ${formatCount(paths.length, "document")}, ${formatBytes(size)}`;
  const one = (path: string) => extractOne(bench, set, path);
  // tar reads an archive to its end, ours as far as the document: only the last one is the same work
  const last = await one(paths.at(-1)!);
  const middle = await one(paths[Math.floor(paths.length / 2)]!);
  await Deno.remove(`${folder}/extract`, { recursive: true });
  return [
    { ...last, what: `${title}: the last one of the archive`, limits: { ratio: 1.2, peakBytes: PEAK_BYTES } },
    { ...middle, what: "- the one in its middle, where ours stops", limits: {} },
  ];
}

/** A set whose documents are these, in a store of its own. The dump is none. */
async function putSet(
  documents: string,
  folder: string,
  signal: AbortSignal,
): Promise<{ set: string; index: DocumentsIndex }> {
  const store = await openFileStore(`file://${folder}`);
  const manifest = sampleManifest(timestampOf(new Date()));
  const [archiveKey, indexKey] = [manifest.docs.objects[0]!.key, manifest.docs.index.key];
  using archive = packDocuments({ documents }, { signal });
  const archived = await send(store, archiveKey, archive.stream);
  const { index } = archive.describe();
  manifest.docs.objects = [archived];
  manifest.docs.index = await send(store, indexKey, bytesOf(writeIndex(index)));
  await store.put(manifest.db.objects[0]!.key, bytesOf("xyz"));
  await store.put(manifestKey("prod", manifest.set), bytesOf(writeManifest(manifest)));
  return { set: manifest.set, index };
}

async function extractOne(
  { folder, runs, signal, say }: Bench,
  set: string,
  path: string,
): Promise<Omit<Row, "what" | "limits">> {
  const { path: program, name, decompress } = findCompressor();
  const config = await configFor(`${folder}/extract.yaml`, { url: `file://${folder}/extract` });
  const archive = `${folder}/extract/prod/docs/${set}.tar.gz`;
  const [file, bareFolder] = [`${folder}/extracted`, `${folder}/extracted-bare`];
  let turn = 0;
  const { ours, bare } = await alternate(runs, async () => {
    say(`extract of ${path}: ${++turn} of ${runs}`);
    const command = oursDirectly("extract", set, "--document", path, "--to", file, "--config", config);
    const { ms, peakBytes } = await measure(command, { cwd: folder, signal });
    await Deno.remove(file);
    return { ms, peakBytes };
  }, async () => {
    await Deno.mkdir(bareFolder, { recursive: true });
    const script = `"${program}" ${decompress.join(" ")} <"${archive}" | tar -x -C "${bareFolder}" "${path}"`;
    // no pipefail: tar may leave before the compressor has written what follows the end of the archive
    const { ms } = await measure(["bash", "-e", "-c", script], { cwd: folder, signal });
    await Deno.stat(`${bareFolder}/${path}`);
    await Deno.remove(bareFolder, { recursive: true });
    return { ms };
  });
  return {
    ms: ours.ms,
    bare: { what: `${name} -dc, tar -x`, ms: bare.ms },
    peakBytes: ours.peakBytes,
  };
}
