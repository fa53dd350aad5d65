/** The form of a drill's record: what the drill found, without its pictures. */

import { z } from "zod";
import { recordKind } from "../../base/versioned_record.ts";
import { findingSchema } from "./finding_schema.ts";

const timestamp = z.string().regex(/^\d{8}T\d{6}Z$/);
const count = z.number().int().nonnegative();
/** A duration in ms. */
const ms = z.number().nonnegative();
const side = z.union([z.string(), z.number()]);

const checkSchema = z.object({
  id: z.string(),
  title: z.string(),
  part: z.enum(["backup", "data", "documents", "browser"]),
  /** What it judges: what was restored, or the ERP as it was backed up. Absent before it was told apart. */
  judges: z.enum(["restore", "books"]).optional(),
  required: z.boolean(),
  verdict: z.enum(["pass", "fail", "not_run"]),
  compared: z.object({ expected: side, found: side, with: z.string() }).optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  hint: z.string().optional(),
  details: z.array(z.string()),
  /** What a check of the books found, also where a person has accepted it. Absent before findings were told one by one. */
  findings: z.array(findingSchema).optional(),
  ms,
  /** Of a picture what it shows, and its hash: the picture itself is in the page. */
  screenshots: z.array(z.object({
    title: z.string(),
    url: z.string(),
    mediaType: z.string(),
    bytes: count,
    sha256: z.string(),
  })),
});

const setSchema = z.object({
  /** `prod/20260630T155313Z` */
  name: z.string(),
  takenAt: z.string(),
  accepted: z.string().optional(),
  objects: z.array(z.object({
    half: z.enum(["db", "docs"]),
    key: z.string(),
    bytes: count,
    sha256: z.string().optional(),
  })),
  tables: count,
  rows: count,
  files: count,
  documentBytes: count,
});

const fields = z.object({
  id: timestamp,
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  ms,
  verdict: z.enum(["pass", "fail", "not_run"]),
  exit: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(130)]),
  headline: z.string(),
  /** Whose fault it is that it did not pass. Absent where it passed, and before it was told. */
  culprit: z.enum(["backup", "erp", "sandbox", "tool"]).optional(),
  lab: z.boolean(),
  erp: z.enum(["real", "stand-in"]),
  /** How deep it looked. */
  level: z.enum(["fast", "standard", "deep"]),
  banner: z.string().optional(),
  company: z.string(),
  from: z.string(),
  into: z.string(),
  set: setSchema.optional(),
  restoreMs: ms.optional(),
  invoicesOpened: count.optional(),
  leftOut: z.array(z.object({ what: z.string(), why: z.string() })),
  neutralised: z.array(z.object({ what: z.string(), rows: count, why: z.string() })),
  /** The names of values whose key no backup holds. */
  encrypted: z.array(z.string()).optional(),
  /** How the documents' owner could write what a run after a crash believes. */
  reachedState: z.string().optional(),
  marks: z.array(z.object({ what: z.string(), seen: z.boolean() })),
  seed: z.string(),
  versions: z.record(z.string(), z.string()),
  phases: z.array(z.object({ title: z.string(), ms })),
  checks: z.array(checkSchema),
  /** Findings that were accepted and are gone since the drill before. */
  mended: z.array(findingSchema).optional(),
  /** The older sets of that night. */
  rota: z.array(z.object({
    set: z.string(),
    verdict: z.enum(["pass", "fail", "not_run"]),
    ms,
    message: z.string(),
  })).optional(),
  /** The negative control of that night. */
  control: z.object({
    check: z.string(),
    by: z.string(),
    verdict: z.enum(["seen", "missed", "not_run"]),
    message: z.string(),
    ms,
    lastTried: z.iso.datetime().optional(),
  }).optional(),
  /** Which notifications were sent. */
  told: z.object({ webhook: z.string().optional(), alive: z.string().optional() }).optional(),
  error: z.object({
    code: z.string(),
    message: z.string(),
    hint: z.string(),
    details: z.array(z.string()),
  }).optional(),
});

/** Format 2 names the least reader; tools that know only format 1 refuse any field that they do not know. */
export const drillRecord = recordKind({
  name: "the record of a drill",
  format: 2,
  minReader: 2,
  fields,
  damaged: { code: "STORE_FORMAT", hint: "It was damaged or changed by hand. Nothing was changed." },
});

/** What a drill found, without its pictures. */
export type StoredDrill = z.infer<typeof fields>;
