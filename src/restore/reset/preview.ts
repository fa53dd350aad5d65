/** What a reset would put back: the documents are compared with the checkpoint, and nothing is written. */

import type { OpenEnvironment } from "../../platform/environment.ts";
import { identify } from "../../postgres/connection/identity.ts";
import { connect } from "../../postgres/connection/session.ts";
import type { Store } from "../../store/store.ts";
import { lookedUpPlace, readCheckpoint } from "../checkpoint/folder.ts";
import { refuseOtherDatabase } from "../checkpoint/saved_database.ts";
import { passGate, type ProtectedEnvironment } from "../gate/gate.ts";
import type { FilesReset } from "./documents.ts";
import { findFileDifferences } from "./documents_differences.ts";

interface ResetPreview {
  /** When the checkpoint was made: ISO 8601, UTC. */
  takenAt: string;
  /** How many tables would be compared. */
  tables: number;
  files: FilesReset;
}

/** @throws DrillError as `reset`, for what can be known before. */
export async function judgeReset(
  environment: OpenEnvironment,
  store: Store,
  { protectedOnes, signal }: { protectedOnes: readonly ProtectedEnvironment[]; signal: AbortSignal },
): Promise<ResetPreview> {
  const place = await lookedUpPlace(environment);
  const { database: saved, documents, found } = await readCheckpoint(place, environment.name);
  await using session = await connect(environment.database);
  await passGate(session, environment, { protectedOnes, store });
  refuseOtherDatabase(saved, await identify(session));
  const seen = new Map(Object.entries(found.files));
  const { plan } = await findFileDifferences(documents, seen, place.root, signal);
  const pathsOf = (entries: readonly { path: string }[]) => entries.map(({ path }) => path);
  return {
    takenAt: saved.takenAt,
    tables: saved.state.tables.length,
    files: { removed: pathsOf(plan.remove).reverse(), put: pathsOf(plan.put), mended: pathsOf(plan.mend) },
  };
}
