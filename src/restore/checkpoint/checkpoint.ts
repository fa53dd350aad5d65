/** Saves the state of a disposable environment beside it, to be reset to: between the tests of a suite, before a trial. */

import type { Reporter } from "../../base/terminal/reporter.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import { identify } from "../../postgres/connection/identity.ts";
import { findPrograms } from "../../postgres/programs/programs.ts";
import { connect } from "../../postgres/connection/session.ts";
import { type Lease, takeLease } from "../../store/lease/lease.ts";
import type { Store } from "../../store/store.ts";
import { saveDatabase } from "./saved_database.ts";
import { saveDocuments } from "./documents.ts";
import {
  type CheckpointKind,
  checkpointPlace,
  contentsFolder,
  newCheckpoint,
  refuseUnfinishedReset,
} from "./folder.ts";
import { copyRows } from "./save_rows.ts";
import { reset, type ResetResult } from "../reset/reset.ts";
import { passGate, type ProtectedEnvironment } from "../gate/gate.ts";
import { refuseUnsuitableTarget } from "../gate/target_refusals.ts";

export interface CheckpointOptions {
  /** Every environment that must not be changed (docs/design.md, rule 1). */
  protectedOnes: readonly ProtectedEnvironment[];
  /** The environment's, held by the caller. */
  lease: Lease;
  /** Default: a person's. */
  kind?: CheckpointKind;
  reporter: Reporter;
  signal: AbortSignal;
}

/** What was saved. */
export interface CheckpointMade {
  folder: string;
  tables: number;
  rows: number;
  files: number;
  /** Of the documents. */
  bytes: number;
}

/**
 * Saves what `environment` holds now, in the place of the former checkpoint. The ERP may run meanwhile, but what it writes may
 * be in one half and not in the other.
 * @throws DrillError `TARGET_REFUSED`, `TARGET_UNFIT`, `DISK_FULL`, ...: the former checkpoint is still valid.
 *
 * @example
 * ```ts
 * import { takeLease } from "../../store/lease/lease.ts";
 *
 * async function save(...[environment, store, options]: Parameters<typeof checkpoint>) {
 *   await using lease = await takeLease(store, environment.name, "checkpoint");
 *   const { tables, files } = await checkpoint(environment, store, { ...options, lease });
 *   return { tables, files }; // so much was saved
 * }
 * ```
 */
export async function checkpoint(
  environment: OpenEnvironment,
  store: Store,
  { protectedOnes, lease, kind, reporter, signal }: CheckpointOptions,
): Promise<CheckpointMade> {
  const { name, database, excludes } = environment;
  const place = await checkpointPlace(environment, kind);
  await using session = await connect(database);
  await passGate(session, environment, { protectedOnes, store });
  await refuseUnfinishedReset(place, name);
  await refuseUnsuitableTarget(session, database, name); // else it could not be reset
  const programs = await findPrograms((await identify(session)).serverVersion);

  await using made = await newCheckpoint(place);
  const { state } = await saveDatabase(database, made.folder, {
    copyRows: (snapshot, { tables }) => copyRows(tables, snapshot, made.folder, database, programs, signal),
    reporter,
    signal,
  });
  const { saved, seen } = await saveDocuments(place.root, contentsFolder(made.folder), {
    excludes,
    reporter,
    signal,
  });
  await lease.confirm();
  await made.complete(saved, { catalogue: state.catalogue, files: Object.fromEntries(seen) });
  return {
    folder: made.folder,
    tables: state.tables.length,
    rows: state.tables.reduce((sum, { rows }) => sum + rows, 0),
    files: seen.size,
    bytes: saved.entries.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
  };
}

/**
 * Makes a checkpoint of `environment`, and resets it when the result is disposed of: whatever a test did meanwhile is undone.
 * The lease is taken for each of the two, and not held in between.
 *
 * @example
 * ```ts
 * async function trial(...[environment, store, options]: Parameters<typeof resetAfterwards>) {
 *   await using sandbox = await resetAfterwards(environment, store, options);
 *   await Deno.writeTextFile(`${environment.documents}/tried.txt`, "a change");
 *   const { files } = await sandbox.reset(); // at any time; and by itself at the end of the block
 *   return files.removed; // ["tried.txt"]
 * }
 * ```
 */
export async function resetAfterwards(
  environment: OpenEnvironment,
  store: Store,
  options: Omit<CheckpointOptions, "lease">,
): Promise<AsyncDisposable & { reset(): Promise<ResetResult> }> {
  const { signal } = options;
  {
    await using lease = await takeLease(store, environment.name, "checkpoint", { signal });
    await checkpoint(environment, store, { ...options, lease });
  }
  const resetNow = async () => {
    await using lease = await takeLease(store, environment.name, "reset", { signal });
    return await reset(environment, store, { ...options, lease });
  };
  return { reset: resetNow, [Symbol.asyncDispose]: async () => void await resetNow() };
}
