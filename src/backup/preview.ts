/** What a backup would do: both halves are read as for a real one, and nothing is written to the store. */

import { readSmall } from "../base/streams.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { unchangedSince } from "../documents/archive/unchanged.ts";
import { walkFolders } from "../documents/folders.ts";
import { readIndex } from "../documents/index.ts";
import { refuseUnfinishedRestore } from "../documents/swap/refuse_unfinished.ts";
import { lossesSince, suspectReasons } from "../dolibarr/tables/suspect_state.ts";
import { VOLATILE_ROWS } from "../dolibarr/tables/volatile_rows.ts";
import { type OpenEnvironment, readingLogin } from "../platform/environment.ts";
import { readFingerprint } from "../postgres/catalogue/fingerprint.ts";
import { openSnapshot } from "../postgres/connection/snapshot.ts";
import { findPrograms } from "../postgres/programs/programs.ts";
import { refuseWriter } from "../postgres/rights/reader.ts";
import { madeAt } from "../store/keys.ts";
import type { RecordedTable } from "../store/records/manifest.ts";
import { type Inventory, readInventory } from "../store/sets/inventory.ts";
import { latestOf } from "../store/sets/latest.ts";
import { type BackupSet, isLegacy } from "../store/sets/sets.ts";
import type { Store } from "../store/store.ts";
import { keepingNamed, readExcludedFiles } from "./named_files.ts";
import { reusableDatabase, whyNotReusable } from "./reuse.ts";

interface PreviewOptions {
  half?: "db" | "docs";
  force?: boolean;
  paranoid?: boolean;
  reporter: Reporter;
  signal: AbortSignal;
}

export interface BackupPreview {
  /** A sentence about each half that would be taken. */
  lines: string[];
  /** Why the set would be suspect, as far as rows and files show it; empty where it would not. */
  suspect: string[];
}

/** @throws DrillError as `backup`, for what can be known before anything is stored. */
export async function previewBackup(
  source: OpenEnvironment,
  store: Store,
  options: PreviewOptions,
): Promise<BackupPreview> {
  const { half, reporter } = options;
  for (const told of await refuseUnfinishedRestore(source, "back up")) reporter.warn(told);
  const inventory = await readInventory(store, source.name);
  const earlier = inventory.sets.filter((set): set is BackupSet => !isLegacy(set));
  const before = latestOf(earlier);
  const database = await previewDatabase(source, { inventory, earlier }, options);
  const documents = half === "db" ? undefined : await previewDocuments(database.source, store, {
    ...{ inventory, earlier },
    ...options,
  });
  const state = {
    tables: database.tables ?? before?.manifest.db.content.tables ?? [],
    files: documents?.files ?? before?.manifest.docs.files ?? 0,
  };
  const losses = before
    ? lossesSince(state, { tables: before.manifest.db.content.tables, files: before.manifest.docs.files })
    : [];
  return {
    lines: [...database.lines, ...documents?.lines ?? []],
    suspect: [...new Set([...suspectReasons(state), ...losses])],
  };
}

interface Known {
  inventory: Inventory;
  earlier: readonly BackupSet[];
}

/** The login is judged in any case; the tables are counted and hashed where their half is taken. */
async function previewDatabase(
  source: OpenEnvironment,
  { inventory, earlier }: Known,
  { half, force, reporter }: PreviewOptions,
): Promise<{ lines: string[]; tables?: readonly RecordedTable[]; source: OpenEnvironment }> {
  if (half === "docs") return { lines: [], source };
  const login = readingLogin(source);
  await using snapshot = await openSnapshot(
    login,
    source.reader && ((session) => refuseWriter(session, login)),
  );
  await findPrograms(snapshot.identity.serverVersion);
  const kept = keepingNamed(source, await readExcludedFiles(source, snapshot, reporter));
  using step = reporter.step("Counting and hashing every table", "tables");
  const { tables } = await snapshot.filledContent(step.progress);
  const fingerprint = await readFingerprint(snapshot.session.ask, tables, VOLATILE_ROWS);
  const found = force ? { why: "--force" } : reusableDatabase(fingerprint, earlier, inventory, new Date());
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const what = `the database: ${tables.length} tables with ${rows} rows`;
  const line = "half" in found
    ? `${what}; unchanged, the dump of ${found.from} would be used again`
    : `${what}; a new dump would be made: ${found.why}`;
  return { lines: [line], tables, source: kept };
}

async function previewDocuments(
  source: OpenEnvironment,
  store: Store,
  { inventory, earlier: [before], force, paranoid = false, signal }: Known & PreviewOptions,
): Promise<{ lines: string[]; files: number }> {
  const files = walkFolders(source).filter(({ type }) => type === "file").length;
  const why = force ? "--force" : await whyNewArchive(source, before, store, { inventory, paranoid, signal });
  const what = `the documents: ${files} files`;
  const line = why === undefined && before
    ? `${what}; unchanged, the archive of ${before.name} would be used again`
    : `${what}; a new archive would be made: ${why}`;
  return { lines: [line], files };
}

/** Undefined where the archive of the set before holds the documents as they are now. */
async function whyNewArchive(
  source: OpenEnvironment,
  before: BackupSet | undefined,
  store: Store,
  { inventory, paranoid, signal }: { inventory: Inventory; paranoid: boolean; signal: AbortSignal },
): Promise<string | undefined> {
  if (!before) return "it is the first set";
  const { objects, index: { key } } = before.manifest.docs;
  const damaged = whyNotReusable([...objects, before.manifest.docs.index], inventory);
  if (damaged !== undefined) return damaged;
  const index = readIndex(await readSmall(store.get(key)), key);
  const { unchanged, why } = await unchangedSince(source, { index, takenAt: madeAt(key) }, {
    paranoid,
    signal,
  });
  return unchanged ? undefined : why;
}
