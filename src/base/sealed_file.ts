/** A small file of ours that says itself whether it is whole: its content with the content's hash. */

import { DrillError, messageOf } from "./errors.ts";
import { sha256Of } from "./streams.ts";
import { writeWhole } from "./files.ts";

const FORMAT = 1;

interface Sealed {
  format: number;
  /** Of the JSON of `holds`. */
  sha256: string;
  holds: unknown;
}

/** Writes it whole or not at all. `sync`: it is on the disk when this returns. */
export async function writeSealed(path: string, holds: unknown, { sync = true } = {}): Promise<void> {
  const sealed: Sealed = { format: FORMAT, sha256: sha256Of(JSON.stringify(holds)), holds };
  await writeWhole(path, JSON.stringify(sealed) + "\n", { sync, formerSuffix: ".partial" });
}

/**
 * What `writeSealed` wrote; undefined where there is no such file.
 * @throws DrillError `OBJECT_CORRUPT` when it is not what was written, `STORE_NEWER` when a newer version wrote it.
 */
export async function readSealed<T>(path: string): Promise<T | undefined> {
  let sealed: Partial<Sealed> | null;
  try {
    sealed = JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw corrupt(path, messageOf(error), error);
  }
  const { format, sha256, holds } = sealed ?? {};
  if (typeof format === "number" && format > FORMAT) {
    throw new DrillError(
      "STORE_NEWER",
      `Cannot read ${path}: it is of format ${format}, this version knows ${FORMAT}`,
      "Update dolibarr-drill, or make it again with this version.",
    );
  }
  if (sha256 === sha256Of(JSON.stringify(holds) ?? "")) return holds as T;
  throw corrupt(path, "its content is not the one that was written");
}

const corrupt = (path: string, state: string, cause?: unknown) =>
  new DrillError(
    "OBJECT_CORRUPT",
    `Cannot trust ${path}: ${state}`,
    "It was damaged or changed. Nothing was changed because of it; make it again.",
    { cause },
  );
