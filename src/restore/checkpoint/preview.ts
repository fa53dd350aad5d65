/** What a checkpoint would save: everything is judged as for a real one, and nothing is written. */

import { walkTree } from "../../documents/tree/walk.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import { connect } from "../../postgres/connection/session.ts";
import type { Store } from "../../store/store.ts";
import { passGate, type ProtectedEnvironment } from "../gate/gate.ts";
import { refuseUnsuitableTarget } from "../gate/target_refusals.ts";
import { lookedUpPlace, refuseUnfinishedReset } from "./folder.ts";

interface CheckpointPreview {
  /** Where it would lie. */
  folder: string;
  files: number;
  /** Of the documents. */
  bytes: number;
  /** Of the database on its server's disk. */
  databaseBytes: number;
}

/** @throws DrillError as `checkpoint`, for what can be known before. */
export async function judgeCheckpoint(
  environment: OpenEnvironment,
  store: Store,
  { protectedOnes }: { protectedOnes: readonly ProtectedEnvironment[] },
): Promise<CheckpointPreview> {
  const { name, database, excludes } = environment;
  const place = await lookedUpPlace(environment);
  await using session = await connect(database);
  await passGate(session, environment, { protectedOnes, store });
  await refuseUnfinishedReset(place, name);
  await refuseUnsuitableTarget(session, database, name);
  const [size] = await session.query<{ bytes: string }>(
    "SELECT pg_catalog.pg_database_size(pg_catalog.current_database())::text AS bytes",
  );
  const files = walkTree(place.root, excludes).filter(({ type }) => type === "file");
  return {
    folder: place.base,
    files: files.length,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    databaseBytes: Number(size?.bytes ?? 0),
  };
}
