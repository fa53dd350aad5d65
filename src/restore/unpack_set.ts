/** The documents half of a set, unpacked beside the old documents or into a folder. */

import { dirname } from "node:path";
import type { OwnFolder } from "../base/own_folder.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { hashed, readSmall, sha256Of } from "../base/streams.ts";
import { formatCount } from "../base/numbers.ts";
import { openArchive } from "../documents/archive/compressor.ts";
import { type DocumentsIndex, indexBelow, mainDocuments, readIndex, totalBytes } from "../documents/index.ts";
import { Folder } from "../documents/tree/folder.ts";
import { readArchive } from "../documents/archive/read.ts";
import type { FurtherPlaces, Place } from "../documents/places.ts";
import type { SwapPlace } from "../documents/swap/journal.ts";
import { prepareSwap } from "../documents/swap/swap.ts";
import { type FurtherFolder, furtherFolders, furtherLeftOut, linksLeftOut } from "./further_folders.ts";
import { type Ownership, unpackDocuments, type UnpackProof } from "../documents/archive/unpack.ts";
import type { StoredObject } from "../store/records/manifest.ts";
import type { Store } from "../store/store.ts";
import type { LeftOut } from "./dump/filter.ts";
import { refuseOtherBytes } from "../store/sets/recorded_bytes.ts";
import { checkingBytes, readable } from "./dump/bytes.ts";
import type { RestorableSet } from "../store/sets/restorable_set.ts";
import { exists } from "../base/files.ts";

export interface Unpacked {
  /** Of what was unpacked beside the documents: without the further folders. */
  index: DocumentsIndex;
  /** The further folders of the set. */
  further: FurtherFolder[];
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
  /** What is kept of the target. */
  state: OwnFolder;
  /** Only what the archive has below this folder; without it all of it. */
  below?: string;
  /** The target's further folders by name, by their real paths. */
  further: ReadonlyMap<string, string>;
  reporter: Reporter;
  signal: AbortSignal;
}

/** Unpacks the documents of `source` beside the folder `documents`, each byte compared with the index. */
export async function unpackSet(
  source: RestorableSet,
  documents: string,
  store: Store,
  { id, alone, state, further, ...options }: UnpackSetOptions,
): Promise<Unpacked> {
  using opened = new DisposableStack();
  const makePlaces = async (names: readonly string[]) => ({
    main: await preparePlace({ root: documents, state }, id, alone, opened),
    further: await prepareFurther(names, { further, state }, id, alone, opened),
  });
  const { index, places, proof, read } = await unpack(source, makePlaces, store, options);
  removeUnplaced(index, places);
  const names = Object.keys(index.roots ?? {});
  return {
    index: mainDocuments(index),
    further: furtherFolders(index, names, further),
    proof,
    read,
    leftOut: [
      ...options.below === undefined
        ? furtherLeftOut(`${source.environment}/${source.name}`, names, further)
        : [],
      ...linksLeftOut(index),
    ],
  };
}

/**
 * An empty folder to fill, with the journal that names it, for each of `names` that the target has a folder for.
 * @param opened closes them
 */
export async function prepareFurther(
  names: readonly string[],
  { further, state }: Pick<UnpackSetOptions, "further" | "state">,
  id: string,
  alone: boolean,
  opened: DisposableStack,
): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  for (const name of names) {
    const folder = further.get(name);
    if (folder !== undefined) {
      places.set(name, await preparePlace({ root: folder, state }, id, alone, opened));
    }
  }
  return places;
}

/** An empty folder to fill, beside or inside the root of `place`, and the owner of what is in there now. */
export const preparePlace = async (
  place: SwapPlace,
  id: string,
  alone: boolean,
  opened: DisposableStack,
): Promise<Place> => ({
  folder: opened.use(await prepareSwap(place, id, { alone })),
  owner: await ownerOf(place.root),
});

/**
 * Unpacks all that the archive of `source` holds into empty folders, each byte compared with the index.
 * @param makeFolders makes them, for the documents and for each further folder of the set
 */
export async function unpackInto(
  source: RestorableSet,
  makeFolders: (further: readonly string[]) => Promise<{ main: string; further: Map<string, string> }>,
  store: Store,
  options: { reporter: Reporter; signal: AbortSignal },
): Promise<{ index: DocumentsIndex; proof: UnpackProof }> {
  using opened = new DisposableStack();
  const place = (path: string): Place => ({ folder: opened.use(Folder.open(path)), owner: undefined });
  const makePlaces = async (names: readonly string[]) => {
    const { main, further } = await makeFolders(names);
    return {
      main: place(main),
      further: new Map([...further].map(([name, path]) => [name, place(path)] as const)),
    };
  };
  return await unpack(source, makePlaces, store, options);
}

interface Places {
  main: Place;
  further: FurtherPlaces;
}

/** @param makePlaces makes the folders to unpack into, once it is known which further folders will be in it */
async function unpack(
  source: RestorableSet,
  makePlaces: (further: readonly string[]) => Promise<Places>,
  store: Store,
  { below, reporter, signal }: { below?: string; reporter: Reporter; signal: AbortSignal },
) {
  const archive = readable(store, source.archive);
  const { index: whole, read } = await indexOf(source, store, { reporter, signal });
  const index = below === undefined ? whole : indexBelow(whole, below);
  const total = totalBytes(index);
  using step = reporter.step(`Unpacking the documents of ${source.name}`, "bytes");
  const places = await makePlaces(Object.keys(index.roots ?? {}));
  const { folder, owner } = places.main;
  const passing = hashed(archive.open());
  const onBytes = (bytes: number) => step.progress(bytes, total);
  const proof = await checkingBytes(
    archive,
    signal,
    () =>
      unpackDocuments(openArchive(archive.key, passing.stream, signal), folder, whole, owner, {
        below,
        further: places.further,
        onBytes,
      }),
  );
  const readArchive = { key: archive.key, ...passing.digest() };
  refuseOtherBytes(archive, readArchive);
  step.end(`${formatCount(proof.files, "file")} equal to the index`);
  return { index, places, proof, read: [readArchive, ...read] };
}

/** Further folders that the target has no folder for were unpacked to check that they are whole: they are removed. */
function removeUnplaced({ roots = {} }: DocumentsIndex, { main, further }: Places): void {
  for (const name of Object.keys(roots)) {
    if (!further.has(name)) main.folder.removeTree(name);
  }
}

/** The names of the further folders in the archive of `source`; one of the old script has none. */
export async function furtherIn(
  source: RestorableSet,
  store: Store,
  options: { reporter: Reporter; signal: AbortSignal },
): Promise<string[]> {
  if (!source.index) return [];
  const { index } = await indexOf(source, store, options);
  return Object.keys(index.roots ?? {});
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
