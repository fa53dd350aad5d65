/** A record in a small file that shows by itself whether it is whole: the record with the hash of what it holds. */

import type { z } from "zod";
import { writeWhole } from "./files.ts";
import {
  checkedBody,
  damaged,
  damagedBy,
  parseJson,
  readBody,
  type RecordKind,
  refuseNewer,
  versionOf,
} from "./versioned_record.ts";
import { sha256Of } from "./streams.ts";

/** Writes it whole or not at all. `sync`: it is on the disk when this returns. */
export async function writeSealed<Fields extends z.ZodObject>(
  path: string,
  kind: RecordKind<Fields>,
  body: z.input<Fields>,
  { sync = true } = {},
): Promise<void> {
  const holds = checkedBody(kind, body);
  const sealed = { ...versionOf(kind), sha256: sha256Of(JSON.stringify(holds)), holds };
  await writeWhole(path, JSON.stringify(sealed) + "\n", { sync, formerSuffix: ".partial" });
}

/**
 * What `writeSealed` wrote; undefined where there is no such file.
 * @throws DrillError `STORE_NEWER` when a newer version wrote it; the kind's own code when it is not what was written.
 */
export async function readSealed<Fields extends z.ZodObject>(
  path: string,
  kind: RecordKind<Fields>,
): Promise<z.output<Fields> | undefined> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw damagedBy(kind, path, error);
  }
  const value = parseJson(kind, text, path);
  refuseNewer(kind, value, path);
  const { sha256, holds } = value as { sha256?: unknown; holds?: unknown };
  if (sha256 !== sha256Of(JSON.stringify(holds) ?? "")) {
    throw damaged(kind, path, "its content is not the one that was written");
  }
  return readBody(kind, holds, path);
}
