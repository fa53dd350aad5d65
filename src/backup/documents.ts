/** The documents half: one archive, and an index of every file in it. */

import type { Reporter } from "../base/reporter.ts";
import { bytesOf, readSmall, sha256Of } from "../base/streams.ts";
import { packDocuments } from "../platform/documents_archive.ts";
import { readIndex, totalBytes, writeIndex } from "../platform/documents_index.ts";
import { fingerprintOfIndex, unchangedSince } from "../platform/documents_scan.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import type { Manifest } from "../store/manifest.ts";
import { type BackupSet, madeAt } from "../store/sets.ts";
import type { Store } from "../store/store.ts";
import { readBack, send } from "./upload.ts";

export interface DocumentsHalf {
  /** As the manifest has it. */
  half: Manifest["docs"];
  warnings: string[];
  /** Of which set the archive is, where it is not a new one; else why it had to be made. */
  reused: { from: string } | { why: string };
}

export interface DocumentsOptions {
  store: Store;
  /** Of the objects that are made where they must be. */
  keys: { archive: string; index: string };
  /** The set whose archive may stand for this one, or why there is none. */
  before: BackupSet | { why: string };
  /** Reads every file, also those whose size and times are as before. */
  paranoid: boolean;
  reporter: Reporter;
  signal: AbortSignal;
}

/**
 * Takes the documents of `source`: names the archive of the set before where nothing changed since, else streams a new
 * one into the store.
 * @throws DrillError `DOCUMENTS_UNREADABLE`, `UPLOAD_DIFFERS`, ...
 */
export async function backupDocuments(
  source: OpenEnvironment,
  options: DocumentsOptions,
): Promise<DocumentsHalf> {
  const { before, reporter } = options;
  const why = "why" in before ? before.why : await changedSince(before, source, options);
  if (why !== undefined || "why" in before) {
    return { ...await archive(source, options), reused: { why: why ?? "" } };
  }
  reporter.note(`The documents are as they were in ${before.name}: its archive is named again`);
  return { half: before.manifest.docs, warnings: [], reused: { from: before.name } };
}

/** Why the archive of the set `before` is not that of the documents as they are; undefined where it is. */
async function changedSince(
  { manifest: { docs } }: BackupSet,
  source: OpenEnvironment,
  { store, paranoid, signal }: DocumentsOptions,
): Promise<string | undefined> {
  const bytes = await readSmall(store.get(docs.index.key));
  if (sha256Of(bytes) !== docs.index.sha256) return `${docs.index.key} is damaged`;
  const index = readIndex(bytes, docs.index.key);
  // the index is as old as the set that made it, which later sets only name
  const takenAt = madeAt(docs.index.key);
  const { unchanged, why } = await unchangedSince(source, { index, takenAt }, { paranoid, signal });
  return unchanged ? undefined : why;
}

async function archive(
  source: OpenEnvironment,
  { store, keys, reporter, signal }: DocumentsOptions,
): Promise<Pick<DocumentsHalf, "half" | "warnings">> {
  using step = reporter.step(`Archiving the documents in ${source.documents}`, "bytes");
  using archive = packDocuments(source, { signal, onProgress: step.progress });
  const object = await send(store, keys.archive, archive.stream);
  const { index: found, warnings } = await archive.describe(() => store.get(keys.archive));
  const index = await send(store, keys.index, bytesOf(writeIndex(found)));
  step.end(`${found.files.length} files`);
  await readBack("the archive and its index", [object, index], store, reporter, signal);
  return {
    half: {
      objects: [object],
      index,
      files: found.files.length,
      bytes: totalBytes(found),
      fingerprint: fingerprintOfIndex(found),
    },
    warnings,
  };
}
