/** The half that is not taken: that of an earlier set, taken over unread (`backup --half`). */

import { DrillError } from "../base/errors.ts";
import { readSmall } from "../base/streams.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { readIndex } from "../documents/index.ts";
import type { OpenEnvironment } from "../platform/environment.ts";
import type { Inventory } from "../store/sets/inventory.ts";
import { type BackupSet, suspectOf } from "../store/sets/sets.ts";
import type { Store } from "../store/store.ts";
import { keepingAsBefore } from "./named_files.ts";
import { lostSince } from "./register/shape.ts";
import { readEarlierRegisters } from "./register/stored.ts";
import { whyNotReusable, whyTooOld } from "./reuse.ts";

interface EarlierSets {
  /** Sets with a manifest, newest first. */
  earlier: readonly BackupSet[];
  known: Pick<Inventory, "objects" | "everDamaged" | "sets" | "proofs">;
  started: Date;
}

/**
 * The newest set, whose other half is taken over unread.
 * @throws DrillError `NO_SET` when there is none, `OBJECT_MISSING` when its objects cannot be used again.
 */
export function otherHalf(
  environment: string,
  half: "db" | "docs",
  { earlier: [newest], known, started }: EarlierSets,
): BackupSet {
  const other = half === "db" ? "documents" : "database";
  if (!newest) {
    throw new DrillError(
      "NO_SET",
      `Cannot take one half of ${environment} alone: there is no set whose ${other} it could be joined with`,
      "Take a whole set first: leave --half out.",
    );
  }
  const { db, docs } = newest.manifest;
  const objects = half === "db" ? [...docs.objects, docs.index] : db.objects;
  const why = whyNotReusable(objects, known) ?? (half === "docs" ? whyTooOld(objects, started) : undefined);
  if (why === undefined) return newest;
  throw new DrillError(
    "OBJECT_MISSING",
    `Cannot take over the ${other} of ${newest.name}: ${why}`,
    "Take a whole set: leave --half out.",
  );
}

/**
 * Why the database of `other`, which is taken over unread, looks lost although its rows are there: as its own register tells,
 * or that of the set whose dump it names.
 */
export async function lostBefore(
  other: BackupSet,
  store: Store,
  { earlier, reporter }: Pick<EarlierSets, "earlier"> & { reporter: Reporter },
): Promise<readonly string[]> {
  if (suspectOf(other).length === 0) return [];
  const isOf = ({ manifest: { db, register } }: BackupSet) =>
    register !== undefined && db.objects[0]?.key === other.manifest.db.objects[0]?.key;
  const { registers: [own] } = await readEarlierRegisters(store, earlier.filter(isOf), reporter);
  const { good } = await readEarlierRegisters(store, earlier, reporter);
  if (own) return lostSince(own.head.shape, good).reasons;
  return other.manifest.register ? other.manifest.suspect : []; // what made it suspect is not known any more
}

/** `source` with what the set before took although an exclude fits it. Whether its index is whole is judged where it is used. */
export async function asBefore(source: OpenEnvironment, { manifest: { docs } }: BackupSet, store: Store) {
  try {
    return keepingAsBefore(source, readIndex(await readSmall(store.get(docs.index.key)), docs.index.key));
  } catch (error) {
    if (error instanceof DrillError) return source;
    throw error;
  }
}

/** A half that was taken over unread has no fingerprint: whether the source still holds it is not known. */
export function unread<Half extends { fingerprint?: unknown }>(half: Half): Omit<Half, "fingerprint"> {
  const { fingerprint: _, ...rest } = half;
  return rest;
}
