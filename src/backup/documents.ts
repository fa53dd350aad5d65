/** The documents half: one archive, and an index of every file in it. */

import { bytesOf, readSmall, sha256Of } from "../base/streams.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { formatCount } from "../base/numbers.ts";
import { packDocuments } from "../documents/archive/pack.ts";
import { fingerprintOfIndex, unchangedSince } from "../documents/archive/unchanged.ts";
import {
  type DocumentsIndex,
  leftOutWarnings,
  readIndex,
  totalBytes,
  writeIndex,
} from "../documents/index.ts";
import type { DocumentFolders } from "../documents/folders.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import { madeAt } from "../store/keys.ts";
import type { Manifest } from "../store/records/manifest.ts";
import type { BackupSet } from "../store/sets/sets.ts";
import type { Store } from "../store/store.ts";
import { readBack, send } from "./upload.ts";

export interface DocumentsHalf {
  /** As the manifest has it. */
  half: Manifest["docs"];
  /** What the archive holds. */
  index: DocumentsIndex;
  /** What the archive of the set before holds, where that was read and is another one. */
  before?: DocumentsIndex;
  /** For the manifest: no more than MOST_WARNINGS, and how many more there were. */
  warnings: string[];
}

interface DocumentsOptions {
  store: Store;
  /** The keys of the objects that are made, where any is. */
  keys: { archive: string; index: string };
  /** The set whose archive may be used again, or why there is none. */
  before: BackupSet | { why: string };
  /** Reads every file, also those whose size and times are as before. */
  paranoid: boolean;
  reporter: Reporter;
  signal: AbortSignal;
}

/** An environment, and what of its documents is taken whatever the excludes say. */
type Source = OpenEnvironment & Pick<DocumentFolders, "kept">;

/**
 * Takes the documents of `source`: uses the archive of the set before where nothing changed since, else streams a new
 * one into the store.
 * @throws DrillError `DOCUMENTS_UNREADABLE`, `UPLOAD_DIFFERS`, ...
 */
export async function backupDocuments(
  source: Source,
  options: DocumentsOptions,
): Promise<DocumentsHalf> {
  const { before, reporter } = options;
  const reused = "why" in before ? before : await reusableIndex(before, source, options);
  if ("why" in reused || "why" in before) {
    if ("why" in reused) reporter.note(`A new archive of the documents is made: ${reused.why}`);
    const { warnings, ...made } = await archive(source, options);
    const held = "index" in reused && reused.index ? { before: reused.index } : {};
    return { ...made, ...held, warnings: capped(warnings) };
  }
  reporter.note(`The documents did not change since ${before.name}: its archive is used again`);
  return {
    half: { ...before.manifest.docs, fingerprint: fingerprintOfIndex(reused.index) },
    index: reused.index,
    warnings: capped(leftOutWarnings(reused.index)), // they are as true of this set
  };
}

const MOST_WARNINGS = 50;

const capped = (warnings: readonly string[]): string[] =>
  warnings.length <= MOST_WARNINGS
    ? [...warnings]
    : [...warnings.slice(0, MOST_WARNINGS), `and ${warnings.length - MOST_WARNINGS} more of the documents`];

/** The index of the set `before`, where its archive holds the documents as they are now; else why it does not. */
async function reusableIndex(
  { manifest: { docs } }: BackupSet,
  source: Source,
  { store, paranoid, signal }: DocumentsOptions,
): Promise<{ index: DocumentsIndex } | { why: string; index?: DocumentsIndex }> {
  const bytes = await readSmall(store.get(docs.index.key));
  if (sha256Of(bytes) !== docs.index.sha256) return { why: `${docs.index.key} is damaged` };
  const index = readIndex(bytes, docs.index.key);
  // the index is as old as the set that made it, which later sets only name
  const takenAt = madeAt(docs.index.key);
  const { unchanged, why } = await unchangedSince(source, { index, takenAt }, { paranoid, signal });
  return unchanged ? { index } : { why, index };
}

async function archive(
  source: Source,
  { store, keys, reporter, signal }: DocumentsOptions,
): Promise<DocumentsHalf> {
  using step = reporter.step(`Archiving the documents in ${source.documents}`, "bytes");
  using archive = packDocuments(source, { signal, onProgress: step.progress });
  const object = await send(store, keys.archive, archive.stream);
  const { index: found, warnings } = archive.describe();
  const index = await send(store, keys.index, bytesOf(writeIndex(found)));
  step.end(formatCount(found.files.length, "file"));
  await readBack("the archive and its index", [object, index], store, reporter, signal);
  return {
    half: {
      objects: [object],
      index,
      files: found.files.length,
      bytes: totalBytes(found),
      fingerprint: fingerprintOfIndex(found),
    },
    index: found,
    warnings,
  };
}
