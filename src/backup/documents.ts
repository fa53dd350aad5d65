/** The documents half: one archive, and an index of every file in it. */

import type { Reporter } from "../base/reporter.ts";
import { bytesOf } from "../base/streams.ts";
import { compress } from "../platform/compressor.ts";
import { packDocuments } from "../platform/documents_archive.ts";
import { totalBytes, writeIndex } from "../platform/documents_index.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import type { StoredObject } from "../store/manifest.ts";
import type { Store } from "../store/store.ts";
import { readBack, send } from "./upload.ts";

export interface DocumentsHalf {
  object: StoredObject;
  index: StoredObject;
  files: number;
  /** Of the files, not of the archive. */
  bytes: number;
  warnings: string[];
}

/** Archives the documents of `source`, streamed. @throws DrillError `DOCUMENTS_UNREADABLE`, `UPLOAD_DIFFERS`, ... */
export async function backupDocuments(
  source: OpenEnvironment,
  store: Store,
  keys: { archive: string; index: string },
  reporter: Reporter,
  signal: AbortSignal,
): Promise<DocumentsHalf> {
  using step = reporter.step(`Archiving the documents in ${source.documents}`, "bytes");
  const archive = packDocuments(source.documents, step.progress);
  const object = await send(store, keys.archive, compress(archive.stream, signal));
  const found = archive.index();
  const index = await send(store, keys.index, bytesOf(writeIndex(found)));
  step.end(`${found.files.length} files`);
  await readBack("the archive and its index", [object, index], store, reporter, signal);
  return {
    object,
    index,
    files: found.files.length,
    bytes: totalBytes(found),
    warnings: found.files.filter(({ changed }) => changed).map(({ path }) =>
      `${path} changed while it was read`
    ),
  };
}
