/** The documents half of a set, unpacked beside the old documents or into a folder. */

import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Reporter } from "../base/terminal/reporter.ts";
import { hashed, readSmall, sha256Of } from "../base/streams.ts";
import { formatCount } from "../base/numbers.ts";
import { openArchive } from "../documents/archive/compressor.ts";
import {
  type DocumentsIndex,
  indexBelow,
  leadingOut,
  mainDocuments,
  readIndex,
  totalBytes,
} from "../documents/index.ts";
import { readArchive } from "../documents/archive/read.ts";
import { prepareSwap } from "../documents/swap/swap.ts";
import { type Ownership, unpackDocuments, type UnpackProof } from "../documents/archive/unpack.ts";
import type { StoredObject } from "../store/records/manifest.ts";
import type { Store } from "../store/store.ts";
import type { LeftOut } from "./dump/filter.ts";
import { refuseOtherBytes } from "../store/sets/recorded_bytes.ts";
import { checkingBytes, readable } from "./dump/bytes.ts";
import type { RestorableSet } from "../store/sets/restorable_set.ts";
import { exists } from "../base/files.ts";

export interface Unpacked {
  /** Of what was unpacked and left there: without the further folders. */
  index: DocumentsIndex;
  proof: UnpackProof;
  /** The archive and the index as they were read. */
  read: StoredObject[];
  leftOut: LeftOut[];
}

export interface UnpackSetOptions {
  /** The restore's, by which its journal is known. */
  id: string;
  /** No transaction of the database carries the id: the journal alone decides how the swap is settled. */
  alone: boolean;
  /** Only what the archive has below this folder; without it all of it. */
  below?: string;
  reporter: Reporter;
  signal: AbortSignal;
}

/** Unpacks the documents of `source` beside the folder `documents`, each byte compared with the index. */
export async function unpackSet(
  source: RestorableSet,
  documents: string,
  store: Store,
  { id, alone, ...options }: UnpackSetOptions,
): Promise<Unpacked> {
  const makeFolder = async () => ({
    folder: await prepareSwap(documents, id, { alone }),
    owner: await ownerOf(documents),
  });
  const { index, folder, proof, read } = await unpack(source, makeFolder, store, options);
  const links = index.leftOut?.map(({ path, target }) => ({ what: path, why: leadingOut(target) })) ?? [];
  return {
    index: mainDocuments(index),
    proof,
    read,
    leftOut: [...removeFurther(index, folder), ...links],
  };
}

/** Unpacks all that the archive of `source` holds into the empty folder `folder`, each byte compared with the index. */
export const unpackInto = (
  source: RestorableSet,
  folder: string,
  store: Store,
  options: { reporter: Reporter; signal: AbortSignal },
): Promise<{ index: DocumentsIndex; proof: UnpackProof }> =>
  unpack(source, () => Promise.resolve({ folder, owner: undefined }), store, options);

/** @param makeFolder makes the folder to unpack into, once it is known what will be in it */
async function unpack(
  source: RestorableSet,
  makeFolder: () => Promise<{ folder: string; owner: Ownership | undefined }>,
  store: Store,
  { below, reporter, signal }: { below?: string; reporter: Reporter; signal: AbortSignal },
) {
  const archive = readable(store, source.archive);
  const { index: whole, read } = await indexOf(source, store, { reporter, signal });
  const index = below === undefined ? whole : indexBelow(whole, below);
  const total = totalBytes(index);
  using step = reporter.step(`Unpacking the documents of ${source.name}`, "bytes");
  const { folder, owner } = await makeFolder();
  const passing = hashed(archive.open());
  const onBytes = (bytes: number) => step.progress(bytes, total);
  const proof = await checkingBytes(
    archive,
    signal,
    () =>
      unpackDocuments(openArchive(archive.key, passing.stream, signal), folder, whole, owner, {
        below,
        onBytes,
      }),
  );
  const readArchive = { key: archive.key, ...passing.digest() };
  refuseOtherBytes(archive, readArchive);
  step.end(`${formatCount(proof.files, "file")} equal to the index`);
  return { index, folder, proof, read: [readArchive, ...read] };
}

/** Further folders were unpacked to check that they are whole. Where they lie on the target is not known, so they are removed. */
function removeFurther({ roots = {} }: DocumentsIndex, folder: string): LeftOut[] {
  return Object.keys(roots).map((name) => {
    rmSync(join(folder, name), { recursive: true, force: true });
    return {
      what: name,
      why: "further folders are not restored by this version; they are in the archive",
    };
  });
}

/** The recorded index; of a legacy set, what a first reading of the whole archive finds. */
async function indexOf(
  { index, archive, name }: RestorableSet,
  store: Store,
  { reporter, signal }: { reporter: Reporter; signal: AbortSignal },
): Promise<{ index: DocumentsIndex; read: StoredObject[] }> {
  if (index) {
    const bytes = await readSmall(store.get(index.key));
    const read = { key: index.key, bytes: bytes.length, sha256: sha256Of(bytes) };
    refuseOtherBytes(index, read);
    return { index: readIndex(bytes, index.key), read: [read] };
  }
  using step = reporter.step(`Reading what is in the documents of ${name}`, "bytes");
  const source = readable(store, archive);
  const found = await checkingBytes(
    source,
    signal,
    () => readArchive(openArchive(source.key, source.open(), signal), step.progress),
  );
  step.end(formatCount(found.files.length, "file"));
  return { index: found, read: [] };
}

/** The owner of the folder, or of the one above it where it does not exist yet; undefined where we are not root. */
export async function ownerOf(folder: string): Promise<Ownership | undefined> {
  if (Deno.uid() !== 0) return undefined;
  const { uid, gid } = await Deno.stat(await exists(folder) ? folder : dirname(folder));
  return uid === null || gid === null ? undefined : { uid, gid };
}
