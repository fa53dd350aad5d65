/** The note that a workload was stopped by us: written before it is, removed when it runs again, found after a crash. */

import { join } from "node:path";
import { z } from "zod";
import { DrillError } from "../../base/errors.ts";
import { removeFileSync, unfinishedOf, writeError, writeWholeSync } from "../../base/files.ts";
import type { OwnFolder } from "../../base/own_folder.ts";
import { type Holder, isHolder } from "../../base/process/holder.ts";
import { damagedBy, readRecord, recordKind, writeRecord } from "../../base/versioned_record.ts";

const fields = z.object({
  environment: z.string(),
  /** When it was stopped first, ISO 8601, UTC: a second stop after a crash keeps it. */
  since: z.string(),
  /** Which process stopped it. */
  holder: z.custom<Holder>(isHolder),
  /** Whether it answered before; what was down is left down. */
  wasUp: z.boolean(),
  /** Why it must not come up by itself: it is not known on which state it would. */
  staysDown: z.string().optional(),
});

export const stoppedNote = recordKind({
  name: "the note of what was stopped",
  format: 1,
  minReader: 1,
  fields,
  damaged: {
    code: "STATE_REFUSED",
    hint:
      "An ERP may have been stopped and not started again. Remove this note when the ERP runs as it should.",
  },
});

export type StoppedRecord = z.infer<typeof fields>;

/** A note that was written; it may be written again with more in it. */
export interface StoppedNote {
  write(record: StoppedRecord): void;
}

/** The note among what is kept of an environment. */
export const STOPPED_NOTE_FILE = "stopped.json";

/**
 * Writes the note of an environment, whole or not at all.
 * @param state what is kept of it
 * @throws DrillError `STATE_REFUSED`, `DISK_FULL`: what cannot be noted must not be stopped.
 */
export function writeStopped(state: OwnFolder, record: StoppedRecord): StoppedNote {
  try {
    const file = join(state.make(), STOPPED_NOTE_FILE);
    const write = (record: StoppedRecord) => writeWholeSync(file, writeRecord(stoppedNote, record));
    write(record);
    return { write };
  } catch (error) {
    if (error instanceof DrillError) throw error;
    const why =
      "Nothing was stopped: without the note an ERP that a crash left stopped would not be started again.";
    throw writeError(`note that ${record.environment} is stopped`, error, {
      code: "STATE_REFUSED",
      room: `Make room for ${state.path}. ${why}`,
      hint: `This user must be able to write into ${state.path}. ${why}`,
    });
  }
}

/**
 * The note, or undefined where there is none: nothing of ours is stopped.
 * @throws DrillError `STATE_REFUSED` where it cannot be read or believed, `STORE_NEWER` when a newer version wrote it.
 */
export function readStopped(state: OwnFolder): StoppedRecord | undefined {
  const folder = state.existing();
  if (folder === undefined) return undefined;
  const file = join(folder, STOPPED_NOTE_FILE);
  let text: string;
  try {
    text = Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw damagedBy(stoppedNote, file, error);
  }
  return readRecord(stoppedNote, text, file);
}

/** It runs again, or need not. */
export function removeStopped(state: OwnFolder): void {
  const folder = state.existing();
  if (folder === undefined) return;
  const file = join(folder, STOPPED_NOTE_FILE);
  for (const left of [file, unfinishedOf(file)]) removeFileSync(left);
}
