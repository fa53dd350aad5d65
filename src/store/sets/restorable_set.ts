/** What a restore reads and compares with: recorded in a manifest, or, of a legacy set, found while reading. Pure. */

import { DrillError } from "../../base/errors.ts";
import { PROGRAM } from "../../base/program_name.ts";
import type { Finding } from "../records/finding_schema.ts";
import type {
  DatabaseIdentity,
  RecordedHash,
  RecordedSettings,
  RecordedTable,
  StoredObject,
} from "../records/manifest.ts";
import { acceptedInWords, type AnySet, isLegacy, missingHalves, seenAt, suspectOf, takenAt } from "./sets.ts";

/** An object in the store; without a hash where none was recorded. */
export type RestorableObject = Omit<StoredObject, "sha256"> & { sha256?: string };

export interface RestorableSet {
  /** `20260630T155313Z` */
  name: string;
  environment: string;
  takenAt: Date;
  /** When its backup was done; not known of a set of the old script. */
  endedAt?: Date;
  /** When each half was last read from the ERP, the older of the two: its age counts from then. */
  seenAt: Date;
  /** The database that it was taken from; not known of a legacy set. */
  identity?: DatabaseIdentity;
  dump: RestorableObject;
  archive: RestorableObject;
  /** Of the archive; without it the archive is read twice, first for what is in it. */
  index?: StoredObject;
  /** What the tables held when they were dumped; without it the rows of the dump are counted while they are loaded. */
  tables?: readonly RecordedTable[];
  /** How they were hashed. */
  hash?: RecordedHash;
  /** What the database and its roles were set to, which no dump has. */
  settings?: RecordedSettings;
  /** Of the documents, as recorded. */
  files?: number;
  documentBytes?: number;
  /** By name: `pg_dump`, `server`. */
  versions: Record<string, string>;
  /** When people last changed something in its database; not known of a set of an earlier version. */
  lastChange?: Date;
  /** What its backup found wrong with the ERP; not known of a set of the old script. */
  findings?: readonly Finding[];
  /** What its backup looked for, as `CHECK/KIND`. */
  covers?: readonly string[];
  /** Papers that its archive lacks, because they were written, moved or deleted while the backup ran. */
  meanwhile?: readonly string[];
  /** Why the state that was backed up looked lost. */
  suspect: readonly string[];
  /** That a person says it is right all the same, in words. */
  accepted?: string;
}

/** @throws DrillError `OBJECT_MISSING` for a legacy set of which one half was never taken. */
export function restorableSetOf(set: AnySet): RestorableSet {
  const common = { name: set.name, environment: set.environment, seenAt: seenAt(set) };
  if (!isLegacy(set)) {
    const { db, docs, identity, versions, startedAt, endedAt, lastChange, findings } = set.manifest;
    const accepted = acceptedInWords(set);
    return {
      ...common,
      takenAt: new Date(startedAt),
      endedAt: new Date(endedAt),
      identity,
      dump: db.objects[0]!,
      archive: docs.objects[0]!,
      index: docs.index,
      tables: db.content.tables,
      hash: { algorithm: db.content.algorithm, settings: db.content.settings },
      ...(db.settings ? { settings: db.settings } : {}),
      files: docs.files,
      documentBytes: docs.bytes,
      versions,
      ...(lastChange === undefined ? {} : { lastChange: new Date(lastChange) }),
      ...(findings ? { findings: findings.findings, covers: findings.covers } : {}),
      ...(findings?.meanwhile ? { meanwhile: findings.meanwhile } : {}),
      suspect: suspectOf(set),
      ...(accepted === undefined ? {} : { accepted }),
    };
  }
  const { db, docs } = set.legacy;
  if (db && docs) {
    return { ...common, takenAt: takenAt(set), dump: db, archive: docs, versions: {}, suspect: [] };
  }
  throw new DrillError(
    "OBJECT_MISSING",
    `Cannot restore ${set.environment}/${set.name}: ${missingHalves(set)[0]}`,
    `Take another set: ${PROGRAM} list`,
  );
}

/** The objects with what was recorded of each. */
export const recordedObjects = ({ dump, archive, index }: RestorableSet): RestorableObject[] => [
  dump,
  archive,
  ...(index ? [index] : []),
];
