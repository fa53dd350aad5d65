/** Puts an environment back to its checkpoint: only the rows and files that differ are changed, and all of it is proved. */

import { limits } from "../../base/limits.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import { identify } from "../../postgres/connection/identity.ts";
import { findPrograms } from "../../postgres/programs/programs.ts";
import { connect } from "../../postgres/connection/session.ts";
import type { Lease } from "../../store/lease/lease.ts";
import type { Store } from "../../store/store.ts";
import { refuseOtherDatabase } from "../checkpoint/saved_database.ts";
import {
  type CheckpointKind,
  checkpointPlace,
  contentsFolder,
  readCheckpoint,
  removeResetNote,
  writeFound,
  writeResetNote,
} from "../checkpoint/folder.ts";
import { type DatabaseReset, resetDatabase } from "./database.ts";
import { type FilesReset, prepareReset } from "./documents.ts";
import { notRecorded, recordFilledTree } from "../filled_tree.ts";
import { passGate, type ProtectedEnvironment } from "../gate/gate.ts";

interface ResetOptions {
  /** How long tables that are in use are asked for again, in ms. */
  waits?: number;
  /** Every environment that must not be changed (docs/design.md, rule 1). */
  protectedOnes: readonly ProtectedEnvironment[];
  /** The environment's, held by the caller. */
  lease: Lease;
  /** Which checkpoint. Default: a person's. */
  kind?: CheckpointKind;
  reporter: Reporter;
  signal: AbortSignal;
}

/** What was put back; all of it empty where nothing differed. */
export interface ResetResult extends Omit<DatabaseReset, "catalogue"> {
  /** When the checkpoint was made: ISO 8601, UTC. */
  takenAt: string;
  files: FilesReset;
  ms: number;
}

/**
 * Makes `environment` what it was at its checkpoint. The ERP may go on: what it writes waits for a moment. The documents are
 * put back just before the database commits. Where that fails in the middle, or the process is killed, the database is what
 * it was or the checkpoint, and any of the documents too: the next reset finds what is left, and comes to the same end.
 * @throws DrillError `NO_SET` without a checkpoint; `OBJECT_CORRUPT` where it is damaged, `TARGET_REFUSED` where it is another
 *   database's, `DATABASE_LOCKED`, `CONTENT_DIFFERS`: nothing was changed. `DOCUMENTS_NOT_WRITABLE`, `DISK_FULL` and
 *   `DOCUMENTS_DIFFER` say so where it may be half done.
 *
 * @example
 * ```ts
 * import { takeLease } from "../../store/lease/lease.ts";
 *
 * async function undo(...[environment, store, options]: Parameters<typeof reset>) {
 *   await using lease = await takeLease(store, environment.name, "reset");
 *   const { tables, files } = await reset(environment, store, { ...options, lease });
 *   return { tables: tables.map(({ table }) => table), removed: files.removed };
 * }
 * ```
 */
export async function reset(
  environment: OpenEnvironment,
  store: Store,
  { protectedOnes, lease, kind, waits = limits.resetWaitsForTables, reporter, signal }: ResetOptions,
): Promise<ResetResult> {
  const start = performance.now();
  const { name, database } = environment;
  const place = await checkpointPlace(environment, kind);
  const checkpoint = await readCheckpoint(place, name);
  const { folder, documents, found } = checkpoint;
  await using session = await connect(database);
  const identity = await identify(session);
  const [programs] = await Promise.all([
    findPrograms(identity.serverVersion),
    passGate(session, environment, { protectedOnes, store }),
  ]);
  refuseOtherDatabase(checkpoint.database, identity);

  const places = { root: place.root, contents: contentsFolder(folder), prepared: `${folder}/staged` };
  using prepared = await prepareReset(documents, new Map(Object.entries(found.files)), places, {
    reporter,
    signal,
  });
  let files = new Map(Object.entries(found.files));
  const { catalogue, ...done } = await resetDatabase({
    saved: checkpoint.database,
    folder,
    database,
    programs,
    beside: session,
    waits,
    catalogue: found.catalogue,
    beforeCommit: async () => {
      await lease.confirm();
      if (!prepared.isEmpty) await writeResetNote(place);
      files = await prepared.apply();
    },
    reporter,
    signal,
  });
  if (!prepared.isEmpty) {
    await recordFilledTree(environment, store, { by: "reset" })
      .catch((error) => reporter.warn(notRecorded(environment, error)));
  }
  await writeFound(folder, { catalogue, files: Object.fromEntries(files) });
  await removeResetNote(place);
  return {
    ...done,
    takenAt: checkpoint.database.takenAt,
    files: prepared.found,
    ms: performance.now() - start,
  };
}
