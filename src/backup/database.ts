/** The database half: a dump, and the counts and hashes of every table, of one and the same instant. */

import type { Reporter } from "../base/reporter.ts";
import { together } from "../base/together.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import { CONTENT_ALGORITHM, CONTENT_SETTINGS } from "../postgres/content.ts";
import { dumpDatabase } from "../postgres/dump.ts";
import type { Identity } from "../postgres/identity.ts";
import { findPrograms } from "../postgres/programs.ts";
import type { Snapshot } from "../postgres/snapshot.ts";
import type { DatabaseContent, StoredObject } from "../store/manifest.ts";
import type { Store } from "../store/store.ts";
import { readBack, send } from "./upload.ts";

export interface DatabaseHalf {
  object: StoredObject;
  content: DatabaseContent;
  identity: Identity;
  /** The version of the pg_dump that made it. */
  pgDump: string;
}

/**
 * Dumps `source` as of `snapshot` into `key`, streamed. The snapshot is closed as soon as it is not needed any more.
 * @throws DrillError `TOOL_FAILED`, `UPLOAD_DIFFERS`, ...
 */
export async function backupDatabase(
  source: OpenEnvironment,
  snapshot: Snapshot,
  store: Store,
  key: string,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<DatabaseHalf> {
  const { object, ...half } = await dumpAndCount(source, snapshot, store, key, reporter, signal);
  await readBack("the dump", [object], store, reporter, signal);
  return { object, ...half };
}

async function dumpAndCount(
  source: OpenEnvironment,
  snapshot: Snapshot,
  store: Store,
  key: string,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<DatabaseHalf> {
  await using instant = snapshot;
  using step = reporter.step(`Dumping the database ${source.database.name}`, "bytes");
  const programs = await findPrograms(instant.identity.serverVersion);
  const [object, tables] = await together(
    signal,
    (signal) => send(store, key, dumpDatabase(source.database, instant.id, programs, signal), step.progress),
    () => instant.content(),
  );
  step.end(`${tables.length} tables`);
  return {
    object,
    content: { algorithm: CONTENT_ALGORITHM, settings: CONTENT_SETTINGS, tables },
    identity: instant.identity,
    pgDump: programs.version,
  };
}
