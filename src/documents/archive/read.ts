/** A documents archive read from its first byte to its last, without writing any: what is in it, file by file. */

import type { DocumentsIndex } from "../index.ts";
import type { OpenArchive } from "./compressor.ts";
import { layoutOf } from "./layout.ts";
import { differ, hashEntry, hostile, notADocument, readEntries } from "./entries.ts";
import { shown } from "../tree/paths.ts";
import { formatCount, formatNumber } from "../../base/numbers.ts";

/**
 * The index of what `archive` holds, its hashes computed of its own bytes: by itself it proves that the
 * archive is whole, and no more; compared with the index of the backup it proves its content.
 * @throws DrillError `OBJECT_CORRUPT`; `DOCUMENTS_DIFFER` for an archive that names a file twice; `DOCUMENTS_HOSTILE`.
 */
export async function readArchive(
  archive: OpenArchive,
  onProgress?: (bytes: number) => void,
): Promise<DocumentsIndex> {
  const index: DocumentsIndex = { excludes: [], files: [], links: [] };
  const seen = new Set<string>();
  let bytes = 0;
  await readEntries(archive, async (entry, path) => {
    const { type, linkname, mtime } = entry.header;
    if (type === "directory") {
      entry.resume();
      return;
    }
    if (seen.has(path)) throw differ(archive.name, `${shown(path)} is in the archive twice`);
    seen.add(path);
    if (type === "symlink") {
      index.links.push({ path, target: linkname ?? "" });
      entry.resume();
    } else if (type === "file") {
      const mtimeMs = mtime?.getTime() ?? 0;
      const file = await hashEntry(entry);
      index.files.push({ path, mtimeMs, ctimeMs: mtimeMs, ...file });
      onProgress?.(bytes += file.bytes);
    } else throw hostile(archive.name, path, notADocument(type));
  });
  layoutOf(archive.name, index);
  return index;
}

/**
 * What `found` (read from an archive) lacks or has otherwise than `recorded`, as sentences; empty where they are equal.
 * Times are not compared: an archive has whole seconds. Pure.
 */
export function compareIndexes(recorded: DocumentsIndex, found: DocumentsIndex): string[] {
  const there = new Map(found.files.map((file) => [file.path, file]));
  const links = new Map(found.links.map(({ path, target }) => [path, target]));
  const differences: string[] = [];
  for (const { path, bytes, sha256 } of recorded.files) {
    const file = there.get(path);
    if (!file) differences.push(`${path} is missing from the archive`);
    else if (file.bytes !== bytes) {
      differences.push(
        `${path} has ${formatCount(file.bytes, "byte")}, the index says ${formatNumber(bytes)}`,
      );
    } else if (file.sha256 !== sha256) differences.push(`${path} has other bytes than when it was backed up`);
    there.delete(path);
  }
  for (const { path, target } of recorded.links) {
    if (links.get(path) !== target) {
      differences.push(`the link ${path} is missing from the archive, or leads elsewhere`);
    }
    links.delete(path);
  }
  for (const path of [...there.keys(), ...links.keys()]) {
    differences.push(`${path} is in the archive and not in the index`);
  }
  return differences;
}
