/** An upload that is believed only after it was read back: stores have kept other bytes than they were given (FACTS). */

import { DrillError } from "../base/errors.ts";
import { type Bytes, digestOf, hashed } from "../base/streams.ts";
import type { StoredObject } from "../store/manifest.ts";
import type { Store } from "../store/store.ts";

/**
 * Puts `body` under `key`, reads it back once, and compares bytes and SHA-256 with what we sent (not with what the driver says).
 * @throws DrillError `UPLOAD_DIFFERS`; the object is then deleted by the run that made it.
 */
export async function putAndReadBack(
  store: Store,
  key: string,
  body: AsyncIterable<Bytes>,
  onBytes?: (bytes: number) => void,
): Promise<StoredObject> {
  const sending = hashed(body, onBytes);
  await store.put(key, sending.stream);
  const sent = sending.digest();
  const kept = await digestOf(store.get(key));
  if (kept.bytes === sent.bytes && kept.sha256 === sent.sha256) return { key, ...sent };
  throw new DrillError(
    "UPLOAD_DIFFERS",
    `Cannot trust ${key}: the store holds ${kept.bytes} bytes (${
      kept.sha256.slice(0, 12)
    }), ${sent.bytes} bytes (${sent.sha256.slice(0, 12)}) were sent`,
    "The store or the way to it changes bytes. No set was made of it. Run it again; if it comes again, look at the store.",
  );
}
