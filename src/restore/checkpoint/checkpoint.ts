/** A disposable environment's state, kept beside it to go back to: between the tests of a suite, before something is tried. */

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
  refuseHalfReset,
} from "./folder.ts";
import { copyRows } from "./rows.ts";
import { reset, type ResetResult } from "./reset.ts";
import { passGate, type ProtectedEnvironment } from "../gate/gate.ts";
import { refuseUnsuitableTarget } from "../gate/target_refusals.ts";

export interface CheckpointOptions {
  /** Every environment that must not be hit (docs/design.md, rule 1). */
  protectedOnes: readonly ProtectedEnvironment[];
  /** The environment's, held by the caller. */
  lease: Lease;
  /** Whose it is; a person's where nothing is said. */
  keptAs?: CheckpointKind;
  reporter: Reporter;
  signal: AbortSignal;
}

/** What is kept. */
export interface CheckpointMade {
  folder: string;
  tables: number;
  rows: number;
  files: number;
  /** Of the documents. */
  bytes: number;
}

/**
 * Keeps what `environment` holds now; the former checkpoint is gone then. The ERP may go on, but what it writes meanwhile
 * may be in one half and not in the other.
 * @throws DrillError `TARGET_REFUSED`, `TARGET_UNFIT`, `DISK_FULL`, ...: the former checkpoint is still the one that counts.
 */
export async function checkpoint(
  environment: OpenEnvironment,
  store: Store,
  { protectedOnes, lease, keptAs, reporter, signal }: CheckpointOptions,
): Promise<CheckpointMade> {
  const { name, database, excludes } = environment;
  const place = await checkpointPlace(environment, keptAs);
  await using session = await connect(database);
  await passGate(session, environment, { protectedOnes, store });
  await refuseHalfReset(place, name);
  await refuseUnsuitableTarget(session, database, name); // else nothing could be put back
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
  await made.keep(saved, { catalogue: state.catalogue, files: Object.fromEntries(seen) });
  return {
    folder: made.folder,
    tables: state.tables.length,
    rows: state.tables.reduce((sum, { rows }) => sum + rows, 0),
    files: seen.size,
    bytes: saved.entries.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
  };
}

/**
 * Keeps what `environment` holds now, and puts it back when it is disposed of:
 * `await using sandbox = await keepingCheckpoint(environment, store, options)`. The lease is taken for each of the two, not in between.
 */
export async function keepingCheckpoint(
  environment: OpenEnvironment,
  store: Store,
  options: Omit<CheckpointOptions, "lease">,
): Promise<AsyncDisposable & { reset(): Promise<ResetResult> }> {
  const { signal } = options;
  {
    await using lease = await takeLease(store, environment.name, "checkpoint", { signal });
    await checkpoint(environment, store, { ...options, lease });
  }
  const putBack = async () => {
    await using lease = await takeLease(store, environment.name, "reset", { signal });
    return await reset(environment, store, { ...options, lease });
  };
  return { reset: putBack, [Symbol.asyncDispose]: async () => void await putBack() };
}
