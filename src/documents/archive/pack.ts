/** A documents folder as a compressed tar, and the index of what that archive holds. */

import type { Bytes } from "../../base/streams.ts";
import { openArchive } from "./compressor.ts";
import type { DocumentsIndex } from "../index.ts";
import { leavingLinks, linksOf } from "../tree/links.ts";
import { type Archived, findMoved, indexOf, readArchived } from "./changed_files.ts";
import { diskPaths, type DocumentFolders, walkFolders } from "../folders.ts";
import { startFileHasher } from "../hash/hasher.ts";
import { type TarAccount, tarCompressed } from "./tar_process.ts";

/** Disposing ends what still runs. */
interface DocumentsArchive extends Disposable {
  /** The archive as it is stored, tar compressed as gzip; to be read once. */
  stream: AsyncIterable<Bytes>;
  /**
   * The index of what the archive holds; call it when the stream was read to its end.
   *
   * @param readArchive gives the archive as it was stored, from its first byte; called at most once, and only when some file
   *   may have changed between the readings: then what the archive holds of it is what counts.
   * @throws DrillError `DOCUMENTS_UNREADABLE`, `OBJECT_CORRUPT` and what `readArchive` throws.
   */
  describe(readArchive: () => AsyncIterable<Bytes>): Promise<Described>;
}

export interface Described {
  index: DocumentsIndex;
  /** What a person should know: files that changed or vanished meanwhile, links that were left out. */
  warnings: string[];
  /** Of how many entries the archive itself was asked. */
  askedOfArchive: number;
}

interface PackOptions {
  signal: AbortSignal;
  /** The archive's, for messages; default: `the documents archive`. */
  name?: string;
  /** Bytes of the files, not of the archive. */
  onProgress?: (bytes: number, total: number) => void;
  /** The time, in ms; only tests say another. */
  now?: () => number;
}

/**
 * Packs every entry below the folders of `source`, seen now. A hard link becomes a file of its own; a file that shrinks while
 * it is read is filled up with zeros, one that grows is cut, so that the archive is always whole. Empty folders are in the
 * archive and not in the index; a link that leads out of its folder, which no restore takes, is in the index' `leftOut` alone.
 *
 * @throws DrillError `DOCUMENTS_UNREADABLE` for a socket, a pipe, a device, a name that is not UTF-8; `CONFIG_INVALID` where
 *   the documents hold an entry with the name of a further folder. The stream: `DOCUMENTS_UNREADABLE`, `TOOL_FAILED`, `TOOL_MISSING`.
 */
export function packDocuments(source: DocumentFolders, options: PackOptions): DocumentsArchive {
  const { signal, name = "the documents archive", onProgress, now = Date.now } = options;
  const walkedMs = now();
  const walked = walkFolders(source);
  const links = linksOf(walked);
  const leaving = leavingLinks(links, Object.keys(source.moreFolders ?? {}));
  const leftOut = links.filter(({ path }) => leaving.has(path));
  const entries = walked.filter(({ path }) => !leaving.has(path));
  const diskPath = diskPaths(source);
  const files = entries.filter(({ type }) => type === "file");
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const account: TarAccount = { members: [], moved: new Set() };
  const hasher = startFileHasher(files.map(({ path, bytes }) => ({ path: diskPath(path), bytes })));
  let wasRead = false;

  async function* packed(): AsyncGenerator<Bytes, void, void> {
    let [done, current] = [0, 0];
    const onMember = ({ bytes }: { bytes: number }) => {
      done += current; // the one before it
      current = bytes;
      hasher.follow(done);
      onProgress?.(done, total);
    };
    const paths = entries.map(({ path }) => path);
    for await (const chunk of tarCompressed(source, paths, account, onMember, signal)) {
      hasher.throwIfFailed();
      yield chunk;
    }
    onProgress?.(total, total);
    wasRead = true;
  }

  return {
    stream: packed(),
    async describe(readArchive) {
      if (!wasRead) throw new TypeError("the archive was not read to its end");
      const found = await hasher.finish();
      const hashes = new Map(files.map(({ path }, at) => [path, found[at]!]));
      const moved = findMoved(entries, hashes, account, diskPath, walkedMs);
      const archived = moved.size === 0
        ? new Map<string, Archived>()
        : await readArchived(openArchive(name, readArchive(), signal), moved);
      return {
        ...indexOf(entries, hashes, moved, archived, source, leftOut),
        askedOfArchive: moved.size,
      };
    },
    [Symbol.dispose]: () => hasher[Symbol.dispose](),
  };
}
