/** An upload that is believed only after it was read back: stores have kept other bytes than they were given (FACTS). */

import { DrillError } from "../base/errors.ts";
import type { Reporter } from "../base/reporter.ts";
import { type Bytes, type Digest, digestOf, hashed } from "../base/streams.ts";
import type { StoredObject } from "../store/manifest.ts";
import type { Store } from "../store/store.ts";

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
 * @param what for the progress: "the dump".
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
    const kept = await digestOf(store.get(object.key), (bytes) => {
      signal.throwIfAborted();
      step.progress(before + bytes, total);
    });
    refuseOther(object, kept);
    before += object.bytes;
  }
  step.end("equal to what was sent");
}

function refuseOther(sent: StoredObject, kept: Digest): void {
  if (kept.bytes === sent.bytes && kept.sha256 === sent.sha256) return;
  throw new DrillError(
    "UPLOAD_DIFFERS",
    `Cannot trust ${sent.key}: the store holds ${kept.bytes} bytes (${
      kept.sha256.slice(0, 12)
    }), ${sent.bytes} bytes (${sent.sha256.slice(0, 12)}) were sent`,
    "The store or the way to it changes bytes. No set was made of it. Run it again; if it comes again, look at the store.",
  );
}
