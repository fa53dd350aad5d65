/**
 * What a register says before its rows: of which set it is, which logs the ERP kept, and which rows of an earlier night
 * still stand against those of this one: `<env>/registers/<ts>.json.gz`.
 */

import { z } from "zod";
import { isTimestamp } from "../../../base/time.ts";
import { recordKind } from "../../../base/versioned_record.ts";

const setName = z.string().refine(isTimestamp);
const count = z.number().int().nonnegative();

/**
 * A row as an earlier night had it, where this night has it otherwise and nothing explains that; or where an invoice was
 * lawfully reopened, and is not validated again yet. Later nights are compared with this, and not with what took its place.
 */
const standing = z.object({
  table: z.string().min(1),
  id: z.number().int(),
  /** The earlier line; null: there was none, and the row of this night was put in unexplained. */
  was: z.string().nullable(),
  /** The set that had it so; of a row that was put in the last one without it. */
  in: setName,
  /** The first set that has it otherwise; absent where the version that wrote the first register did not record it. */
  since: setName.optional(),
  /** `reopened`: lawfully open. `unexplained`: a finding until it is again what it was. */
  why: z.enum(["reopened", "unexplained"]),
});

/** What the columns of a table held: name and type of each, and how many rows fill it. */
const filledTable = z.object({
  table: z.string().min(1),
  rows: count,
  columns: z.array(z.string()),
  filled: z.array(count),
}).refine(({ columns, filled }) => columns.length === filled.length, "columns and filled differ in length");

/** What a loss that leaves every row where it was is seen by. */
const shape = z.object({
  /** Of Dolibarr. */
  version: z.string(),
  /** Of Dolibarr's own: `year(date)`. */
  functions: z.array(z.string()),
  triggers: z.array(z.object({ table: z.string(), name: z.string() })),
  filled: z.array(filledTable),
});

const fields = z.object({
  environment: z.string().min(1),
  set: setName,
  /** The set that it was compared with; absent where none before has a register. */
  comparedWith: setName.optional(),
  /** What the hash of a row depends on, beside its columns. */
  algorithm: z.string().min(1),
  settings: z.record(z.string(), z.string()),
  logs: z.object({
    highestEvent: count,
    highestLogLine: count,
    unalterable: z.boolean(),
    agenda: z.array(z.string()),
  }),
  standing: z.array(standing),
  /** Tables that could not be read as in the register before: their rows are those of an earlier night. */
  notCompared: z.array(z.string()).optional(),
  /** What differed and is explained, or cannot be judged: a sentence each. */
  notes: z.array(z.string()),
  /** Absent in registers of earlier versions, and where the database did not let it be read. */
  shape: shape.optional(),
});

export const registerRecord = recordKind({
  name: "a register of ours",
  format: 1,
  minReader: 1,
  fields,
  damaged: {
    code: "OBJECT_CORRUPT",
    hint:
      "It was damaged or changed. The set itself is not affected: the next backup is compared with an older one.",
  },
});

export type RegisterHead = z.infer<typeof fields>;
export type StandingRow = z.infer<typeof standing>;

/** What a part says before its rows. */
export const partHead = z.object({
  table: z.string().min(1),
  columns: z.array(z.string()),
  values: z.array(z.string()),
  /** The hash of what the rows are made from: two parts that agree in it have the same rows. */
  content: z.string(),
});

export type RegisterPart = z.infer<typeof partHead>;
