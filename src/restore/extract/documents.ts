/** Documents out of an archive, as files in a place of a person's own: each proved by the index, no environment touched. */

import { dirname, join } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { exists, removeTree, writeError, writeNewFile } from "../../base/files.ts";
import type { Bytes, Digest } from "../../base/streams.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { formatCount } from "../../base/numbers.ts";
import { openArchive } from "../../documents/archive/compressor.ts";
import { readEntries } from "../../documents/archive/entries.ts";
import { type DocumentsIndex, type IndexedFile, readIndex } from "../../documents/index.ts";
import { plainPath, shown } from "../../documents/tree/paths.ts";
import type { RestorableSet } from "../../store/sets/restorable_set.ts";
import type { Store } from "../../store/store.ts";
import { checkingBytes, readable } from "../dump/bytes.ts";
import { readIndexBytes } from "../../store/sets/index_cache.ts";

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
  for (const { path } of wanted) refuseOddPath(path);
  const index = set.index && readIndex(await readIndexBytes(store, set.index), set.index.key);
  const recorded = index && new Map(wanted.map(({ path }) => [path, recordedFile(index, path, set)]));
  for (const { file } of wanted) await refuseExisting(file);

  const [first] = wanted;
  if (!first) return [];
  const folder = dirname(first.file);
  const stage = join(folder, `.dolibarr-drill-${crypto.randomUUID().slice(0, 8)}`);
  await writing(`make the folder ${folder}`, () => Deno.mkdir(stage, { recursive: true, mode: 0o700 }));
  try {
    const files = new Map(wanted.map((one, at) => [one.path, { ...one, staged: join(stage, String(at)) }]));
    const read = await readWanted(set, files, store, { reporter, signal });
    for (const { path } of wanted) {
      const digest = read.get(path);
      if (!digest) throw unknown(set, path);
      const expected = recorded?.get(path);
      if (expected && expected.sha256 !== digest.sha256) throw differs(set, path);
    }
    for (const { file, staged } of files.values()) await moveTo(file, staged);
    return [...files.values()].map(({ path, file }) => ({
      ...{ path, file, proved: recorded !== undefined },
      ...read.get(path)!,
    }));
  } finally {
    await removeTree(stage);
  }
}

/** Reads the archive until every one of `files` is written to where it is staged. @returns what was read, by path. */
async function readWanted(
  set: RestorableSet,
  files: ReadonlyMap<string, { staged: string }>,
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
  step.end(formatCount(read.size, "document"));
  return read;
}

/** Ends the reading of an archive whose rest nobody asked for. */
class EnoughRead extends Error {}

const ROOM = "Make room there, or name another place with --to.";

/** Also where another process made the file meanwhile: what is there is never replaced. */
async function moveTo(file: string, staged: string): Promise<void> {
  await writing(`write ${file}`, async () => {
    await Deno.mkdir(dirname(file), { recursive: true });
    await Deno.link(staged, file);
  });
}

/** The folder that `file` is written to, with those above it. @throws DrillError `DOCUMENTS_NOT_WRITABLE`, `DISK_FULL`. */
export const makeFolderOf = (file: string): Promise<void> =>
  writing(`make the folder ${dirname(file)}`, () => Deno.mkdir(dirname(file), { recursive: true }));

async function writing<T>(action: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw writeError(action, error, { room: ROOM, hint: "Name another place with --to." });
  }
}

export async function refuseExisting(file: string): Promise<void> {
  if (!await exists(file)) return;
  throw new DrillError(
    "DOCUMENTS_NOT_WRITABLE",
    `Cannot write ${file}: it is there already`,
    "Name another file or folder with --to. Nothing was changed.",
  );
}

/** Before anything is read: a path that leaves the documents folder is none of a document. */
function refuseOddPath(path: string): void {
  const refuse = (_: string, why: string) =>
    new DrillError(
      "USAGE",
      `Cannot extract ${shown(path)}: ${why}`,
      "A path counts from the documents folder: facture/FA2610-0004/FA2610-0004.pdf. Look for it: dolibarr-drill find FA2610-0004",
    );
  if (path === "" || plainPath(path, refuse) !== path) throw refuse(path, "it is no plain path");
}

function recordedFile(index: DocumentsIndex, path: string, set: RestorableSet): IndexedFile {
  const file = index.files.find((one) => one.path === path);
  if (file) return file;
  const link = index.links.find((one) => one.path === path);
  if (!link) throw unknown(set, path);
  throw new DrillError(
    "DOCUMENT_UNKNOWN",
    `Cannot extract ${shown(path)} of ${set.environment}/${set.name}: it is a link to ${shown(link.target)}`,
    "Extract the document that it leads to.",
  );
}

const unknown = ({ environment, name }: RestorableSet, path: string) =>
  new DrillError(
    "DOCUMENT_UNKNOWN",
    `Cannot extract ${shown(path)}: ${environment}/${name} has no document of that path`,
    `Look in which sets it is: dolibarr-drill find ${
      path.slice(path.lastIndexOf("/") + 1)
    } --env ${environment}`,
  );

const differs = ({ environment, name, archive }: RestorableSet, path: string) =>
  new DrillError(
    "DOCUMENTS_DIFFER",
    `Cannot trust ${
      shown(path)
    } of ${environment}/${name}: ${archive.key} holds other bytes than were recorded`,
    `Nothing was written. Take it from another set: dolibarr-drill find ${
      path.slice(path.lastIndexOf("/") + 1)
    }`,
  );
