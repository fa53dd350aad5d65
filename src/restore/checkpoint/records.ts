/** The records of a checkpoint: its name, its documents, what was found equal to it, and the reset note. */

import { z } from "zod";
import { PROGRAM } from "../../base/program_name.ts";
import { recordKind } from "../../base/versioned_record.ts";
import type { CatalogueAnswer } from "../../postgres/catalogue/catalogue.ts";
import type { ObservedFile, SavedEntry } from "./documents.ts";

const damaged = {
  code: "OBJECT_CORRUPT",
  hint:
    `It was damaged or changed. Nothing was changed because of it. Make a new checkpoint: ${PROGRAM} checkpoint`,
} as const;

/** `current.json`: the name of the valid checkpoint. */
export const currentRecord = recordKind({
  name: "the name of a checkpoint",
  format: 1,
  minReader: 1,
  /** Of its folder. */
  fields: z.object({ name: z.string().regex(/^[^/\0]+$/) }),
  damaged,
});

/** `documents.json`: the documents of a checkpoint. */
export const savedDocumentsRecord = recordKind({
  name: "a list of saved documents",
  format: 1,
  minReader: 1,
  fields: z.object({
    excludes: z.array(z.string()),
    /** There may be a million; the hash of the whole shows that they are as they were written. */
    entries: z.custom<SavedEntry[]>(Array.isArray),
  }),
  damaged,
});

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

/** `found.json`: what was last found equal to the checkpoint. It saves reading it again, and proves nothing. */
export const foundRecord = recordKind({
  name: "a list of what was found equal",
  format: 1,
  minReader: 1,
  fields: z.object({
    catalogue: z.custom<CatalogueAnswer["kinds"]>(isObject),
    /** By path. */
    files: z.custom<Record<string, ObservedFile>>(isObject),
  }),
  damaged,
});

export type Found = z.infer<typeof foundRecord.fields>;

/** `reset-began`: exists while a reset changes something. */
export const resetNote = recordKind({
  name: "the note of a reset",
  format: 1,
  minReader: 1,
  fields: z.object({ at: z.iso.datetime() }),
  damaged: {
    code: "OBJECT_CORRUPT",
    hint: `A reset was interrupted. Run it again: ${PROGRAM} reset`,
  },
});
