/** The two halves of a set: taken now, or those of an earlier set where nothing changed. */

import { DrillError } from "../base/errors.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { formatCount } from "../base/numbers.ts";
import { together } from "../base/together.ts";
import { verdictOfCode } from "../base/verdict.ts";
import type { DocumentFolders } from "../documents/folders.ts";
import type { DocumentsIndex } from "../documents/index.ts";
import { type OpenEnvironment, readingLogin } from "../platform/environment.ts";
import { openSnapshot } from "../postgres/connection/snapshot.ts";
import { encryptionText, wasEncrypted } from "../postgres/connection/tls.ts";
import { refuseWriter } from "../postgres/rights/reader.ts";
import { objectKeysOf } from "../store/keys.ts";
import type { Manifest, RecordedTable } from "../store/records/manifest.ts";
import type { Inventory } from "../store/sets/inventory.ts";
import type { BackupSet } from "../store/sets/sets.ts";
import type { Store } from "../store/store.ts";
import { backupDatabase } from "./database.ts";
import { backupDocuments, type DocumentsHalf } from "./documents.ts";
import { excludedWarnings, keepingNamed, readExcludedFiles } from "./named_files.ts";
import { withoutMeanwhile } from "./meanwhile.ts";
import { countChanged, earlierPapers, noteNeverMade } from "./earlier_papers.ts";
import {
  linkedDocuments,
  lostDocuments,
  type NamedDocuments,
  papersOf,
  type SeenFindings,
  seenTogether,
} from "./findings.ts";
import { asBefore, lostBefore, otherHalf, unread } from "./other_half.ts";
import { registerFindings } from "./register/in_snapshot.ts";
import { type EarlierRegisters, putRegister, readEarlierRegisters } from "./register/stored.ts";
import { isRecentlyProved, reusableDatabase, whyNotReusable } from "./reuse.ts";
import { readBack } from "./upload.ts";

interface HalvesOptions {
  /** Only this half is taken; the other one is that of the newest set. */
  half?: "db" | "docs";
  force?: boolean;
  paranoid?: boolean;
  /** The name of the set; its objects are named after it. */
  set: string;
  started: Date;
  /** Sets with a manifest, newest first. */
  earlier: readonly BackupSet[];
  known: Pick<Inventory, "objects" | "everDamaged" | "sets" | "proofs">;
  reporter: Reporter;
  signal: AbortSignal;
}

/** What a manifest says of both halves. */
export interface Taken
  extends Pick<Manifest, "db" | "docs" | "identity" | "versions" | "register" | "warnings"> {
  /** What the source holds now, also where earlier objects are used. */
  state: { tables: readonly RecordedTable[]; files: number };
  /** When people last worked in the database, where it was read and its rows say so. */
  lastChange?: Date;
  /** Its version of Dolibarr, likewise. */
  erpVersion?: string;
  /** Why the database looks lost although its rows are there. */
  lost: readonly string[];
  /** The keys of the objects that were uploaded. */
  made: ReadonlySet<string>;
  /** What is wrong with the ERP; undefined where a half was not read. */
  seen?: SeenFindings;
}

/**
 * Takes both halves, side by side. The documents, which the database names, are read after its instant, not after its
 * dump: so they are closer together, and the whole takes little longer than its slower half.
 */
export async function takeHalves(
  source: OpenEnvironment,
  store: Store,
  options: HalvesOptions,
): Promise<Taken> {
  const { half, signal } = options;
  const other = half === undefined ? undefined : otherHalf(source.name, half, options);
  if (other && half === "docs") {
    const docs = await takeDocuments(await asBefore(source, other, store), store, options, signal);
    const { db, identity, versions } = other.manifest;
    return joined(
      {
        db: unread(db),
        identity,
        versions,
        tables: db.content.tables,
        lost: await lostBefore(other, store, options),
      },
      docs.half,
      [
        ...docs.warnings,
        `the database was not read: it is that of ${other.name} (--half docs)`,
      ],
      options,
      source,
    );
  }
  const login = readingLogin(source);
  const registers = await readEarlierRegisters(store, options.earlier, options.reporter);
  const snapshot = await openSnapshot(login, source.reader && ((session) => refuseWriter(session, login)));
  if (other) {
    const db = await takeDatabase(source, snapshot, store, { ...options, registers }, signal);
    return joined(
      db,
      unread(other.manifest.docs),
      [
        `the documents were not read: they are those of ${other.name} (--half db)`,
      ],
      options,
      source,
    );
  }
  const excluded = await readExcludedFiles(source, snapshot, options.reporter).catch(async (error) => {
    await snapshot[Symbol.asyncDispose](); // production's session must not stay open
    throw error;
  });
  const [db, docs] = await together(
    signal,
    (signal) => takeDatabase(source, snapshot, store, { ...options, registers }, signal),
    (signal) => takeDocuments(keepingNamed(source, excluded), store, options, signal),
  );
  const warnings = [...docs.warnings, ...excludedWarnings(source, docs.index, excluded)];
  const taken = joined(db, docs.half, warnings, options, source);
  noteChangedPapers(db.named, docs, options);
  const atFirst = await lostPapers(db.named, docs.index, store, options);
  const lost = await withoutMeanwhile(atFirst, source, options.started, options.reporter);
  const seen = seenTogether(lost, linkedDocuments(source, docs.index));
  return { ...taken, seen: seenTogether(taken.seen, seen) };
}

/** Tells of the invoices whose paper is another file than in the set before, in one line. */
function noteChangedPapers(
  { invoices }: NamedDocuments,
  { index, before }: Pick<DocumentsHalf, "index" | "before">,
  { earlier: [newest], reporter }: HalvesOptions,
): void {
  if (!invoices || !before || !newest) return;
  const changed = countChanged(papersOf(invoices, index), before, index);
  if (changed === 0) return;
  reporter.note(
    `${formatCount(changed, "paper")} of invoices changed since ${newest.name}: a drill reads what they say`,
  );
}

/** The documents that rows name and that were not archived; an earlier set is asked of those that nothing names any more. */
async function lostPapers(
  named: NamedDocuments,
  index: DocumentsIndex,
  store: Store,
  { started, earlier, reporter }: HalvesOptions,
): Promise<SeenFindings> {
  const { invoices, logo } = named;
  const isNamed = !invoices || papersOf(invoices, index).every(([, path]) => path !== undefined);
  if (isNamed && logo !== "") return lostDocuments(named, index, { started });
  const before = await earlierPapers(earlier, store, reporter);
  if (invoices) noteNeverMade(papersOf(invoices, index, before.wasThere), reporter);
  return lostDocuments(named, index, { started, ...before });
}

/** What to say where the connection was encrypted at the backup before, and is not now. */
function encryptionLost(now: string, before: BackupSet | undefined): string[] {
  const then = before?.manifest.versions.TLS;
  if (!wasEncrypted(then) || wasEncrypted(now)) return [];
  return [
    `the connection to the database was not encrypted, as it was for ${
      before!.name
    } (${then}): switch TLS on again, and write database.sslmode: require, so that this cannot happen`,
  ];
}

interface TakenDatabase
  extends Pick<Taken, "db" | "identity" | "versions" | "register" | "seen" | "lastChange" | "erpVersion"> {
  tables: readonly RecordedTable[];
  lost: readonly string[];
  warnings?: readonly string[];
}

function joined(
  { db, identity, versions, register, seen, lastChange, erpVersion, tables, lost, warnings: ofDatabase = [] }:
    TakenDatabase,
  docs: Manifest["docs"],
  warnings: string[],
  { set }: HalvesOptions,
  source: OpenEnvironment,
): Taken {
  const own = new Set(objectKeysOf(source.name, set));
  const objects = [...db.objects, ...docs.objects, docs.index, ...(register ? [register] : [])];
  const named = objects.map(({ key }) => key);
  return {
    db,
    docs,
    identity,
    versions,
    ...(register ? { register } : {}),
    ...(seen ? { seen } : {}),
    ...(lastChange ? { lastChange } : {}),
    ...(erpVersion === undefined ? {} : { erpVersion }),
    warnings: [...ofDatabase, ...warnings],
    state: { tables, files: docs.files },
    lost,
    made: new Set(named.filter((key) => own.has(key))),
  };
}

async function takeDatabase(
  source: OpenEnvironment,
  snapshot: Awaited<ReturnType<typeof openSnapshot>>,
  store: Store,
  { force, set, started, earlier, registers: { registers, good }, known, reporter }:
    & HalvesOptions
    & { registers: EarlierRegisters },
  signal: AbortSignal,
): Promise<TakenDatabase & { named: NamedDocuments }> {
  const [key, , , registerAt] = objectKeysOf(source.name, set);
  const { half, tables, identity, versions, named, lastChange, erpVersion, register, lost, reused } =
    await backupDatabase(
      readingLogin(source),
      snapshot,
      {
        store,
        key,
        register: { environment: source.name, set, earlier: registers, ...(good ? { good } : {}) },
        find: (fingerprint) =>
          force ? { why: "--force" } : reusableDatabase(fingerprint, earlier, known, started),
        reporter,
        signal,
      },
    );
  const encryption = encryptionText(snapshot.session.encryption, source.database.tls);
  const madeBy = earlier.find(({ name }) => name === reused?.from)?.manifest.versions.pg_dump;
  return {
    db: half,
    tables,
    lost,
    ...(lastChange ? { lastChange } : {}),
    ...(erpVersion === undefined ? {} : { erpVersion }),
    warnings: encryptionLost(encryption, earlier[0]),
    identity: {
      systemIdentifier: identity.systemIdentifier,
      databaseOid: identity.databaseOid,
      databaseName: identity.databaseName,
      owner: source.database.owner,
    },
    versions: { ...versions, TLS: encryption, ...(madeBy === undefined ? {} : { pg_dump: madeBy }) },
    named,
    ...(register
      ? {
        register: await putRegister(store, registerAt, register.bytes(), reporter, signal),
        seen: registerFindings(register),
      }
      : {}),
  };
}

async function takeDocuments(
  source: OpenEnvironment & Pick<DocumentFolders, "kept">,
  store: Store,
  options: HalvesOptions,
  signal: AbortSignal,
) {
  const { paranoid = false, set, earlier: [before], reporter } = options;
  const [, archive, index] = objectKeysOf(source.name, set);
  const why = await whyNoArchive(before, store, options, signal);
  return await backupDocuments(source, {
    store,
    keys: { archive, index },
    before: why === undefined && before ? before : { why: why ?? "" },
    paranoid,
    reporter,
    signal,
  });
}

/** Why the archive of the set `before` cannot be used again, whatever the documents hold; undefined where it can. */
async function whyNoArchive(
  before: BackupSet | undefined,
  store: Store,
  { force, known, started, reporter }: HalvesOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (force) return "--force";
  if (!before) return "it is the first set";
  const objects = [...before.manifest.docs.objects, before.manifest.docs.index];
  const why = whyNotReusable(objects, known);
  if (why !== undefined || isRecentlyProved(objects, known, started)) return why;
  try {
    await readBack("the archive, which no proof has read for a month", objects, store, reporter, signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof DrillError) || verdictOfCode(error.code) !== "fail") throw error;
    reporter.warn(`${error.message}: a new archive is made`);
    return error.message;
  }
}
