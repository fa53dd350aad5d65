/** A documents folder as a compressed tar, and the index of what that archive holds. */

import { DrillError } from "../../base/errors.ts";
import { feedTool, findTool, startTool, WIDENS_STDIN } from "../../base/process/processes.ts";
import { type Bytes, inPieces } from "../../base/streams.ts";
import { type DocumentFolders, OpenFolders } from "../folders.ts";
import { type DocumentsIndex, type IndexedFile, type IndexedLink, leftOutWarnings } from "../index.ts";
import { startThread } from "../thread.ts";
import { leavingLinks, linksOf } from "../tree/links.ts";
import type { OddEntry } from "../tree/odd_entries.ts";
import { DEFAULT_EXCLUDES, type TreeEntry } from "../tree/walk.ts";
import { findCompressor } from "./compressor.ts";
import type { PackedPiece, PackRequest } from "./pack_worker.ts";
import type { Packed } from "./packer.ts";

/** Disposing ends what still runs. */
interface DocumentsArchive extends Disposable {
  /** The archive as it is stored, tar compressed as gzip; to be read once. */
  stream: AsyncIterable<Bytes>;
  /**
   * The index of what the archive holds; call it when the stream was read to its end.
   * @throws DrillError `DOCUMENTS_UNREADABLE` where the archive came to hold a link that no restore takes.
   */
  describe(): Described;
}

export interface Described {
  index: DocumentsIndex;
  /** What a person should know: files that changed or vanished meanwhile, what was left out. */
  warnings: string[];
}

interface PackOptions {
  signal: AbortSignal;
  /** Bytes of the files, not of the archive. */
  onProgress?: (bytes: number, total: number) => void;
}

/**
 * Packs every entry below the folders of `source`, seen now. A hard link becomes a file of its own; a file that shrinks while
 * it is read is filled up with zeros, one that grows is cut, so that the archive is always whole. Empty folders are in the
 * archive and not in the index. A link that leads out of its folder, which no restore takes, is in the index' `leftOut` alone;
 * what no archive can hold, a pipe or a name that is not UTF-8, in its `odd`.
 *
 * @throws DrillError `DOCUMENTS_UNREADABLE`; `CONFIG_INVALID` where the documents hold an entry with the name of a further
 *   folder. The stream: `DOCUMENTS_UNREADABLE`, `TOOL_FAILED`, `TOOL_MISSING`.
 */
export function packDocuments(
  source: DocumentFolders,
  { signal, onProgress }: PackOptions,
): DocumentsArchive {
  using opened = new DisposableStack();
  const folders = opened.use(new OpenFolders(source));
  const odd: OddEntry[] = [];
  const walked = folders.walk((entry) => odd.push(entry));
  const links = linksOf(walked);
  const leaving = leavingLinks(links, Object.keys(source.moreFolders ?? {}));
  const leftOut = links.filter(({ path }) => leaving.has(path));
  const entries = walked.filter(({ path }) => !leaving.has(path));
  const total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  const packer = opened.use(
    startThread<PackRequest, PackedPiece>(
      new URL("./pack_worker.ts", import.meta.url),
      "packs documents",
      signal,
    ),
  );
  const packed: Packed[] = [];
  let wasRead = false;

  async function* tar(): AsyncGenerator<Bytes, void, void> {
    const toPack = entries.map(({ path, type, target }) => ({
      path,
      type,
      target,
      at: folders.locate(path),
    }));
    const asked: Promise<PackedPiece>[] = [packer.ask({ roots: folders.lend(), entries: toPack })];
    const ask = () => {
      const answer = packer.ask("next");
      answer.catch(() => undefined); // awaiting it throws it
      asked.push(answer);
    };
    for (let at = 0; at < AHEAD; at++) ask();
    for (let done = 0;;) {
      const { piece, isEnd, packed: some } = await asked.shift()!;
      for (const one of some) packed.push(one);
      if (piece) {
        yield piece;
        done += piece.length;
        onProgress?.(Math.min(done, total), total);
      }
      if (isEnd) return;
      ask();
    }
  }

  async function* compressed(): AsyncGenerator<Bytes, void, void> {
    yield* compress(tar(), signal);
    onProgress?.(total, total);
    wasRead = true;
  }

  const stack = opened.move();
  return {
    stream: compressed(),
    describe() {
      if (!wasRead) throw new TypeError("the archive was not read to its end");
      return describe(entries, packed, source, { leftOut, odd });
    },
    [Symbol.dispose]: () => stack.dispose(),
  };
}

/** So many pieces of 1 MiB the packing thread may be ahead of the compressor. */
const AHEAD = 4;

async function* compress(tar: AsyncIterable<Bytes>, signal: AbortSignal): AsyncGenerator<Bytes, void, void> {
  const { path, compress, name } = findCompressor();
  const perl = findTool("perl");
  const [program, args] = perl ? [perl, ["-e", WIDENS_STDIN, path, ...compress]] : [path, compress];
  await using tool = startTool(program, { args, stdin: "piped", signal });
  await using feeding = feedTool(tool, tar);
  yield* inPieces(tool.stdout);
  await feeding.done;
  const { code, signal: killed, stderr } = await tool.ended;
  signal.throwIfAborted();
  if (code === 0) return;
  throw new DrillError(
    "TOOL_FAILED",
    `Cannot pack the documents: ${name} ${killed ? `was ended by ${killed}` : `ended with ${code}`}`,
    "No archive was made of it. Look at the lines above, and run it again.",
    { details: stderr.trim() === "" ? [] : [stderr.trim()] },
  );
}

/** The index of the archive, of what was packed. Pure. */
function describe(
  entries: readonly TreeEntry[],
  packed: readonly Packed[],
  { excludes = DEFAULT_EXCLUDES, kept, moreFolders = {} }: DocumentFolders,
  { leftOut, odd }: { leftOut: readonly IndexedLink[]; odd: readonly OddEntry[] },
): Described {
  const index: DocumentsIndex = {
    excludes: [...excludes],
    ...(kept ? { keepsNamed: true } : {}),
    files: [],
    links: [],
  };
  if (Object.keys(moreFolders).length > 0) index.roots = { ...moreFolders };
  if (leftOut.length > 0) index.leftOut = [...leftOut];
  if (odd.length > 0) index.odd = odd.map(({ path, is }) => ({ path, is }));
  const warnings = leftOutWarnings(index);
  for (const [at, { path, target }] of entries.entries()) {
    const content = packed[at]!;
    if (content.is === "file") {
      index.files.push(indexed(path, content));
      if (content.changed) warnings.push(`${path} changed while it was read`);
    } else if (content.is === "link") {
      index.links.push({ path, target: target ?? "" });
    } else if (content.is !== "directory") {
      const what = content.is === "gone" ? "vanished" : "was replaced by another thing";
      warnings.push(`${path} ${what} while the documents were read: it is not in the archive`);
    }
  }
  const [leaves] = leavingLinks(index.links, Object.keys(moreFolders));
  if (leaves !== undefined) throw becameLeaving(leaves, index.links);
  return { index, warnings };
}

/** Its times are those from before it was read, so that what was changed later is seen the next time. */
function indexed(path: string, { content, state, changed }: Packed & { is: "file" }): IndexedFile {
  const { mtimeMs, ctimeMs } = state;
  return { path, mtimeMs, ctimeMs, ...content, ...(changed ? { changed } : {}) };
}

/** Another link through which it led inside vanished under our hands. */
const becameLeaving = (path: string, links: readonly IndexedLink[]) =>
  new DrillError(
    "DOCUMENTS_UNREADABLE",
    `Cannot back up ${path}: while it was read it became a link out of the documents, to ${
      links.find((link) => link.path === path)?.target
    }`,
    "A restore would refuse the archive, so no set was made of it. Run it again: then the link is left out.",
  );
