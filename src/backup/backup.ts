/** One backup: both halves as of one moment, read back, and the manifest last of all. */

import { DrillError, messageOf } from "../base/errors.ts";
import { bytesOf, readSmall, sha256Of } from "../base/streams.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { momentOf, timestampOf } from "../base/time.ts";
import { VERSION } from "../base/version.ts";
import type { Finding } from "../checks/result.ts";
import { sampleFolders } from "../documents/tree/listing.ts";
import { refuseUnfinishedRestore } from "../documents/swap/refuse_unfinished.ts";
import { lossesSince, suspectReasons } from "../dolibarr/tables/suspect_state.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import { manifestKey, objectKeysOf } from "../store/keys.ts";
import { type Lease, takeLease } from "../store/lease/lease.ts";
import { newMoment } from "../store/new_name.ts";
import { type Manifest, writeManifest } from "../store/records/manifest.ts";
import { type Run, startRun, sweepRuns } from "../store/records/runs.ts";
import { latestOf } from "../store/sets/latest.ts";
import { putTree } from "../store/records/trees.ts";
import { nextRoster, putRoster } from "../store/records/rosters.ts";
import { type Inventory, problemsOf, readInventory } from "../store/sets/inventory.ts";
import { type BackupSet, isLegacy, objectsOfSet } from "../store/sets/sets.ts";
import type { Store } from "../store/store.ts";
import { recordedFindings, withHistories } from "./findings.ts";
import { withUse } from "./in_use.ts";
import { takeHalves, type Taken } from "./halves.ts";
import { renewRestoreText } from "./restore_text.ts";

interface BackupOptions {
  /** The lease of the source, where the caller holds it: a restore into it, which has stopped it and checked what an earlier one left. */
  lease?: Lease;
  /** Why it is taken (default: `scheduled`). */
  kind?: Manifest["kind"];
  /** The set that is going to be restored over the state that is backed up: `prod/20260630T155313Z`. */
  restoring?: string;
  /** Only this half is taken; the other one is that of the newest set. */
  half?: "db" | "docs";
  /** Uploads both halves, also where nothing changed. */
  force?: boolean;
  /** For how long, in ms, nobody may have worked in the database without that being a finding; undefined: for ever. */
  maxQuietMs?: number;
  /** Reads every document, also those whose size and times are as before. */
  paranoid?: boolean;
  /** A person's reason why the ERP rightly holds so much less than before: the set is then a good one. */
  accept?: string;
  reporter: Reporter;
  signal: AbortSignal;
}

/** A set that was just taken. */
export interface TakenSet extends BackupSet {
  /** The keys of the objects that were uploaded for it; the others are those of earlier sets. */
  uploaded: ReadonlySet<string>;
  /** Everything that is wrong with the ERP as far as the backup saw it, also what the manifest has no room for. */
  findings: readonly Finding[];
  /** What the store held before. */
  before: Inventory;
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
  options: BackupOptions,
): Promise<TakenSet> {
  const { reporter, signal } = options;
  await using own = options.lease ? undefined : await takeLease(store, source.name, "backup", { signal });
  const lease = options.lease ?? own!;
  if (own) { // half a restore must not become the newest good set
    for (const told of await refuseUnfinishedRestore(source, "back up")) reporter.warn(told);
  }
  const inventory = await readInventory(store, source.name);
  for (const sign of inventory.oldJob) {
    reporter.warn(`The old backup script still runs, and its own pruning would delete what we need: ${sign}`);
  }
  for (const { error } of inventory.unreadable) reporter.warn(error.message);
  const earlier = inventory.sets.filter((set): set is BackupSet => !isLegacy(set));
  const named = new Set(
    earlier.flatMap((one) => [...objectsOfSet(one).map(({ key }) => key), one.manifest.register?.key ?? ""]),
  );
  for (const swept of await sweepRuns(store, source.name, named)) {
    reporter.note(`Removed what the interrupted backup ${swept} had left in the store`);
  }
  const started = await newSetMoment(inventory, earlier[0]?.name, signal);
  const set = timestampOf(started);
  const run = await startRun(store, source.name, set, objectKeysOf(source.name, set));
  try {
    const taken = await takeHalves(source, store, { ...options, set, started, earlier, known: inventory });
    const { kind, restoring, accept } = options;
    const about = { set, started, environment: source.name, kind, restoring, accept };
    const bare = manifestOf(taken, { ...about, before: latestOf(earlier) });
    const seen = bare.suspect.length > 0 ? undefined : await withHistories(
      await withUse(taken, source, { started, ...options }),
      set,
      store,
      inventory,
      options,
    );
    const manifest = { ...bare, ...recordedFindings(seen) };
    await lease.confirm();
    signal.throwIfAborted();
    const hash = await publish(store, manifest);
    await listSets(store, inventory, manifest, hash, reporter);
    if (options.half !== "db") await recordTree(source, store, set, options);
    await run.finish().catch((left) =>
      reporter.warn(
        `The set is complete, but the record of its run could not be removed: ${messageOf(left)}`,
      )
    );
    const made = { name: set, environment: source.name, manifest };
    const good = [made, ...earlier.filter((one) => problemsOf(one, inventory).length === 0)];
    await renewRestoreText(store, latestOf(good) ?? made, source, reporter);
    return { ...made, uploaded: taken.made, findings: seen?.findings ?? [], before: inventory };
  } catch (error) {
    await undo(run, store, manifestKey(source.name, set), reporter);
    throw error;
  }
}

function manifestOf(
  { db, docs, identity, versions, lastChange, register, warnings, state, lost: lostValues }: Taken,
  { set, started, environment, kind = "scheduled", restoring, before, accept }: {
    set: string;
    started: Date;
    environment: string;
    kind: Manifest["kind"] | undefined;
    restoring: string | undefined;
    before: BackupSet | undefined;
    accept: string | undefined;
  },
): Manifest {
  const lost = suspectReasons(state);
  const rowsLost = before
    ? lossesSince(state, { tables: before.manifest.db.content.tables, files: before.manifest.docs.files })
    : [];
  const shrunk = [...new Set([...rowsLost, ...lostValues])];
  return {
    set,
    environment,
    kind,
    startedAt: started.toISOString(),
    endedAt: new Date().toISOString(),
    versions: { ...versions, "dolibarr-drill": VERSION, deno: Deno.version.deno },
    identity,
    db,
    docs,
    ...(lastChange ? { lastChange: lastChange.toISOString() } : {}),
    ...(register ? { register } : {}),
    ...(restoring === undefined ? {} : { restoring }),
    warnings: accept === undefined
      ? warnings
      : [...warnings, ...shrunk.map((what) => `accepted, because ${accept}: ${what}`)],
    suspect: accept === undefined ? [...lost, ...shrunk] : lost,
  };
}

/** Writes the manifest, which makes the set exist, and reads it back. @returns its SHA-256. */
async function publish(store: Store, manifest: Manifest): Promise<string> {
  const key = manifestKey(manifest.environment, manifest.set);
  const text = writeManifest(manifest);
  await store.put(key, bytesOf(text));
  if (new TextDecoder().decode(await readSmall(store.get(key))) === text) {
    return sha256Of(text);
  }
  throw new DrillError(
    "UPLOAD_DIFFERS",
    `Cannot trust ${key}: the store holds other bytes than were sent`,
    "The store, or something on the way to it, changes bytes. The set was withdrawn. Run the backup again; if it happens again, check the store.",
  );
}

/**
 * Records which sets there are, under the moment of now: who removes all that bears the name of the newest set leaves the
 * record of it. Where that fails the set is complete all the same, and the next backup records it.
 */
async function listSets(
  store: Store,
  { environment, manifests, roster, vanished, registers: before }: Inventory,
  { set, register }: Manifest,
  hash: string,
  reporter: Reporter,
): Promise<void> {
  const now = new Map([...manifests, [set, hash]]);
  const registers = new Set([...before, ...(register ? [set] : [])]);
  // a backup that took less than a second would leave a list of the set's own name
  const after = timestampOf(new Date(momentOf(set)!.getTime() + 1_000));
  const at = [timestampOf(new Date()), after].sort().at(-1)!;
  try {
    await putRoster(store, nextRoster({ environment, at }, now, roster, vanished, { registers }));
  } catch (left) {
    reporter.warn(`The set is complete, but the list of the sets could not be written: ${messageOf(left)}`);
  }
}

/**
 * Records which files the documents are, by which no restore takes their folder for another's. Where that fails the set is
 * complete all the same; the record before is a night older.
 */
async function recordTree(
  { name: environment, documents, moreFolders = {}, follow = {} }: OpenEnvironment,
  store: Store,
  at: string,
  { reporter, signal }: BackupOptions,
): Promise<void> {
  const folders = [documents, ...Object.values(moreFolders), ...Object.values(follow)];
  try {
    await putTree(store, { environment, at, by: "backup", folders: await sampleFolders(folders, signal) });
  } catch (left) {
    signal.throwIfAborted();
    reporter.warn(
      `The set is complete, but which files its documents are could not be recorded: ${messageOf(left)}`,
    );
  }
}

/** The manifest is removed first, and checked to be gone: the objects that a manifest names are never removed before it. */
async function undo(run: Run, store: Store, manifest: string, reporter: Reporter): Promise<void> {
  try {
    await store.delete(manifest);
    if (await store.head(manifest)) throw new Error(`${manifest} is still there`);
    await run.undo();
  } catch (left) {
    reporter.warn(
      `Could not remove what this run put into the store: ${messageOf(left)}; the next backup removes it`,
    );
  }
}

/** The moment after which the new set is named. @throws DrillError `CLOCK_BEHIND` */
async function newSetMoment(
  { environment, objects }: Inventory,
  newest: string | undefined,
  signal: AbortSignal,
): Promise<Date> {
  const isTaken = (name: string) => objectKeysOf(environment, name).some((key) => objects.has(key));
  const moment = await newMoment({ newest, isTaken, signal });
  if (moment) return moment;
  throw new DrillError(
    "CLOCK_BEHIND",
    `Cannot name a new set: this machine's clock (${
      timestampOf(new Date())
    }) is behind the newest set ${newest}`,
    `Set the clock right, here or where that set was made. If the name of that set is wrong, move ${environment}/manifests/${newest}.json and its objects away. Nothing was changed.`,
  );
}
