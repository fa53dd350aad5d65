/** Documents out of an archive, as files in a place of a person's own: each proved by the index, no environment touched. */

import { dirname } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { writeNewFile } from "../../base/files.ts";
import { PROGRAM } from "../../base/program_name.ts";
import type { Bytes, Digest } from "../../base/streams.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { formatCount } from "../../base/numbers.ts";
import { shellWord } from "../../base/shell_words.ts";
import { openArchive } from "../../documents/archive/compressor.ts";
import { readEntries } from "../../documents/archive/entries.ts";
import { type DocumentsIndex, type IndexedFile, readIndex } from "../../documents/index.ts";
import { plainPath, shown } from "../../documents/tree/paths.ts";
import type { RestorableSet } from "../../store/sets/restorable_set.ts";
import type { Store } from "../../store/store.ts";
import { checkingBytes, readable } from "../dump/bytes.ts";
import { readIndexBytes } from "../../store/sets/index_cache.ts";
import { extractMember } from "./one_member.ts";
import { openOutputs, refuseExisting, ROOM } from "./outputs.ts";

/** A document to be extracted, and the file that it becomes. */
export interface WantedDocument {
  /** Its path in the documents folder: `facture/FA2610-0004/FA2610-0004.pdf`. */
  path: string;
  /** An absolute path where nothing is yet. */
  file: string;
}

/** A document that was written. */
interface ExtractedDocument extends WantedDocument, Digest {
  /** Whether the hash is the one that was recorded when the set was taken: no index says so of the shell script's sets. */
  proved: boolean;
}

/**
 * Writes documents of `set` to files. All of them are written, each equal to the index of the set, or none is. The archive
 * is not unpacked: it is read as far as the last of the documents.
 *
 * @throws DrillError `USAGE` for a path that no document can have, `DOCUMENT_UNKNOWN` for one that the set does not have,
 *   `DOCUMENTS_NOT_WRITABLE` where there is a file already, `DISK_FULL`, `OBJECT_CORRUPT`, `DOCUMENTS_DIFFER`,
 *   `DOCUMENTS_HOSTILE`.
 */
export async function extractDocuments(
  set: RestorableSet,
  wanted: readonly WantedDocument[],
  store: Store,
  { reporter, signal }: { reporter: Reporter; signal: AbortSignal },
): Promise<ExtractedDocument[]> {
  const recorded = await findWanted(set, wanted, store);

  const [first] = wanted;
  if (!first) return [];
  await using outputs = await openOutputs(dirname(first.file));
  const files = new Map(
    wanted.map((one) => [recorded?.get(one.path)?.path ?? one.path, { ...one, staged: outputs.staged() }]),
  );
  const read = await readWanted(set, files, [...recorded?.values() ?? []], store, { reporter, signal });
  const missing = [...files.keys()].filter((path) => !read.has(path));
  if (missing.length > 0) throw recorded ? notHeld(set, missing) : unknown(set, missing);
  for (const { path, sha256 } of recorded?.values() ?? []) {
    if (read.get(path)!.sha256 !== sha256) throw differs(set, path);
  }
  await outputs.place([...files.values()]);
  return [...files].map(([path, { file }]) => ({ path, file, proved: !!recorded, ...read.get(path)! }));
}

/**
 * What the index of `set` has of the documents, by the path that was asked for; undefined where there is no index.
 * @throws DrillError as `extractDocuments`, for what can be known before the archive is read.
 */
export async function findWanted(set: RestorableSet, wanted: readonly WantedDocument[], store: Store) {
  for (const { path } of wanted) refuseOddPath(path);
  const index = set.index && readIndex(await readIndexBytes(store, set.index), set.index.key);
  const recorded = index && recordedFiles(index, wanted.map(({ path }) => path), set);
  for (const { file } of wanted) await refuseExisting(file);
  return recorded;
}

/**
 * Reads the archive until every one of `files` is written to where it is staged.
 * @param recorded what the index has of them
 * @returns what was read, by path.
 */
async function readWanted(
  set: RestorableSet,
  files: ReadonlyMap<string, { staged: string }>,
  recorded: readonly IndexedFile[],
  store: Store,
  { reporter, signal }: { reporter: Reporter; signal: AbortSignal },
): Promise<Map<string, Digest>> {
  const archive = readable(store, set.archive);
  using step = reporter.step(`Reading ${set.environment}/${set.name}`, "bytes");
  const read = new Map<string, Digest>();
  const counted = async function* (): AsyncGenerator<Bytes, void, void> {
    let bytes = 0;
    for await (const chunk of archive.open()) {
      yield chunk;
      step.progress(bytes += chunk.length, archive.bytes);
    }
  };
  const [one, another] = recorded;
  if (one && !another) {
    const { staged } = files.get(one.path)!;
    const file = store.fileOf?.(set.archive.key);
    const packed = file === undefined ? { bytes: counted() } : { file };
    const onRead = (bytes: number) => step.progress(bytes, archive.bytes);
    const digest = await extractMember(packed, one, staged, { signal, hint: ROOM, onRead });
    if (digest) read.set(one.path, digest);
  }
  // of several, of a set without an index, and to say what is wrong
  if (read.size < files.size) {
    await checkingBytes(archive, signal, async () => {
      try {
        await readEntries(openArchive(archive.key, counted(), signal), async (entry, path) => {
          const wanted = files.get(path);
          if (!wanted || entry.header.type !== "file") return entry.resume();
          const source = entry as AsyncIterable<Bytes>;
          read.set(path, await writeNewFile(wanted.staged, source, { signal, hint: ROOM }));
          if (read.size === files.size) throw new EnoughRead();
        });
      } catch (error) {
        if (!(error instanceof EnoughRead)) throw error;
      }
    });
  }
  step.end(formatCount(read.size, "document"));
  return read;
}

/** Ends the reading of an archive whose rest nobody asked for. */
class EnoughRead extends Error {}

/** Before anything is read: a path that leaves the documents folder is none of a document. */
function refuseOddPath(path: string): void {
  const refuse = (_: string, why: string) =>
    new DrillError(
      "USAGE",
      `Cannot extract ${shown(path)}: ${why}`,
      `A path counts from the documents folder: facture/FA2610-0004/FA2610-0004.pdf. Look for it: ${PROGRAM} find FA2610-0004`,
    );
  if (path === "" || plainPath(path, refuse) !== path) throw refuse(path, "it is no plain path");
}

/**
 * What `index` has of each of `paths`, by the path as it was asked for. One that differs only in how Unicode writes its
 * letters is the same: a person cannot see it.
 */
function recordedFiles(
  { files, links }: DocumentsIndex,
  paths: readonly string[],
  set: RestorableSet,
): Map<string, IndexedFile> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const composed = new Map(files.map((file) => [file.path.normalize("NFC"), file]));
  const found = new Map<string, IndexedFile>();
  const missing: string[] = [];
  for (const path of paths) {
    const file = byPath.get(path) ?? composed.get(path.normalize("NFC"));
    if (file) found.set(path, file);
    else missing.push(path);
  }
  if (missing.length === 0) return found;
  const link = links.find(({ path }) => path === missing[0]);
  throw link ? isLink(set, link.path, link.target) : unknown(set, missing);
}

const isLink = ({ environment, name }: RestorableSet, path: string, target: string) =>
  new DrillError(
    "DOCUMENT_UNKNOWN",
    `Cannot extract ${shown(path)} of ${environment}/${name}: it is a link to ${shown(target)}`,
    "Extract the document that it leads to.",
  );

/** @param paths at least one */
const unknown = ({ environment, name }: RestorableSet, paths: readonly string[]) =>
  new DrillError(
    "DOCUMENT_UNKNOWN",
    `Cannot extract ${listed(paths)}: ${environment}/${name} has no document of ${
      paths.length === 1 ? "that path" : "these paths"
    }`,
    `Look in which sets it is: ${findCommand(paths[0]!)} --env ${environment}`,
  );

const differs = ({ environment, name, archive }: RestorableSet, path: string) =>
  new DrillError(
    "DOCUMENTS_DIFFER",
    `Cannot trust ${
      shown(path)
    } of ${environment}/${name}: ${archive.key} holds other bytes than were recorded`,
    `Nothing was written. Take it from another set: ${findCommand(path)} --env ${environment}`,
  );

/** @param paths at least one */
const notHeld = ({ environment, name, archive }: RestorableSet, paths: readonly string[]) =>
  new DrillError(
    "DOCUMENTS_DIFFER",
    `Cannot extract ${
      listed(paths)
    } of ${environment}/${name}: its index lists it, and ${archive.key} holds no such file`,
    `Nothing was written. Take it from another set: ${findCommand(paths[0]!)} --env ${environment}`,
  );

/** The first, and how many more. */
const listed = ([first = "", ...more]: readonly string[]): string =>
  more.length === 0 ? shown(first) : `${shown(first)} and ${formatCount(more.length, "more document")}`;

const findCommand = (path: string): string =>
  `${PROGRAM} find ${shellWord(path.slice(path.lastIndexOf("/") + 1))}`;
