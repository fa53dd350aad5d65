/** The note that a workload was stopped by us: written before it is, removed when it runs again, found after a crash. */

import { dirname } from "node:path";
import { z } from "zod";
import { DrillError, messageOf } from "../../base/errors.ts";
import { removeFileSync, unfinishedOf, writeWholeSync } from "../../base/files.ts";
import { type Holder, isHolder } from "../../base/process/holder.ts";
import { damagedBy, readRecord, recordKind, writeRecord } from "../../base/versioned_record.ts";
import { notePlace, notePlaces, realRoot } from "../../documents/swap/hidden_places.ts";

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
    code: "DOCUMENTS_NOT_WRITABLE",
    hint:
      "An ERP may have been stopped and not started again. Remove this note when the ERP runs as it should.",
  },
});

export type StoppedRecord = z.infer<typeof fields>;

/** A note that was written; it may be written again with more in it. */
export interface StoppedNote {
  write(record: StoppedRecord): void;
}

/**
 * Writes the note of the environment whose documents are `documents`, whole or not at all.
 * @throws DrillError `DOCUMENTS_NOT_WRITABLE`: what cannot be noted must not be stopped.
 */
export async function writeStopped(documents: string, record: StoppedRecord): Promise<StoppedNote> {
  try {
    const root = realRoot(documents);
    if (root === undefined) throw new Error(`${dirname(documents)} is not there`);
    const place = await notePlace(root);
    const write = (record: StoppedRecord) =>
      writeWholeSync(place, writeRecord(stoppedNote, record), { formerSuffix: FORMER });
    write(record);
    for (const other of Object.values(notePlaces(root))) if (other !== place) remove(other);
    return { write };
  } catch (error) {
    throw new DrillError(
      "DOCUMENTS_NOT_WRITABLE",
      `Cannot note that ${record.environment} is stopped: ${messageOf(error)}`,
      `Nothing was stopped. The folder above ${documents}, or that folder itself, must be writable: without the note an ERP that a crash left stopped would not be started again.`,
      { cause: error },
    );
  }
}

/**
 * The note, or undefined where there is none: nothing of ours is stopped.
 * @throws DrillError `DOCUMENTS_NOT_WRITABLE` where it cannot be read, `STORE_NEWER` when a newer version wrote it.
 */
export function readStopped(documents: string): StoppedRecord | undefined {
  const root = realRoot(documents);
  if (root === undefined) return undefined;
  const { beside, inside } = notePlaces(root);
  return read(inside) ?? read(beside);
}

/** It runs again, or need not. */
export function removeStopped(documents: string): void {
  const root = realRoot(documents);
  if (root !== undefined) Object.values(notePlaces(root)).forEach(remove);
}

function read(file: string): StoppedRecord | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw damagedBy(stoppedNote, file, error);
  }
  return readRecord(stoppedNote, text, file);
}

function remove(file: string): void {
  for (const left of [file, unfinishedOf(file), file + FORMER]) removeFileSync(left);
}

/** Behind what an earlier version of this tool left half written. */
const FORMER = ".half";
