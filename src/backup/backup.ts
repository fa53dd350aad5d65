/** One backup: both halves as of one moment, read back, and the manifest last of all. */

import { DrillError, messageOf } from "../base/errors.ts";
import type { Reporter } from "../base/reporter.ts";
import { timestampOf } from "../base/time.ts";
import { together } from "../base/together.ts";
import { VERSION } from "../base/version.ts";
import { bytesOf, readSmall } from "../base/streams.ts";
import { suspicions } from "../dolibarr/tables.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import { versionText } from "../postgres/identity.ts";
import { openSnapshot } from "../postgres/snapshot.ts";
import { takeLease } from "../store/lease.ts";
import { type Manifest, MANIFEST_FORMAT, manifestKey, writeManifest } from "../store/manifest.ts";
import { objectsOf, type Run, startRun, sweepRuns } from "../store/runs.ts";
import { type BackupSet, latestOf, listSets } from "../store/sets.ts";
import type { Store } from "../store/store.ts";
import { backupDatabase } from "./database.ts";
import { backupDocuments } from "./documents.ts";

export interface BackupOptions {
  reporter: Reporter;
  signal: AbortSignal;
}

/**
 * Takes a set of `source` into `store`. Nothing is written to `source`; nothing is visible in the store as a set
 * until its manifest is.
 *
 * @returns the new set; one whose state looks lost is marked suspect and never becomes `latest`.
 * @throws DrillError `LEASE_HELD`, `CLOCK_BEHIND`, `NOT_READ_ONLY`, `UPLOAD_DIFFERS`, and what the database, the folder or the store failed with.
 */
export async function backup(
  source: OpenEnvironment,
  store: Store,
  { reporter, signal }: BackupOptions,
): Promise<BackupSet> {
  await using lease = await takeLease(store, source.name, "backup", { signal });
  const sets = await listSets(store, source.name);
  for (const swept of await sweepRuns(store, source.name, namedObjects(sets))) {
    reporter.note(`Removed what the unfinished backup ${swept} had left in the store`);
  }
  const started = await freeMoment(sets, signal);
  const set = timestampOf(started);
  const [dump, archive, index] = objectsOf(source.name, set) as [string, string, string];
  const run = await startRun(store, source.name, set, [dump, archive, index]);
  try {
    // The documents, which the database names, are read after its instant, not after its dump: the two are closer
    // together so, and the whole takes little longer than its slower half.
    const snapshot = await openSnapshot(source.database);
    const [db, docs] = await together(
      signal,
      (signal) => backupDatabase(source, snapshot, store, dump, reporter, signal),
      (signal) => backupDocuments(source, store, { archive, index }, reporter, signal),
    );
    const before = latestOf(sets)?.manifest;
    const manifest: Manifest = {
      format: MANIFEST_FORMAT,
      set,
      environment: source.name,
      kind: "scheduled",
      startedAt: started.toISOString(),
      endedAt: new Date().toISOString(),
      versions: {
        "dolibarr-drill": VERSION,
        deno: Deno.version.deno,
        server: versionText(db.identity.serverVersion),
        pg_dump: db.pgDump,
      },
      identity: {
        systemIdentifier: db.identity.systemIdentifier,
        databaseOid: db.identity.databaseOid,
        databaseName: db.identity.databaseName,
        owner: source.database.owner,
      },
      db: { objects: [db.object], content: db.content },
      docs: { objects: [docs.object], index: docs.index, files: docs.files, bytes: docs.bytes },
      warnings: docs.warnings,
      suspect: suspicions(
        { tables: db.content.tables, files: docs.files },
        before && { tables: before.db.content.tables, files: before.docs.files },
      ),
    };
    await lease.confirm();
    signal.throwIfAborted();
    await publish(store, manifest);
    await run.finish().catch((left) =>
      reporter.warn(
        `The set is whole; what says that its run is under way could not be removed: ${messageOf(left)}`,
      )
    );
    return { name: set, environment: source.name, manifest };
  } catch (error) {
    await undo(run, store, manifestKey(source.name, set), reporter);
    throw error;
  }
}

/** Writes the manifest, which makes the set exist, and reads it back. */
async function publish(store: Store, manifest: Manifest): Promise<void> {
  const key = manifestKey(manifest.environment, manifest.set);
  const text = writeManifest(manifest);
  await store.put(key, bytesOf(text));
  if (new TextDecoder().decode(await readSmall(store.get(key))) === text) return;
  throw new DrillError(
    "UPLOAD_DIFFERS",
    `Cannot trust ${key}: the store holds other bytes than were sent`,
    "The store or the way to it changes bytes. The set was withdrawn. Run it again; if it comes again, look at the store.",
  );
}

/** The manifest goes first and is seen to be gone: the objects that one names are never removed under it. */
async function undo(run: Run, store: Store, manifest: string, reporter: Reporter): Promise<void> {
  try {
    await store.delete(manifest);
    if (await store.head(manifest)) throw new Error(`${manifest} is still there`);
    await run.undo();
  } catch (left) {
    reporter.warn(
      `Could not remove what this run put into the store: ${messageOf(left)}; the next backup will`,
    );
  }
}

const namedObjects = (sets: readonly BackupSet[]): Set<string> =>
  new Set(
    sets.flatMap(({ manifest }) =>
      [...manifest.db.objects, ...manifest.docs.objects, manifest.docs.index].map(({ key }) => key)
    ),
  );

/** Now, or a second later where that name is taken (DESIGN, What is in the store). */
async function freeMoment(sets: readonly BackupSet[], signal: AbortSignal): Promise<Date> {
  const newest = sets[0]?.name;
  for (let tries = 0; tries < 3; tries++) {
    const now = new Date();
    const name = timestampOf(now);
    if (newest === undefined || name > newest) return now;
    if (name < newest) break;
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 1000 - now.getUTCMilliseconds()));
  }
  throw new DrillError(
    "CLOCK_BEHIND",
    `Cannot name a new set: this machine's clock (${
      timestampOf(new Date())
    }) is behind the newest set ${newest}`,
    "Set the clock right, here or where that set was made. Nothing was changed.",
  );
}
