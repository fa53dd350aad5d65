/** What comes into an environment: both halves or one, all of it or nothing, and proved there before it counts. */

import { join } from "node:path";
import { DrillError, messageOf } from "../base/errors.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { leftoverStages } from "../documents/swap/unfinished_restore.ts";
import type { DocumentsIndex } from "../documents/index.ts";
import { revertSwap, swapIn, unfinishedRestore } from "../documents/swap/swap.ts";
import type { UnpackProof } from "../documents/archive/unpack.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import type { StoppedWorkload } from "../platform/workload.ts";
import { refuseSharedConnections } from "../postgres/connection/pooler.ts";
import { connect } from "../postgres/connection/session.ts";
import type { StoredObject } from "../store/records/manifest.ts";
import type { AnySet } from "../store/sets/sets.ts";
import type { Store } from "../store/store.ts";
import type { LeftOut } from "./dump/filter.ts";
import { type Unpacked } from "./documents.ts";
import { type Incoming, setIncoming } from "./incoming.ts";
import { loadInto, needsStages } from "./load/load.ts";
import { waitForSessions } from "./gate/sessions.ts";
import { type RestorableSet, restorableSetOf } from "../store/sets/restorable_set.ts";
import { passGate } from "./gate/gate.ts";
import { planLoad } from "./load/plan.ts";
import type { DatabaseProof } from "./load/proof.ts";
import { removeStaged, stagedNoteFile } from "./load/staged_rollback.ts";
import { exists } from "../base/files.ts";
import type { RestoreOptions } from "./options.ts";
import { commitDocuments, settleAfterFailure, settleEarlier } from "./settle_documents.ts";

/** What was proved while it came in: inside the transaction, and beside the old documents. A half that stayed has none. */
export interface RestoredParts {
  database?: DatabaseProof;
  unpacked?: Unpacked;
  /** What did not come over, and why. */
  leftOut: LeftOut[];
  /** How many entries of each kind the dump's table of contents has, of those that came over. */
  kinds: Record<string, number>;
  /** The environment's workload, still down: the caller looks at the data first, and starts it. */
  workload: StoppedWorkload;
}

/** What was proved of a whole set. */
export interface RestoreProof extends Omit<RestoredParts, "unpacked"> {
  /** What was restored. */
  source: RestorableSet;
  database: DatabaseProof;
  documents: UnpackProof;
  index: DocumentsIndex;
  /** The objects as they were read: the dump, the archive, the index. */
  read: StoredObject[];
}

/**
 * Restores both halves of `set` into `target`, whose lease the caller holds. On any failure the target's database and
 * documents are what they were, and its workload runs again; where that cannot be made sure of, it stays down and says so.
 */
export async function restore(
  set: AnySet,
  target: OpenEnvironment,
  store: Store,
  options: RestoreOptions,
): Promise<RestoreProof> {
  const source = restorableSetOf(set);
  const { database, unpacked, ...brought } = await restoreIncoming(
    setIncoming(source, store),
    target,
    store,
    options,
  );
  if (!database || !unpacked) throw new TypeError("a set has both halves");
  const { proof: documents, index } = unpacked;
  return { ...brought, source, database, documents, index, read: [database.dump, ...unpacked.read] };
}

/**
 * Brings `incoming` into `target`: the documents beside the old ones, the database in one transaction, and the documents
 * into their place just before its commit.
 * @throws DrillError `TARGET_REFUSED`, and whatever was found wrong; the target is then what it was.
 */
export async function restoreIncoming(
  incoming: Incoming,
  target: OpenEnvironment,
  store: Store,
  options: RestoreOptions,
): Promise<RestoredParts> {
  const { reporter, signal, protectedOnes, production: requested } = options;
  await using session = await connect(target.database);
  const origin = incoming.identity && { set: incoming.name, database: incoming.identity };
  await passGate(session, target, { protectedOnes, store, origin, requested });
  if (requested !== undefined) sayProduction(target, requested, incoming, options);
  await target.workload.state(); // one that cannot be asked is told before anything long begins
  const documents = await Deno.realPath(target.documents); // behind a link too, it is the folder itself that is swapped
  await refuseStagedLeft(target, documents);
  await settleEarlier(session, target, documents, options);
  const load = incoming.database && await planLoad(incoming.database, session, signal);
  const staged = load && await needsStages(load, session, target, options);
  if (!load) await refuseSharedConnections(session, target.database);
  for (const warning of load?.warnings ?? []) reporter.warn(warning);

  const id = crypto.randomUUID();
  const root = join(documents, incoming.documents?.below ?? "");
  const { unpacked, workload } = await prepare(incoming, target, root, id, options);
  const began: { transaction?: string } = {};
  try {
    await waitForSessions(session, target.database.name, signal, { terminate: options.terminate, reporter });
    await options.lease.confirm();
    await options.beforeLoad?.();
    const swap = async () => void (unpacked && await swapIn(root, id));
    const loading = {
      id,
      documents,
      staged,
      session,
      swap,
      onBegin: (one: string) => began.transaction = one,
    };
    const database = load && await loadInto(target, load, loading, options);
    if (!load) await swap();
    if (unpacked) await commitDocuments(root, reporter);
    return {
      database,
      unpacked,
      leftOut: [...load?.plan.leftOut ?? [], ...database?.rightsLost ?? [], ...unpacked?.leftOut ?? []],
      kinds: load?.kinds ?? {},
      workload,
    };
  } catch (error) {
    if (error instanceof DrillError && error.code === "RESTORE_UNFINISHED") workload.stayDown(error.message);
    if (unpacked) await settleAfterFailure(target, root, began.transaction, workload, reporter);
    await startAgain(workload, target, reporter);
    throw error;
  }
}

function sayProduction(
  { name }: OpenEnvironment,
  database: string,
  incoming: Incoming,
  { beforeLoad, reporter }: RestoreOptions,
): void {
  reporter.warn(`OVERWRITING PRODUCTION: ${name} (database ${database}) WITH ${incoming.name}`);
  if (!beforeLoad) reporter.warn(`NO BACKUP IS TAKEN OF WHAT ${name} IS NOW`);
}

/** The documents beside the old ones, and the workload down: all that can be done before the database is touched. */
async function prepare(
  { database, documents }: Incoming,
  target: OpenEnvironment,
  root: string,
  id: string,
  { reporter, signal }: RestoreOptions,
): Promise<{ unpacked?: Unpacked; workload: StoppedWorkload }> {
  try {
    // without a database that carries its id, the documents' journal alone says how to finish
    const unpacked = await documents?.unpack(root, { id, alone: !database, reporter, signal });
    using step = reporter.step(`Stopping ${target.name}`);
    const workload = await target.workload.stop(signal);
    step.end();
    return { unpacked, workload };
  } catch (error) {
    if (documents && await unfinishedRestore(root) === id) await revertSwap(root); // another's is not ours to undo
    throw error;
  }
}

/** What a restore in stages saved is the only copy of what was there: `rearm` puts it back, with the ERP stopped. */
async function refuseStagedLeft({ name }: OpenEnvironment, documents: string): Promise<void> {
  for (const folder of await leftoverStages(documents)) {
    if (!await exists(stagedNoteFile(folder))) {
      await removeStaged(folder); // the target had not been touched yet
      continue;
    }
    throw new DrillError(
      "RESTORE_UNFINISHED",
      `Cannot restore into ${name}: an earlier restore in stages was cut off there`,
      `Put back what it held before: dolibarr-drill rearm --env ${name}. To give that up instead, remove ${folder} first.`,
    );
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
