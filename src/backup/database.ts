/** The database half: a dump, and the counts and hashes of every table, of one and the same instant. */

import type { Reporter } from "../base/reporter.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import { CONTENT_ALGORITHM, CONTENT_SETTINGS } from "../postgres/content.ts";
import { dumpDatabase } from "../postgres/dump.ts";
import type { Identity } from "../postgres/identity.ts";
import { findPrograms } from "../postgres/programs.ts";
import { openSnapshot } from "../postgres/snapshot.ts";
import type { DatabaseContent, StoredObject } from "../store/manifest.ts";
import type { Store } from "../store/store.ts";
import { putAndReadBack } from "./upload.ts";

export interface DatabaseHalf {
  object: StoredObject;
  content: DatabaseContent;
  identity: Identity;
  /** The version of the pg_dump that made it. */
  pgDump: string;
}

/** Dumps `source` into `key`, streamed. @throws DrillError `NOT_READ_ONLY`, `TOOL_FAILED`, `UPLOAD_DIFFERS`, ... */
export async function backupDatabase(
  source: OpenEnvironment,
  store: Store,
  key: string,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<DatabaseHalf> {
  await using snapshot = await openSnapshot(source.database);
  const programs = await findPrograms(snapshot.identity.serverVersion);
  using step = reporter.step(`Dumping the database ${source.database.name}`, "bytes");
  const stopDump = new AbortController();
  const dump = dumpDatabase(
    source.database,
    snapshot.id,
    programs,
    AbortSignal.any([signal, stopDump.signal]),
  );
  const [uploaded, tables] = await bothOrNeither(
    putAndReadBack(store, key, dump, step.progress),
    snapshot.content(),
    () => stopDump.abort(),
  );
  step.end(`${tables.length} tables`);
  return {
    object: uploaded,
    content: { algorithm: CONTENT_ALGORITHM, settings: CONTENT_SETTINGS, tables },
    identity: snapshot.identity,
    pgDump: programs.version,
  };
}

/** Both results; when one fails the other is told to stop and waited for, so that nothing runs on behind an error. */
async function bothOrNeither<A, B>(
  upload: Promise<A>,
  content: Promise<B>,
  stop: () => void,
): Promise<[A, B]> {
  let first: { error: unknown } | undefined;
  const noting = (error: unknown) => {
    first ??= { error };
    stop();
  };
  upload.catch(noting);
  content.catch(noting);
  const [a, b] = await Promise.allSettled([upload, content]);
  if (a.status === "fulfilled" && b.status === "fulfilled") return [a.value, b.value];
  throw first?.error;
}
