/** A manifest: what makes a backup set exist. Pure. */

import { z } from "zod";
import { DrillError } from "../../base/errors.ts";
import { readRecord, recordKind, schemaOf, writeRecord } from "../../base/versioned_record.ts";
import { isTimestamp, timestampOf } from "../../base/time.ts";
import { manifestKey } from "../keys.ts";
import { findingSchema } from "./finding_schema.ts";

const timestamp = z.string().refine(isTimestamp, "a UTC timestamp such as 20260630T155313Z");
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "a SHA-256 in lower-case hex");
const count = z.number().int().nonnegative();

const storedObject = z.object({ key: z.string().min(1), bytes: count, sha256 });

const tableContent = z.object({
  /** Schema and name, each as PostgreSQL's quote_ident writes it: `public.llx_facture`. */
  table: z.string().min(1),
  rows: count,
  /** A SHA-256 in lower-case hex; of the first algorithm the decimal text of a sum that outgrows 64 bits. */
  hash: z.string().regex(/^-?\d+$|^[0-9a-f]{64}$/),
});

const content = z.object({
  /** How `hash` was made; a hash of another algorithm is never compared with it. */
  algorithm: z.string().min(1),
  /** What the bytes of a row depend on: DateStyle, TimeZone, ... */
  settings: z.record(z.string(), z.string()),
  tables: z.array(tableContent),
});

const fingerprint = z.object({ algorithm: z.string().min(1), value: z.string().min(1) });

const settings = z.object({
  made: z.array(z.object({
    /** For whom: every session in the database, the owner role, the login of the backup, all roles of the server. */
    of: z.enum(["database", "owner", "login", "server"]),
    name: z.string().min(1),
    /** Absent for an application's own setting, which may hold a secret. */
    value: z.string().optional(),
  })),
  /** What decides how values are shown, sorted and found, as a session of the backup's login had it. */
  shown: z.record(z.string(), z.string()),
});

const fields = z.object({
  set: timestamp,
  environment: z.string().min(1),
  kind: z.enum(["scheduled", "before-restore"]),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  /** This tool's and its programs' versions: dolibarr-drill, server, pg_dump, dolibarr. */
  versions: z.record(z.string(), z.string()),
  /** The database that was dumped: a target is proved to be another one by it, also while production is down (docs/design.md, rule 1). */
  identity: z.object({
    systemIdentifier: z.string().regex(/^\d+$/),
    databaseOid: z.string().regex(/^\d+$/),
    databaseName: z.string().min(1),
    owner: z.string().min(1),
  }),
  db: z.object({
    objects: z.array(storedObject).min(1),
    content,
    fingerprint: fingerprint.optional(),
    /** What the database and its roles were set to, which no dump has. Absent in sets of earlier versions. */
    settings: settings.optional(),
  }),
  docs: z.object({
    objects: z.array(storedObject).min(1),
    index: storedObject,
    files: count,
    bytes: count,
    fingerprint: fingerprint.optional(),
  }),
  /** When people last changed something in the database, or signed in. Missing where it was not read or has no such rows. */
  lastChange: z.iso.datetime().optional(),
  /** What of the set the law keeps unchanged. Missing where the database was not read, and before there were registers. */
  register: storedObject.optional(),
  /** Of a set that was taken before a restore: the set that was to be restored, `prod/20260630T155313Z`. */
  restoring: z.string().min(1).optional(),
  warnings: z.array(z.string()),
  /** Why the state that was backed up looks lost; empty for a good set. */
  suspect: z.array(z.string()),
  /** What is wrong with the ERP, as far as the backup itself looked. Missing where it did not look. */
  findings: z.object({
    /** What was looked at, as `CHECK/KIND`: of these a finding that is not listed is not there. */
    covers: z.array(z.string()),
    findings: z.array(findingSchema.omit({ accepted: true })),
    /** Paths that rows name and the archive lacks, because they were written, moved or deleted while the backup ran. */
    meanwhile: z.array(z.string()).optional(),
  }).optional(),
});

/**
 * Format 2 names the least reader; tools that know only format 1 refuse any field that they do not know. Format 3 may name
 * another algorithm than the first: tools that know only format 2 would hash by that and call every table another one.
 */
export const manifestRecord = recordKind({
  name: "a manifest of ours",
  format: 3,
  minReader: 3,
  fields,
  damaged: {
    code: "STORE_FORMAT",
    hint:
      "It was damaged or changed by hand. Compare it with docs/store.md; the objects that it names are untouched.",
  },
});

export type Manifest = z.infer<typeof fields>;
export type StoredObject = z.infer<typeof storedObject>;
export type RecordedTable = z.infer<typeof tableContent>;
/** How the content of tables was hashed. */
export type RecordedHash = Omit<Manifest["db"]["content"], "tables">;
/** What a database and its roles were set to. */
export type RecordedSettings = NonNullable<Manifest["db"]["settings"]>;
export type DatabaseIdentity = Manifest["identity"];

/** The manifest as the bytes that are stored. */
export const writeManifest = (manifest: Manifest): string => writeRecord(manifestRecord, manifest);

/**
 * Reads a manifest's text.
 * @throws DrillError `STORE_NEWER` when a newer version wrote it; `STORE_FORMAT` when a field is missing or has another
 *   form, when it names another set, or is no JSON.
 */
export function readManifest(text: string, key: string): Manifest {
  const manifest = readRecord(manifestRecord, text, key);
  const { environment, set, startedAt, endedAt } = manifest;
  if (manifestKey(environment, set) !== key) {
    throw new DrillError(
      "STORE_FORMAT",
      `Cannot trust ${key}: it is the manifest of ${environment}/${set}`,
      "It was copied or renamed. Put it back under its own name, or remove the copy.",
    );
  }
  if (timestampOf(new Date(startedAt)) !== set || endedAt < startedAt) {
    throw new DrillError(
      "STORE_FORMAT",
      `Cannot trust ${key}: its backup started at ${startedAt} and ended at ${endedAt}`,
      "A set is named after the second in which its backup started. It was changed by hand, or copied.",
    );
  }
  return manifest;
}

/** Where the JSON Schema of a manifest lies, below the project's folder. */
export const MANIFEST_SCHEMA_FILE = "docs/manifest.schema.json";

/** The JSON Schema of a manifest as text: for those who read a store without this tool. */
export function manifestSchemaText(): string {
  const schema = {
    title: "The manifest of a backup set",
    description: "PREFIX/<environment>/manifests/<set>.json: what makes a backup set exist (docs/store.md)",
    ...z.toJSONSchema(schemaOf(manifestRecord), { io: "input" }),
  };
  return JSON.stringify(schema, null, 2) + "\n";
}
