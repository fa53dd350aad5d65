/** A manifest: what makes a backup set exist. Pure: reading is strict, writing is canonical. */

import { z } from "zod";
import { DrillError } from "../../base/errors.ts";
import { isTimestamp, timestampOf } from "../../base/time.ts";

/** Manifests of a higher number are refused: what we do not know we must not delete or restore. */
export const MANIFEST_FORMAT = 1;

const timestamp = z.string().refine(isTimestamp, "a UTC timestamp such as 20260630T155313Z");
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "a SHA-256 in lower-case hex");
const count = z.number().int().nonnegative();

const storedObject = z.strictObject({ key: z.string().min(1), bytes: count, sha256 });

const tableContent = z.strictObject({
  /** Schema and name, each as PostgreSQL's quote_ident writes it: `public.llx_facture`. */
  table: z.string().min(1),
  rows: count,
  /** The decimal text of a sum that outgrows 64 bits. */
  hash: z.string().regex(/^-?\d+$/),
});

const content = z.strictObject({
  /** How `hash` was made; a hash of another algorithm is never compared with it. */
  algorithm: z.string().min(1),
  /** What the text of a row depends on: DateStyle, TimeZone, ... */
  settings: z.record(z.string(), z.string()),
  tables: z.array(tableContent),
});

const fingerprint = z.strictObject({ algorithm: z.string().min(1), value: z.string().min(1) });

export const manifestSchema = z.strictObject({
  format: z.literal(MANIFEST_FORMAT),
  set: timestamp,
  environment: z.string().min(1),
  kind: z.enum(["scheduled", "before-restore"]),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  /** This tool's and its programs' versions: dolibarr-drill, server, pg_dump, dolibarr. */
  versions: z.record(z.string(), z.string()),
  /** Who the source was, so that a target can be told from it while it is down (DESIGN, rule 1). */
  identity: z.strictObject({
    systemIdentifier: z.string().regex(/^\d+$/),
    databaseOid: z.string().regex(/^\d+$/),
    databaseName: z.string().min(1),
    owner: z.string().min(1),
  }),
  db: z.strictObject({ objects: z.array(storedObject).min(1), content, fingerprint: fingerprint.optional() }),
  docs: z.strictObject({
    objects: z.array(storedObject).min(1),
    index: storedObject,
    files: count,
    bytes: count,
    fingerprint: fingerprint.optional(),
  }),
  warnings: z.array(z.string()),
  /** Why the state that was backed up looks lost; empty for a good set. */
  suspect: z.array(z.string()),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type StoredObject = z.infer<typeof storedObject>;
export type RecordedTable = z.infer<typeof tableContent>;
export type DatabaseIdentity = Manifest["identity"];

export const manifestKey = (environment: string, set: string): string =>
  `${environment}/manifests/${set}.json`;

/** The manifest as the bytes that are stored. */
export const writeManifest = (manifest: Manifest): string =>
  JSON.stringify(manifestSchema.parse(manifest), null, 2) + "\n";

/**
 * Reads a manifest's text strictly.
 * @throws DrillError `STORE_NEWER` for a newer format; `STORE_FORMAT` for an unknown field, another set's name, or no JSON.
 */
export function readManifest(text: string, key: string): Manifest {
  const value = parseJson(text, key);
  const format = formatOf(value);
  if (typeof format === "number" && format > MANIFEST_FORMAT) {
    throw new DrillError(
      "STORE_NEWER",
      `Cannot read ${key}: it is of format ${format}, this version knows ${MANIFEST_FORMAT}`,
      "A newer dolibarr-drill wrote it. Update this one; nothing was changed.",
    );
  }
  const read = manifestSchema.safeParse(value);
  if (!read.success) {
    throw new DrillError(
      "STORE_FORMAT",
      `Cannot read ${key}: it is not a manifest of ours`,
      "It was damaged or changed by hand. Compare it with docs/store.md; the objects that it names are untouched.",
      { details: read.error.issues.map((issue) => `${issue.path.join(".") || "(top)"}: ${issue.message}`) },
    );
  }
  if (manifestKey(read.data.environment, read.data.set) !== key) {
    throw new DrillError(
      "STORE_FORMAT",
      `Cannot trust ${key}: it says that it is ${read.data.environment}/${read.data.set}`,
      "It was copied or renamed. Put it back under its own name, or remove the copy.",
    );
  }
  const { set, startedAt, endedAt } = read.data;
  if (timestampOf(new Date(startedAt)) !== set || endedAt < startedAt) {
    throw new DrillError(
      "STORE_FORMAT",
      `Cannot trust ${key}: it says that it was begun at ${startedAt} and ended at ${endedAt}`,
      "A set is named after the second in which it was begun. It was changed by hand, or copied.",
    );
  }
  return read.data;
}

function parseJson(text: string, key: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DrillError(
      "STORE_FORMAT",
      `Cannot read ${key}: it is not JSON`,
      "It was damaged. The objects that it named are untouched.",
      { cause: error },
    );
  }
}

const formatOf = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "format" in value ? value.format : undefined;
