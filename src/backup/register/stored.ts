/** Registers in the store: the newest one that this night is compared with, and the one of this night. */

import { DrillError } from "../../base/errors.ts";
import { type Bytes, bytesOf } from "../../base/streams.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import type { StoredObject } from "../../store/records/manifest.ts";
import type { OpenRegister } from "../../store/records/register/text.ts";
import { readRegister } from "../../store/sets/register.ts";
import type { BackupSet } from "../../store/sets/sets.ts";
import type { Store } from "../../store/store.ts";
import { readBack, send } from "../upload.ts";

/** Codes that speak of one register, and not of the store. */
const OF_THE_REGISTER = ["OBJECT_CORRUPT", "OBJECT_MISSING", "STORE_NEWER"];

/**
 * The newest register among `sets` (newest first), suspect or not. Where a restore followed that set, the one of the set
 * that was restored is another that this night may be a continuation of.
 *
 * @returns none, one, or two of them; what cannot be used is told, and an older one taken.
 */
export async function readEarlierRegisters(
  store: Store,
  sets: readonly BackupSet[],
  reporter: Reporter,
): Promise<OpenRegister[]> {
  const read = async (among: readonly BackupSet[]) => {
    for (const set of among) {
      try {
        const register = await readRegister(store, set);
        if (register) return { set, register };
      } catch (error) {
        if (!(error instanceof DrillError) || !OF_THE_REGISTER.includes(error.code)) throw error;
        reporter.warn(`The register of ${set.environment}/${set.name} is passed over: ${error.message}`);
      }
    }
    return undefined;
  };
  const newest = await read(sets);
  if (!newest) return [];
  const { restoring } = newest.set.manifest;
  const restored = await read(sets.filter(({ name, environment }) => restoring === `${environment}/${name}`));
  return [newest.register, ...(restored ? [restored.register] : [])];
}

/** Puts the register beside the set's other objects, and reads it back. */
export async function putRegister(
  store: Store,
  key: string,
  data: Bytes,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<StoredObject> {
  const sent = await send(store, key, bytesOf(data));
  await readBack("the register", [sent], store, reporter, signal);
  return sent;
}
