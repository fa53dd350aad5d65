/**
 * An upload that is trusted only after it was read back: a store may hold other bytes than it was given (docs/facts.md,
 * "S3 services").
 */

import { DrillError } from "../base/errors.ts";
import { type Bytes, type Digest, digestOf, hashed } from "../base/streams.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { formatCount, formatNumber } from "../base/numbers.ts";
import type { Programs } from "../postgres/programs/programs.ts";
import type { RecordedTable, StoredObject } from "../store/records/manifest.ts";
import type { Store } from "../store/store.ts";
import { readDump } from "./read_objects.ts";

/** Puts `body` under `key`. @returns what was sent, which is not yet proved to be what the store holds. */
export async function send(
  store: Store,
  key: string,
  body: AsyncIterable<Bytes>,
  onBytes?: (bytes: number) => void,
): Promise<StoredObject> {
  const sending = hashed(body, onBytes);
  await store.put(key, sending.stream);
  return { key, ...sending.digest() };
}

/**
 * Reads every byte of what was sent once, and compares their number and SHA-256 with ours (not with what the driver says).
 *
 * @param what for the progress: "the archive".
 * @throws DrillError `UPLOAD_DIFFERS`; the object is then deleted by the run that made it.
 */
export async function readBack(
  what: string,
  sent: readonly StoredObject[],
  store: Store,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  using step = reporter.step(`Reading back ${what}`, "bytes");
  const total = sent.reduce((sum, { bytes }) => sum + bytes, 0);
  let before = 0;
  for (const object of sent) {
    const stored = await digestOf(store.get(object.key), (bytes) => {
      signal.throwIfAborted();
      step.progress(before + bytes, total);
    });
    refuseOtherBytes(object, stored);
    before += object.bytes;
  }
  step.end("equal to what was sent");
}

/**
 * The same for a dump, which pg_restore reads to its end in that same pass: each table must have the rows that were
 * counted in the snapshot.
 * @throws DrillError `UPLOAD_DIFFERS`, `DUMP_UNREADABLE`.
 */
export async function readBackDump(
  sent: StoredObject,
  tables: readonly RecordedTable[],
  programs: Programs,
  store: Store,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  using step = reporter.step("Reading back the dump", "bytes");
  const onBytes = (bytes: number) => step.progress(bytes, sent.bytes);
  const reading = await readDump(store, sent.key, programs, { signal, onBytes });
  refuseOtherBytes(sent, { bytes: reading.bytes, sha256: reading.sha256 ?? "missing" });
  const wrong = tables.find(({ table, rows }) => reading.rows?.get(table) !== rows);
  if (reading.problem ?? wrong) {
    throw new DrillError(
      "DUMP_UNREADABLE",
      `Cannot trust the dump that was just made: ${
        reading.problem ??
          `${wrong?.table} has ${formatCount(reading.rows?.get(wrong?.table ?? "") ?? 0, "row")} in it, ${
            formatNumber(wrong?.rows ?? 0)
          } were counted`
      }`,
      "No set was made of it. Run the backup again; if it happens again, check the version of pg_dump, and the row security of that table.",
    );
  }
  step.end("equal to what was sent, and read to its end");
}

function refuseOtherBytes(sent: StoredObject, stored: Digest): void {
  if (stored.bytes === sent.bytes && stored.sha256 === sent.sha256) return;
  throw new DrillError(
    "UPLOAD_DIFFERS",
    `Cannot trust ${sent.key}: the store holds ${formatCount(stored.bytes, "byte")} (${
      stored.sha256.slice(0, 12)
    }), ${formatCount(sent.bytes, "byte")} (${sent.sha256.slice(0, 12)}) were sent`,
    "The store, or something on the way to it, changes bytes. No set was made of it. Run the backup again; if it happens again, check the store.",
  );
}
