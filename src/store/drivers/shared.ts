/** What every driver of a store shares. */

import { DrillError } from "../../base/errors.ts";
import type { Bytes } from "../../base/streams.ts";

/** Where a folder's objects grow; names say whose they are, so that what a killed process left can be swept. */
export const UNFINISHED_SUFFIX = ".parts";

/** A key is a relative path of plain names: one that climbs out of the store is a defect of ours. */
export function checkedKey(key: string): string {
  const names = key.split("/");
  if (names.some((name) => name === "" || name === "." || name === "..") || names[0] === UNFINISHED_SUFFIX) {
    throw new DrillError(
      "INTERNAL",
      `Cannot use the key ${JSON.stringify(key)}: it leaves the store`,
      "Report it as a defect.",
    );
  }
  return key;
}

/** What a stream that is being stored failed with, once it did: that is told as it is, and not as the store's fault. */
export interface InputFailure {
  failed?: { error: unknown };
}

/** Passes `body` on, and remembers in `source` what it failed with. */
export async function* remembering(
  body: AsyncIterable<Bytes>,
  source: InputFailure,
): AsyncGenerator<Bytes, void, void> {
  try {
    yield* body;
  } catch (error) {
    source.failed = { error };
    throw error;
  }
}
