/** The documents half of a restore: beside the old ones, and then in their place or gone again. */

import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { DrillError, messageOf } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { hashed, readSmall, sha256Of } from "../base/streams.ts";
import { formatCount } from "../base/numbers.ts";
import { waitUntil } from "../base/time.ts";
import { readRestoreId } from "../dolibarr/sandbox/restore_id.ts";
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
import { commitSwap, prepareSwap, settleDocuments, unfinishedRestore } from "../documents/swap/swap.ts";
import { type Ownership, unpackDocuments, type UnpackProof } from "../documents/archive/unpack.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import type { StoppedWorkload } from "../platform/workload.ts";
import type { Database } from "../postgres/connection/database.ts";
import { connect, type Session } from "../postgres/connection/session.ts";
import type { StoredObject } from "../store/records/manifest.ts";
import type { Store } from "../store/store.ts";
import type { LeftOut } from "./dump/filter.ts";
import { checkingBytes, readable, refuseOtherBytes } from "./dump/bytes.ts";
import type { RestorableSet } from "../store/sets/restorable_set.ts";
import { waitForRestore } from "./load/advisory_lock.ts";
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
  /** No transaction of the database carries the id: the journal alone says how to finish. */
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
  { id, alone, below, reporter, signal }: UnpackSetOptions,
): Promise<Unpacked> {
  const stage = async () => ({
    folder: await prepareSwap(documents, id, { alone }),
    owner: await ownerOf(documents),
  });
  const { index, staged, proof, read } = await unpack(source, stage, store, { below, reporter, signal });
  const links = index.leftOut?.map(({ path, target }) => ({ what: path, why: leadingOut(target) })) ?? [];
  const leftOut = [...removeFurther(index, staged), ...links];
  return { index: mainDocuments(index), proof, read, leftOut };
}

/** Unpacks all that the archive of `source` holds into the empty folder `folder`, each byte compared with the index. */
export const unpackInto = (
  source: RestorableSet,
  folder: string,
  store: Store,
  options: { reporter: Reporter; signal: AbortSignal },
): Promise<{ index: DocumentsIndex; proof: UnpackProof }> =>
  unpack(source, () => Promise.resolve({ folder, owner: undefined }), store, options);

/** @param stage makes the folder, once it is known what will be in it */
async function unpack(
  source: RestorableSet,
  stage: (index: DocumentsIndex) => Promise<{ folder: string; owner: Ownership | undefined }>,
  store: Store,
  { below, reporter, signal }: { below?: string; reporter: Reporter; signal: AbortSignal },
) {
  const archive = readable(store, source.archive);
  const { index: whole, read } = await indexOf(source, store, { reporter, signal });
  const index = below === undefined ? whole : indexBelow(whole, below);
  const total = totalBytes(index);
  using step = reporter.step(`Unpacking the documents of ${source.name}`, "bytes");
  const { folder: staged, owner } = await stage(index);
  const passing = hashed(archive.open());
  const onBytes = (bytes: number) => step.progress(bytes, total);
  const proof = await checkingBytes(
    archive,
    signal,
    () =>
      unpackDocuments(openArchive(archive.key, passing.stream, signal), staged, whole, owner, {
        below,
        onBytes,
      }),
  );
  const readArchive = { key: archive.key, ...passing.digest() };
  refuseOtherBytes(archive, readArchive);
  step.end(`${formatCount(proof.files, "file")} equal to the index`);
  return { index, staged, proof, read: [readArchive, ...read] };
}

/** Further folders were unpacked to see that they are whole; whose they are on the target is not known, so they go again. */
function removeFurther({ roots = {} }: DocumentsIndex, staged: string): LeftOut[] {
  return Object.keys(roots).map((name) => {
    rmSync(join(staged, name), { recursive: true, force: true });
    return {
      what: name,
      why: "further folders are not put back by this version; they are in the archive",
    };
  });
}

/** The recorded index; of a legacy set, what a first reading of the whole archive finds in it. */
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

/** Whose the folder is, or the one above it where it is not there yet; undefined where we are not root, and own all anyway. */
export async function ownerOf(folder: string): Promise<Ownership | undefined> {
  if (Deno.uid() !== 0) return undefined;
  const { uid, gid } = await Deno.stat(await exists(folder) ? folder : dirname(folder));
  return uid === null || gid === null ? undefined : { uid, gid };
}

/** What a killed restore left is finished or undone before a new one begins. */
export async function settleEarlier(
  session: Session,
  target: OpenEnvironment,
  documents: string,
  { reporter, signal }: { reporter: Reporter; signal: AbortSignal },
): Promise<void> {
  const left = await unfinishedRestore(documents);
  if (left !== undefined) await waitForRestore(session, target.name, signal); // its COMMIT may still be under way
  const committed = left === undefined ? undefined : await readRestoreId(session.ask);
  const done = await settleDocuments(documents, committed);
  if (done !== "nothing") {
    reporter.note(`An earlier restore into ${target.name} had been cut off: its documents were ${done}`);
  }
}

/** The restore is committed and right: what cannot be removed of the old documents is a note, and the next one's work. */
export async function tidyUp(documents: string, reporter: Reporter): Promise<void> {
  try {
    await commitSwap(documents);
  } catch (error) {
    reporter.warn(
      `The old documents could not all be removed (${messageOf(error)}); the next restore removes them`,
    );
  }
}

/**
 * After a failure: the database tells which way to go, once the transaction is over there. When it cannot be asked
 * nothing is guessed: the journal stays, and the workload stays down on a state that nobody checked.
 * @param transaction its number, where one had begun
 */
export async function settleAfterFailure(
  target: OpenEnvironment,
  documents: string,
  transaction: string | undefined,
  workload: StoppedWorkload,
  reporter: Reporter,
): Promise<void> {
  if (await unfinishedRestore(documents) === undefined) return;
  try {
    await using session = await connectAgain(target.database);
    if (transaction !== undefined) await waitForEnd(session, transaction);
    await settleDocuments(documents, await readRestoreId(session.ask));
  } catch (error) {
    workload.stayDown(
      `its database cannot be asked which documents belong to it (${
        messageOf(error)
      }); the next restore settles it`,
    );
    reporter.warn(`The documents of ${target.name} may be those of the cut-off restore until then`);
  }
}

/** A server that was restarted, or recovers from a crash, answers after a while. */
async function connectAgain(database: Database): Promise<Session> {
  let [session, left]: [Session | undefined, unknown] = [undefined, undefined];
  await waitUntil(
    async () => {
      try {
        session = await connect(database);
      } catch (error) {
        if (!(error instanceof DrillError) || error.code !== "DATABASE_UNREACHABLE") throw error;
        left = error;
      }
      return session !== undefined;
    },
    limits.serverComesBack,
  );
  if (session) return session;
  throw left;
}

/** A client that is gone does not end its transaction at once: a COMMIT that was sent may still be under way. */
async function waitForEnd(session: Session, transaction: string): Promise<void> {
  const isOver = async () => {
    const [row] = await session.query<{ status: string | null }>(
      "SELECT pg_xact_status($1::xid8) AS status",
      [transaction],
    );
    return row?.status !== "in progress";
  };
  if (await waitUntil(isOver, limits.databaseAnswers)) return;
  throw new DrillError(
    "DATABASE_FAILED",
    `Cannot tell what became of the restore: its transaction ${transaction} is still under way`,
    "Look at pg_stat_activity.",
  );
}
