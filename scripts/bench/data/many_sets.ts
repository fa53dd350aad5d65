/** Sets of many nights in a bucket, with manifests and indexes as those of an ERP: most nights a few documents come, one changes. */

import { bytesOf, sha256Of } from "../../../src/base/streams.ts";
import { timestampOf } from "../../../src/base/time.ts";
import { type IndexedFile, writeIndex } from "../../../src/documents/index.ts";
import { manifestKey } from "../../../src/store/keys.ts";
import { type StoredObject, writeManifest } from "../../../src/store/records/manifest.ts";
import { objectsOfSet } from "../../../src/store/sets/sets.ts";
import type { Store } from "../../../src/store/store.ts";
import { sampleManifest } from "../../../tests/support/store/manifests.ts";

const NIGHT_MS = 86_400_000;
const TABLES = 290;
/** One night in so many is quiet: its set names the archive and the index of the night before. */
const QUIET = 10;
/** So many documents come in a night that is not. */
const NEW = 2;

/**
 * Puts `count` sets, the newest of `now`.
 * @param files in an index in the middle
 * @returns the indexes that were put, oldest first
 */
export async function putManySets(
  store: Store,
  { count, files, now }: { count: number; files: number; now: Date },
): Promise<StoredObject[]> {
  const listed = Array.from({ length: Math.max(0, files - count * NEW / 2) }, (_, at) => documentOf(at, 0));
  const indexes: StoredObject[] = [];
  for (let night = 0; night < count; night++) {
    const manifest = sampleManifest(timestampOf(new Date(now.getTime() - (count - 1 - night) * NIGHT_MS)));
    manifest.db.content.tables = Array.from({ length: TABLES }, (_, table) => ({
      table: `public.llx_table_${table}`,
      rows: 100 * table,
      hash: `${-17 * table}${night}0000000000`,
    }));
    const set = { name: manifest.set, environment: manifest.environment, manifest };
    for (const { key } of objectsOfSet(set).slice(0, 2)) await store.put(key, bytesOf("xyz"));
    const last = indexes.at(-1);
    if (last && night % QUIET === 0) manifest.docs.index = last;
    else {
      for (let one = 0; one < NEW; one++) listed.push(documentOf(listed.length, night));
      const changed = (night * 7919) % listed.length;
      listed[changed] = documentOf(changed, night);
      const index = writeIndex({ excludes: [], files: listed, links: [] });
      const { key } = manifest.docs.index;
      manifest.docs.index = { key, bytes: index.length, sha256: sha256Of(index) };
      await store.put(key, bytesOf(index));
      indexes.push(manifest.docs.index);
    }
    await store.put(manifestKey(manifest.environment, manifest.set), bytesOf(writeManifest(manifest)));
  }
  return indexes;
}

/** The path of a document as Dolibarr names them. */
export function pathOf(at: number): string {
  const ref = `FA${String(1501 + Math.floor(at / 40)).padStart(4, "0")}-${String(at % 40).padStart(4, "0")}`;
  return `facture/${ref}/${ref}.pdf`;
}

function documentOf(at: number, night: number): IndexedFile {
  const mtimeMs = 1_600_000_000_000 + at * 3_600_000 + night * NIGHT_MS;
  const sha256 = sha256Of(`${at} ${night}`);
  return { path: pathOf(at), bytes: 40_000 + (at * 7919) % 90_000, mtimeMs, ctimeMs: mtimeMs + 12, sha256 };
}
