/** The note that a workload was stopped by us: written before it is, gone when it runs again, found after a crash. */

import { dirname } from "node:path";
import { DrillError, messageOf } from "../../base/errors.ts";
import { removeFileSync, unfinishedOf, writeWholeSync } from "../../base/files.ts";
import { type Holder, isHolder } from "../../base/process/holder.ts";
import { notePlace, notePlaces, realRoot } from "../../documents/swap/hidden_places.ts";

export interface StoppedRecord {
  format: 1;
  environment: string;
  /** When it was stopped first, ISO 8601, UTC: a second stop after a crash keeps it. */
  since: string;
  /** Who stopped it. */
  holder: Holder;
  /** Whether it answered before; what was down is left down. */
  wasUp: boolean;
  /** Why it must not come up by itself: nobody knows what state it would come up on. */
  staysDown?: string;
}

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
      writeWholeSync(place, JSON.stringify(record) + "\n", { formerSuffix: FORMER });
    write(record);
    for (const other of Object.values(notePlaces(root))) if (other !== place) remove(other);
    return { write };
  } catch (error) {
    throw new DrillError(
      "DOCUMENTS_NOT_WRITABLE",
      `Cannot note that ${record.environment} is stopped: ${messageOf(error)}`,
      `Nothing was stopped. The folder above ${documents} must be writable, or that folder itself: after a crash nobody would know that it must be started again.`,
      { cause: error },
    );
  }
}

/**
 * The note, or undefined where there is none: nothing of ours is stopped.
 * @throws DrillError `DOCUMENTS_NOT_WRITABLE` where it cannot be read.
 */
export function readStopped(documents: string): StoppedRecord | undefined {
  const root = realRoot(documents);
  if (root === undefined) return undefined;
  const { beside, inside } = notePlaces(root);
  try {
    return read(inside) ?? read(beside);
  } catch (error) {
    throw new DrillError(
      "DOCUMENTS_NOT_WRITABLE",
      `Cannot read the note of what was stopped: ${messageOf(error)}`,
      `Look at ${beside} and ${inside}. Remove it when the ERP runs as it should.`,
      { cause: error },
    );
  }
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
    throw error;
  }
  const record = JSON.parse(text) as StoppedRecord;
  if (record.format !== 1) throw new Error(`${file} has the format ${record.format}, of a newer version`);
  if (!isHolder(record.holder) || typeof record.since !== "string" || typeof record.wasUp !== "boolean") {
    throw new Error(`${file} is not such a note`);
  }
  return record;
}

function remove(file: string): void {
  for (const left of [file, unfinishedOf(file), file + FORMER]) removeFileSync(left);
}

/** Behind what an earlier version of this tool left half written. */
const FORMER = ".half";
