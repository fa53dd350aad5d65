/** Brings both halves or one into an environment: all of it or nothing, and proved before it is committed. */

import { join } from "node:path";
import type { OwnFolder } from "../base/own_folder.ts";
import type { DocumentsIndex } from "../documents/index.ts";
import type { SwapPlace } from "../documents/swap/journal.ts";
import { furtherRoots, revertPrepared, swapInTogether } from "../documents/swap/together.ts";
import type { UnpackProof } from "../documents/archive/unpack.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import type { StoppedWorkload } from "../platform/workload.ts";
import { refuseSharedConnections } from "../postgres/connection/pooler.ts";
import { connect, type Session } from "../postgres/connection/session.ts";
import type { StoredObject } from "../store/records/manifest.ts";
import type { AnySet } from "../store/sets/sets.ts";
import type { Store } from "../store/store.ts";
import type { LeftOut } from "./dump/filter.ts";
import { settleTarget, undo } from "./settle_unfinished.ts";
import { commitDocuments } from "./settle_documents.ts";
import { type FurtherFolder, furtherLeftOut } from "./further_folders.ts";
import type { Unpacked } from "./unpack_set.ts";
import { type Incoming, setIncoming } from "./incoming.ts";
import { refuseRunningRestore } from "./load/advisory_lock.ts";
import { chooseMode, loadInto, type LoadMode } from "./load/load.ts";
import { waitForSessions } from "./gate/sessions.ts";
import { type RestorableSet, restorableSetOf } from "../store/sets/restorable_set.ts";
import { passDocuments, type PassedDocuments } from "./pass_documents.ts";
import { notRecorded, recordFilledTree, recordKeptTree } from "./filled_tree.ts";
import { type IncomingDump, type LoadPlan, planLoad } from "./load/plan.ts";
import type { DatabaseProof } from "./load/proof.ts";
import type { RestoreOptions } from "./options.ts";

/** What was proved: inside the transaction, and beside the old documents. A half that was not restored has none. */
export interface RestoredParts {
  database?: DatabaseProof;
  unpacked?: Unpacked;
  /** What was not restored, and why. */
  leftOut: LeftOut[];
  /** How many entries of each kind were restored. */
  kinds: Record<string, number>;
  /** The environment's workload, still down: the caller checks the data first, and starts it. */
  workload: StoppedWorkload;
}

/** What was proved of a whole set. */
export interface RestoreProof extends Omit<RestoredParts, "unpacked"> {
  /** What was restored. */
  source: RestorableSet;
  database: DatabaseProof;
  documents: UnpackProof;
  index: DocumentsIndex;
  /** The further folders of the set. */
  further: readonly FurtherFolder[];
  /** The objects as they were read: the dump, the archive, the index. */
  read: StoredObject[];
}

/**
 * Restores both halves of `set` into `target`, whose lease the caller holds. On any failure the target's database and
 * documents are what they were, and its workload runs again; where that is not certain, it stays down and says so.
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
  const { proof: documents, index, further } = unpacked;
  return { ...brought, source, database, documents, index, further, read: [database.dump, ...unpacked.read] };
}

/**
 * Brings `incoming` into `target`: the documents beside the old ones, the database in one transaction or in stages, and the
 * documents into their place just before its commit.
 * @throws DrillError `TARGET_REFUSED`, and whatever was found wrong; the target is then what it was.
 */
export async function restoreIncoming(
  incoming: Incoming,
  target: OpenEnvironment,
  store: Store,
  options: RestoreOptions,
): Promise<RestoredParts> {
  await using session = await connect(target.database);
  const { foreign } = await passTarget(incoming, target, store, session, options);
  const { documents, further } = await settleTarget(target, session, options);
  const load = incoming.database && await decideLoad(incoming.database, target, session, options);
  if (!load) await refuseSharedConnections(session, target.database);

  const below = incoming.documents?.below;
  const id = crypto.randomUUID();
  const work = {
    id,
    session,
    state: target.state,
    recordTree: incoming.documents
      ? () => recordFilledTree(target, store, { by: "restore", ...(load ? { restore: id } : {}), ...foreign })
      : () => recordKeptTree(target, store, id),
    root: join(documents, below ?? ""),
    further: below === undefined ? further : new Map<string, string>(),
  };
  const prepared = await prepare(incoming, target, work, options);
  try {
    await waitUntilAlone(target, session, options);
    const database = await replace(load, prepared, target, work, options);
    return partsOf(load, database, prepared);
  } catch (error) {
    await undo(error, prepared, target, options.reporter);
    throw error;
  }
}

/** What a restore of `incoming` would leave out, and what a person should know of it. */
interface JudgedRestore {
  /** The further folders that it would replace. */
  replaced: readonly string[];
  /** What lies in the documents beside what an earlier restore put there. */
  told?: string;
  leftOut: readonly LeftOut[];
  warnings: readonly string[];
}

/**
 * Judges a restore without doing it: the gate, the workload, the dump's contents against what the target has. Nothing is
 * changed, and no lease is needed.
 * @throws DrillError as `restoreIncoming`, for what can be known before.
 */
export async function judgeIncoming(
  incoming: Incoming,
  target: OpenEnvironment,
  store: Store,
  options: Pick<
    RestoreOptions,
    "protectedOnes" | "production" | "replaceForeign" | "reporter" | "signal"
  >,
): Promise<JudgedRestore> {
  await using session = await connect(target.database);
  const { told } = await passDocuments(incoming, target, store, session, options);
  await target.workload.state();
  const load = incoming.database && await planLoad(incoming.database, session, options.signal);
  const names = await incoming.documents?.further(options) ?? [];
  const own = incoming.documents && incoming.documents.below === undefined
    ? furtherRoots(target)
    : new Map<string, string>();
  const leftOut = [...load?.plan.leftOut ?? [], ...furtherLeftOut(incoming.name, names, own)];
  const replaced = names.flatMap((name) => own.get(name) ?? []);
  return { replaced, leftOut, warnings: load?.warnings ?? [], ...(told === undefined ? {} : { told }) };
}

/** The gate, and what else must hold before anything that takes long. */
async function passTarget(
  incoming: Incoming,
  target: OpenEnvironment,
  store: Store,
  session: Session,
  options: RestoreOptions,
): Promise<Pick<PassedDocuments, "foreign">> {
  const { production: requested, reporter } = options;
  const { foreign, told } = await passDocuments(incoming, target, store, session, options);
  if (requested !== undefined) warnOfProduction(target, requested, incoming, options);
  else if (told !== undefined && foreign.replacedForeign !== undefined) reporter.warn(told);
  else if (told !== undefined) reporter.note(told);
  await target.workload.state(); // throws where it cannot be asked
  return { foreign };
}

/** What is loaded, and in one transaction or in stages. */
type DecidedLoad = LoadPlan & { mode: LoadMode };

async function decideLoad(
  dump: IncomingDump,
  target: OpenEnvironment,
  session: Session,
  options: RestoreOptions,
): Promise<DecidedLoad> {
  const plan = await planLoad(dump, session, options.signal);
  const mode = await chooseMode(plan, session, target, options);
  for (const warning of plan.warnings) options.reporter.warn(warning);
  return { ...plan, mode };
}

/** What the steps of one restore share. */
interface Work {
  /** Written into the database and into the documents' journal. */
  id: string;
  /** In the target. */
  session: Session;
  /** What is kept of the target. */
  state: OwnFolder;
  /** Its documents folder, or the folder below it that is replaced alone; by its real path. */
  root: string;
  /** The target's further folders that are replaced with it, by name. */
  further: ReadonlyMap<string, string>;
  /** Records which files lie in the documents now, by which the next restore knows them. */
  recordTree(): Promise<void>;
}

/** What may be swapped; a further folder that nothing comes for has no journal, and is left alone. */
const placesOf = ({ root, further, state }: Pick<Work, "root" | "further" | "state">): SwapPlace[] =>
  [root, ...further.values()].map((root) => ({ root, state }));

interface Prepared {
  unpacked?: Unpacked;
  workload: StoppedWorkload;
}

/** Unpacks the documents beside the old ones, and stops the workload: all that can be done before the database is changed. */
async function prepare(
  { database, documents }: Incoming,
  target: OpenEnvironment,
  { id, root, further, state }: Work,
  { reporter, signal }: RestoreOptions,
): Promise<Prepared> {
  try {
    // without a database that carries its id, the documents' journal alone says how to finish
    const unpacked = await documents?.unpack(root, {
      ...{ id, alone: !database, state, further },
      ...{ reporter, signal },
    });
    using step = reporter.step(`Stopping ${target.name}`);
    const workload = await target.workload.stop(signal);
    step.end();
    return { unpacked, workload };
  } catch (error) {
    if (documents) await revertPrepared(placesOf({ root, further, state }), id);
    throw error;
  }
}

async function waitUntilAlone(
  { name, database }: OpenEnvironment,
  session: Session,
  { lease, beforeLoad, terminate, reporter, signal }: RestoreOptions,
): Promise<void> {
  await refuseRunningRestore(session, `restore into ${name}`);
  await waitForSessions(session, database.name, signal, { terminate, reporter });
  await lease.confirm();
  await beforeLoad?.();
}

/** Puts the new database and the new documents in the place of the old ones. */
async function replace(
  load: DecidedLoad | undefined,
  { unpacked }: Prepared,
  target: OpenEnvironment,
  { root, recordTree, ...work }: Work,
  options: RestoreOptions,
): Promise<DatabaseProof | undefined> {
  const roots = [root, ...unpacked?.further.flatMap(({ folder }) => folder ?? []) ?? []];
  const places = roots.map((root) => ({ root, state: target.state }));
  const swap = async () => {
    if (unpacked) await swapInTogether(places, work.id, { alone: !load });
    // where it fails a database's restore is undone as a whole; documents alone are in their place by now
    await recordTree().catch((error) => {
      if (load) throw error;
      options.reporter.warn(notRecorded(target, error));
    });
  };
  const database = load && await loadInto(target, load, load.mode, { ...work, swap }, options);
  if (!load) await swap();
  if (unpacked) await commitDocuments(places, options.reporter);
  return database;
}

const partsOf = (
  load: LoadPlan | undefined,
  database: DatabaseProof | undefined,
  { unpacked, workload }: Prepared,
): RestoredParts => ({
  database,
  unpacked,
  leftOut: [...load?.plan.leftOut ?? [], ...database?.rightsLost ?? [], ...unpacked?.leftOut ?? []],
  kinds: load?.kinds ?? {},
  workload,
});

function warnOfProduction(
  { name }: OpenEnvironment,
  database: string,
  incoming: Incoming,
  { beforeLoad, reporter }: RestoreOptions,
): void {
  reporter.warn(`OVERWRITING PRODUCTION: ${name} (database ${database}) WITH ${incoming.name}`);
  if (!beforeLoad) reporter.warn(`NO BACKUP IS TAKEN OF WHAT ${name} IS NOW`);
}
