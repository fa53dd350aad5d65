/** The form of what a drill found, as it lies in the store. Strict: an unknown field is an error. */

import { z } from "zod";

const timestamp = z.string().regex(/^\d{8}T\d{6}Z$/);
const count = z.number().int().nonnegative();
/** A duration in ms. */
const ms = z.number().nonnegative();
const side = z.union([z.string(), z.number()]);

const checkSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  part: z.enum(["backup", "data", "documents", "browser"]),
  required: z.boolean(),
  verdict: z.enum(["pass", "fail", "not_run"]),
  compared: z.strictObject({ expected: side, found: side, with: z.string() }).optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  hint: z.string().optional(),
  details: z.array(z.string()),
  ms,
  /** Of a picture what it shows, and its hash: the picture itself is in the page. */
  screenshots: z.array(z.strictObject({
    title: z.string(),
    url: z.string(),
    mediaType: z.string(),
    bytes: count,
    sha256: z.string(),
  })),
});

const setSchema = z.strictObject({
  /** `prod/20260630T155313Z` */
  name: z.string(),
  takenAt: z.string(),
  objects: z.array(z.strictObject({
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

export const storedDrillSchema = z.strictObject({
  format: z.literal(1),
  id: timestamp,
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  ms,
  verdict: z.enum(["pass", "fail", "not_run"]),
  exit: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(130)]),
  headline: z.string(),
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
  leftOut: z.array(z.strictObject({ what: z.string(), why: z.string() })),
  neutralised: z.array(z.strictObject({ what: z.string(), rows: count, why: z.string() })),
  marks: z.array(z.strictObject({ what: z.string(), seen: z.boolean() })),
  seed: z.string(),
  versions: z.record(z.string(), z.string()),
  phases: z.array(z.strictObject({ title: z.string(), ms })),
  checks: z.array(checkSchema),
  /** The older sets of that night. */
  rota: z.array(z.strictObject({
    set: z.string(),
    verdict: z.enum(["pass", "fail", "not_run"]),
    ms,
    message: z.string(),
  })).optional(),
  /** The negative control of that night. */
  control: z.strictObject({
    check: z.string(),
    by: z.string(),
    verdict: z.enum(["seen", "missed", "not_run"]),
    message: z.string(),
    ms,
    lastTried: z.iso.datetime().optional(),
  }).optional(),
  /** Who was told how it ended. */
  told: z.strictObject({ webhook: z.string().optional(), alive: z.string().optional() }).optional(),
  error: z.strictObject({
    code: z.string(),
    message: z.string(),
    hint: z.string(),
    details: z.array(z.string()),
  }).optional(),
});

/** What a drill found, without its pictures. */
export type StoredDrill = z.infer<typeof storedDrillSchema>;
