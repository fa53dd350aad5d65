/** What every driver of a store shares. */

import { DrillError } from "../../base/errors.ts";
import type { Bytes } from "../../base/streams.ts";

/** Where a folder's objects are written first; their names say by which process, so that a killed one's are removed. */
export const UNFINISHED_SUFFIX = ".parts";

/** A key is a relative path of plain names: one that leads out of the store is a defect of ours. */
export function checkedKey(key: string): string {
  const names = key.split("/");
  if (names.some((name) => name === "" || name === "." || name === "..") || names[0] === UNFINISHED_SUFFIX) {
    throw new DrillError(
      "INTERNAL",
      `Cannot use the key ${JSON.stringify(key)}: it leads out of the store`,
      "Report it as a defect.",
    );
  }
  return key;
}

/** What the stream that is being stored failed with: it is reported as it is, not as a failure of the store. */
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
