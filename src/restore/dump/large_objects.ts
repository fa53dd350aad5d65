/** How many large objects must be there after a load. */

import { DrillError } from "../../base/errors.ts";
import { PROGRAM } from "../../base/program_name.ts";
import { COUNT_LARGE_OBJECTS_SQL } from "../../postgres/programs/large_objects.ts";
import type { Ask } from "../../postgres/connection/session.ts";
import type { RestorePlan } from "./filter.ts";

/**
 * No manifest says what large objects a dump holds, so it is the dump that is asked: as many must be there as its bytes
 * were `written` for (unknown where pg_restore loads by itself), and as its table of contents has, where that names each (before pg_dump 17).
 */
export async function refuseOtherLargeObjects(
  ask: Ask,
  set: string,
  { included }: RestorePlan,
  written?: number,
): Promise<void> {
  const found = await ask<number>(COUNT_LARGE_OBJECTS_SQL);
  const named = included.some(({ kind }) => kind === "BLOB METADATA")
    ? written ?? found
    : included.filter(({ kind }) => kind === "BLOB").length;
  if (found === named && found === (written ?? found)) return;
  throw new DrillError(
    "CONTENT_DIFFERS",
    `Cannot accept the restore of ${set}: ${found} large objects, the dump names ${named}${
      written === undefined ? "" : ` and has the bytes of ${written}`
    }`,
    `The restore was undone: the target is what it was. Take another set: ${PROGRAM} list`,
  );
}
