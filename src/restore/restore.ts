/** A set into a disposable environment: both halves or neither, and proved there before it counts. */

import { messageOf } from "../base/errors.ts";
import type { Reporter } from "../base/reporter.ts";
import { hashed, readSmall, sha256Of } from "../base/streams.ts";
import { readRestoreId } from "../dolibarr/restore_mark.ts";
import { decompress } from "../platform/compressor.ts";
import { type DocumentsIndex, readIndex } from "../platform/documents_index.ts";
import {
  keepNew,
  putBack,
  settleDocuments,
  stageDocuments,
  swapIn,
  unfinishedRestore,
} from "../platform/documents_swap.ts";
import { unpackDocuments, type UnpackProof } from "../platform/documents_unpack.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import type { StoppedWorkload } from "../platform/workload.ts";
import { listArchive } from "../postgres/archive.ts";
import { identify } from "../postgres/identity.ts";
import { findPrograms } from "../postgres/programs.ts";
import { connect, type Session } from "../postgres/session.ts";
import { askJson } from "../postgres/snapshot.ts";
import type { StoredObject } from "../store/manifest.ts";
import type { BackupSet } from "../store/sets.ts";
import type { Store } from "../store/store.ts";
import { type LeftOut, parseContents, planRestore } from "./contents_filter.ts";
import { waitForSessions } from "./sessions.ts";
import { passGate, type ProtectedEnvironment } from "./target.ts";
import { blamingBytes, refuseOtherBytes } from "./object_bytes.ts";
import { type DatabaseProof, refuseForeignDump, restoreDatabase } from "./transaction.ts";

export interface RestoreOptions {
  /** Every environment that must not be hit (DESIGN, rule 1). */
  protectedOnes: readonly ProtectedEnvironment[];
  reporter: Reporter;
  signal: AbortSignal;
}

/** What was proved while restoring, inside the transaction and beside the old documents. */
export interface RestoreProof {
  set: BackupSet;
  database: DatabaseProof;
  documents: UnpackProof;
  index: DocumentsIndex;
  /** The objects as they were read: the dump, the archive, the index. */
  read: StoredObject[];
  leftOut: LeftOut[];
  /** The restored environment's workload, still down: the caller looks at the data first, and starts it. */
  workload: StoppedWorkload;
}

/**
 * Restores `set` into `target`, whose lease the caller holds. On any failure the target's database and documents are
 * what they were, and its workload runs again; where that cannot be made sure of, it stays down and says so.
 */
export async function restore(
  set: BackupSet,
  target: OpenEnvironment,
  store: Store,
  options: RestoreOptions,
): Promise<RestoreProof> {
  const { reporter, signal } = options;
  await using session = await connect(target.database);
  await passGate(session, target, options.protectedOnes, store);
  await settleEarlier(session, target, reporter);

  const programs = await findPrograms((await identify(session)).serverVersion);
  const [dump] = set.manifest.db.objects;
  const list = await blamingBytes(
    store,
    dump!,
    signal,
    () => listArchive(store.get(dump!.key), programs, signal),
  );
  const plan = planRestore(parseContents(list));
  refuseForeignDump(plan, set);
  const id = crypto.randomUUID();
  const { index, proof, read, workload } = await prepare(set, target, store, id, options);
  try {
    await waitForSessions(session, target.database.name, signal);
    const database = await restoreDatabase(set, plan, target.database, programs, store, {
      id,
      reporter,
      signal,
      beforeCommit: () => swapIn(target.documents),
    });
    await keepNew(target.documents);
    return {
      set,
      database,
      documents: proof,
      index,
      read: [database.dump, ...read],
      leftOut: plan.leftOut,
      workload,
    };
  } catch (error) {
    await settleAfterFailure(target, workload, reporter);
    await startAgain(workload, target, reporter);
    throw error;
  }
}

/** After a failure; that it cannot be started is told, and does not hide the failure's own reason. */
async function startAgain(workload: StoppedWorkload, target: OpenEnvironment, reporter: Reporter): Promise<void> {
  try {
    await workload[Symbol.asyncDispose]();
  } catch (error) {
    reporter.warn(`${target.name} is still down: ${messageOf(error)}`);
  }
}

/** The documents beside the old ones, and the workload down: all that can be done before the database is touched. */
async function prepare(
  set: BackupSet,
  target: OpenEnvironment,
  store: Store,
  id: string,
  options: RestoreOptions,
) {
  try {
    const unpacked = await unpackBeside(set, target, store, id, options);
    return { ...unpacked, workload: await target.workload.stop(options.signal) };
  } catch (error) {
    await putBack(target.documents);
    throw error;
  }
}

/** What a killed restore left is finished or undone before a new one begins. */
async function settleEarlier(session: Session, target: OpenEnvironment, reporter: Reporter): Promise<void> {
  if (await unfinishedRestore(target.documents) !== undefined) {
    const committed = await readRestoreId((sql) => askJson(session, sql));
    const done = await settleDocuments(target.documents, committed);
    reporter.note(`An earlier restore into ${target.name} had been cut off: its documents were ${done}`);
  } else await settleDocuments(target.documents, undefined);
}

async function unpackBeside(
  set: BackupSet,
  target: OpenEnvironment,
  store: Store,
  id: string,
  { reporter, signal }: RestoreOptions,
) {
  const { docs } = set.manifest;
  const [archive] = docs.objects;
  const indexBytes = await readSmall(store.get(docs.index.key));
  const readIndexObject = { key: docs.index.key, bytes: indexBytes.length, sha256: sha256Of(indexBytes) };
  refuseOtherBytes(docs.index, readIndexObject);
  const index = readIndex(indexBytes, docs.index.key);
  using step = reporter.step(`Unpacking the documents of ${set.name}`, "bytes");
  const staged = await stageDocuments(target.documents, id);
  const passing = hashed(store.get(archive!.key));
  const owner = Deno.uid() === 0 ? await ownerOf(target.documents) : undefined;
  const unpack = () =>
    unpackDocuments(
      decompress(passing.stream, signal),
      staged,
      index,
      owner,
      (bytes) => step.progress(bytes, docs.bytes),
    );
  const proof = await blamingBytes(store, archive!, signal, unpack);
  const readArchive = { key: archive!.key, ...passing.digest() };
  refuseOtherBytes(archive!, readArchive);
  step.end(`${proof.files} files are equal`);
  return { index, proof, read: [readArchive, readIndexObject] };
}

async function ownerOf(folder: string) {
  const { uid, gid } = await Deno.stat(folder);
  return uid === null || gid === null ? undefined : { uid, gid };
}

/**
 * After a failure at or after the swap: the database tells which way to go. When it cannot be asked, nothing is
 * guessed: the journal stays, and the workload stays down on a state that nobody checked.
 */
async function settleAfterFailure(
  target: OpenEnvironment,
  workload: StoppedWorkload,
  reporter: Reporter,
): Promise<void> {
  if (await unfinishedRestore(target.documents) === undefined) return;
  try {
    await using session = await connect(target.database);
    await settleDocuments(target.documents, await readRestoreId((sql) => askJson(session, sql)));
  } catch (error) {
    workload.stayDown(
      `its database cannot be asked which documents belong to it (${
        messageOf(error)
      }); the next restore settles it`,
    );
    reporter.warn(`The documents of ${target.name} may be those of the cut-off restore until then`);
  }
}
