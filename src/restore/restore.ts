/** A set into a disposable environment: both halves or neither, and proved there before it counts. */

import { messageOf } from "../base/errors.ts";
import type { Reporter } from "../base/reporter.ts";
import { putBack, swapIn } from "../platform/documents_swap.ts";
import type { DocumentsIndex } from "../platform/documents_index.ts";
import type { UnpackProof } from "../platform/documents_unpack.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import type { StoppedWorkload } from "../platform/workload.ts";
import { listArchive } from "../postgres/archive.ts";
import { identify } from "../postgres/identity.ts";
import { findPrograms } from "../postgres/programs.ts";
import { connect } from "../postgres/session.ts";
import type { Lease } from "../store/lease.ts";
import type { StoredObject } from "../store/manifest.ts";
import type { AnySet } from "../store/sets.ts";
import type { Store } from "../store/store.ts";
import { countKinds, type LeftOut, parseContents, planRestore } from "./contents_filter.ts";
import { settleAfterFailure, settleEarlier, tidyUp, unpackBeside } from "./documents.ts";
import { blamingBytes, readable } from "./object_bytes.ts";
import { waitForSessions } from "./sessions.ts";
import { type RestoreSource, sourceOf } from "./source.ts";
import { passGate, type ProtectedEnvironment } from "./target.ts";
import { type DatabaseProof, refuseForeignDump, restoreDatabase } from "./transaction.ts";

export interface RestoreOptions {
  /** Every environment that must not be hit (DESIGN, rule 1). */
  protectedOnes: readonly ProtectedEnvironment[];
  /** The target's, held by the caller: looked at again before anything is dropped, and before the commit. */
  lease: Lease;
  reporter: Reporter;
  signal: AbortSignal;
}

/** What was proved while restoring, inside the transaction and beside the old documents. */
export interface RestoreProof {
  /** What was restored. */
  source: RestoreSource;
  database: DatabaseProof;
  documents: UnpackProof;
  index: DocumentsIndex;
  /** The objects as they were read: the dump, the archive, the index. */
  read: StoredObject[];
  leftOut: LeftOut[];
  /** How many entries of each kind the dump's table of contents has, of those that come over. */
  kinds: Record<string, number>;
  /** The restored environment's workload, still down: the caller looks at the data first, and starts it. */
  workload: StoppedWorkload;
}

/**
 * Restores `set` into `target`, whose lease the caller holds. On any failure the target's database and documents are
 * what they were, and its workload runs again; where that cannot be made sure of, it stays down and says so.
 */
export async function restore(
  set: AnySet,
  target: OpenEnvironment,
  store: Store,
  options: RestoreOptions,
): Promise<RestoreProof> {
  const { reporter, signal } = options;
  const source = sourceOf(set);
  const dump = readable(store, source.dump);
  await using session = await connect(target.database);
  await passGate(session, target, options.protectedOnes, store, source);
  const documents = await Deno.realPath(target.documents); // behind a link too, it is the folder itself that is swapped
  await settleEarlier(session, target, documents, reporter);

  const programs = await findPrograms((await identify(session)).serverVersion);
  const list = await blamingBytes(dump, signal, () => listArchive(dump.open(), programs, signal));
  const plan = planRestore(parseContents(list));
  refuseForeignDump(plan, source.name);
  const id = crypto.randomUUID();
  const { index, proof, read, leftOut, workload } = await prepare(
    source,
    target,
    documents,
    store,
    id,
    options,
  );
  const began: { transaction?: string } = {};
  try {
    await waitForSessions(session, target.database.name, signal);
    await options.lease.confirm();
    const database = await restoreDatabase({ ...source, dump }, plan, target.database, programs, {
      id,
      reporter,
      signal,
      onBegun: (transaction) => began.transaction = transaction,
      beforeCommit: async () => {
        await options.lease.confirm();
        await swapIn(documents, id);
      },
    });
    await tidyUp(documents, reporter);
    return {
      source,
      database,
      documents: proof,
      index,
      read: [database.dump, ...read],
      leftOut: [...plan.leftOut, ...leftOut],
      kinds: countKinds(plan.kept),
      workload,
    };
  } catch (error) {
    await settleAfterFailure(target, documents, began.transaction, workload, reporter);
    await startAgain(workload, target, reporter);
    throw error;
  }
}

/** After a failure; that it cannot be started is told, and does not hide the failure's own reason. */
async function startAgain(
  workload: StoppedWorkload,
  target: OpenEnvironment,
  reporter: Reporter,
): Promise<void> {
  try {
    await workload[Symbol.asyncDispose]();
  } catch (error) {
    reporter.warn(`${target.name} is still down: ${messageOf(error)}`);
  }
}

/** The documents beside the old ones, and the workload down: all that can be done before the database is touched. */
async function prepare(
  source: RestoreSource,
  target: OpenEnvironment,
  documents: string,
  store: Store,
  id: string,
  options: RestoreOptions,
) {
  try {
    const unpacked = await unpackBeside(source, documents, store, id, options);
    return { ...unpacked, workload: await target.workload.stop(options.signal) };
  } catch (error) {
    await putBack(documents);
    throw error;
  }
}
