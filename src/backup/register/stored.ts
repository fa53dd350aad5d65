/** Registers in the store: the newest one that this night is compared with, and the one of this night. */

import { DrillError } from "../../base/errors.ts";
import { type Bytes, bytesOf } from "../../base/streams.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import type { StoredObject } from "../../store/records/manifest.ts";
import type { OpenRegister } from "../../store/records/register/text.ts";
import { readRegister } from "../../store/sets/register.ts";
import { type BackupSet, suspectOf } from "../../store/sets/sets.ts";
import type { Store } from "../../store/store.ts";
import { readBack, send } from "../upload.ts";
import type { ShapeOfSet } from "./shape.ts";

/** Codes that speak of one register, and not of the store. */
const OF_THE_REGISTER = ["OBJECT_CORRUPT", "OBJECT_MISSING", "STORE_NEWER"];

/** What earlier nights tell of this one. */
export interface EarlierRegisters {
  /** None, one, or two of them: that of the newest set, and that of a set that production may have been set back to. */
  registers: OpenRegister[];
  /** What the columns held in the newest good set that has a register. */
  good?: ShapeOfSet;
}

/**
 * The newest register among `sets` (newest first), suspect or not. Where a restore followed that set, the one of the set
 * that was restored is another that this night may be a continuation of. What cannot be used is told, and an older one taken.
 */
export async function readEarlierRegisters(
  store: Store,
  sets: readonly BackupSet[],
  reporter: Reporter,
): Promise<EarlierRegisters> {
  const known = new Map<string, OpenRegister | undefined>();
  const read = async (among: readonly BackupSet[]) => {
    for (const set of among) {
      if (!known.has(set.name)) known.set(set.name, await readUsable(store, set, reporter));
      const register = known.get(set.name);
      if (register) return { set, register };
    }
    return undefined;
  };
  const newest = await read(sets);
  if (!newest) return { registers: [] };
  const { restoring } = newest.set.manifest;
  const restored = await read(sets.filter(({ name, environment }) => restoring === `${environment}/${name}`));
  const good = await read(sets.filter((set) => suspectOf(set).length === 0));
  const shape = good?.register.head.shape;
  return {
    registers: [newest.register, ...(restored ? [restored.register] : [])],
    ...(good && shape ? { good: { set: `${good.set.environment}/${good.set.name}`, shape } } : {}),
  };
}

/** The register of `set`; undefined where it has none, and, with a warning, where it cannot be used. */
async function readUsable(
  store: Store,
  set: BackupSet,
  reporter: Reporter,
): Promise<OpenRegister | undefined> {
  try {
    return await readRegister(store, set);
  } catch (error) {
    if (!(error instanceof DrillError) || !OF_THE_REGISTER.includes(error.code)) throw error;
    reporter.warn(`The register of ${set.environment}/${set.name} is passed over: ${error.message}`);
    return undefined;
  }
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
