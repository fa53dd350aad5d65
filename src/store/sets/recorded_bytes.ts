/** Whether what was read of an object is what was recorded when it was made. Pure. */

import { DrillError } from "../../base/errors.ts";
import { formatCount, formatNumber } from "../../base/numbers.ts";
import { PROGRAM } from "../../base/program_name.ts";

/** @throws DrillError `OBJECT_CORRUPT` when what was read is not what was recorded: its size, and the hash where there is one. */
export function refuseOtherBytes(
  { key, bytes, sha256 }: { key: string; bytes?: number; sha256?: string },
  read: { bytes: number; sha256: string },
): void {
  const what = bytes !== undefined && bytes !== read.bytes
    ? `it has ${formatCount(read.bytes, "byte")}, recorded at the backup were ${formatNumber(bytes)}`
    : sha256 !== undefined && sha256 !== read.sha256
    ? `its SHA-256 is ${read.sha256.slice(0, 16)}…, recorded at the backup was ${sha256.slice(0, 16)}…`
    : undefined;
  if (what === undefined) return;
  throw new DrillError(
    "OBJECT_CORRUPT",
    `Cannot trust ${key}: ${what}`,
    `The object was damaged or replaced in the store. Take another set: ${PROGRAM} list`,
  );
}
