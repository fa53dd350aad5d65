/** Whether a half that did not change can use an object of an earlier set again. Pure. */

import { CONTENT_HASH, isSameHash } from "../postgres/rows/content_algorithms.ts";
import { madeAt } from "../store/keys.ts";
import type { Manifest, StoredObject } from "../store/records/manifest.ts";
import type { Inventory } from "../store/sets/inventory.ts";
import { type BackupSet, objectsOfSet } from "../store/sets/sets.ts";
import { formatCount, formatNumber } from "../base/numbers.ts";

/**
 * In ms. A dump is used again for no longer: one bad object must not be a whole year's backup (docs/design.md, "How a
 * backup goes"). An archive may be used for longer, and is then read again.
 */
const DUMP_REUSED_FOR = 30 * 86_400_000;

type Known = Pick<Inventory, "objects" | "everDamaged">;

/** A half of an earlier set that can be used again, or why there is none. */
export type Reuse<Half> = { half: Half; from: string } | { why: string };

/**
 * The newest earlier set's database half with this fingerprint, where its dump is young enough, is there with its size,
 * and was never found damaged.
 */
export function reusableDatabase(
  fingerprint: { algorithm: string; value: string },
  sets: readonly BackupSet[],
  known: Known,
  now: Date,
): Reuse<Manifest["db"]> {
  const [newest] = sets;
  if (!newest) return { why: "it is the first set" };
  const same = sets.filter(({ manifest: { db } }) =>
    db.fingerprint?.algorithm === fingerprint.algorithm && db.fingerprint.value === fingerprint.value &&
    isSameHash(db.content, CONTENT_HASH)
  );
  const { content, fingerprint: before = fingerprint } = newest.manifest.db;
  const isHashedAnew = before.algorithm !== fingerprint.algorithm || !isSameHash(content, CONTENT_HASH);
  if (same.length === 0 && isHashedAnew) {
    return {
      why:
        `${newest.name} was hashed in another way, by another version: whether it changed since is not known`,
    };
  }
  if (same.length === 0) return { why: `it changed since ${newest.name}` };
  let why = "";
  for (const { name, manifest: { db } } of same) {
    why ||= whyNotReusable(db.objects, known) ?? whyTooOld(db.objects, now) ?? "";
    if (whyNotReusable(db.objects, known) === undefined && whyTooOld(db.objects, now) === undefined) {
      return { half: db, from: name };
    }
  }
  return { why };
}

/** Why objects of an earlier set cannot be used again; undefined where they can. */
export function whyNotReusable(objects: readonly StoredObject[], known: Known): string | undefined {
  for (const { key, bytes } of objects) {
    const there = known.objects.get(key);
    if (!there) return `${key} is no longer in the store`;
    if (there.bytes !== bytes) {
      return `${key} has ${formatCount(there.bytes, "byte")} in the store, recorded were ${
        formatNumber(bytes)
      }`;
    }
    if (known.everDamaged.has(key)) return `${key} was found damaged once`;
  }
  return undefined;
}

/** Why a dump is too old to be used again; undefined where it is not. */
export function whyTooOld(objects: readonly StoredObject[], now: Date): string | undefined {
  const days = DUMP_REUSED_FOR / 86_400_000;
  const old = objects.find(({ key }) => !isRecent(madeAt(key), now));
  return old && `${old.key} is older than ${days} days`;
}

/**
 * Whether each of `objects` was read to its last byte within the last 30 days: when it was made, or by a proof of any set
 * that names it.
 */
export const isRecentlyProved = (
  objects: readonly StoredObject[],
  { sets, proofs }: Pick<Inventory, "sets" | "proofs">,
  now: Date,
): boolean =>
  objects.every(({ key }) =>
    isRecent(madeAt(key), now) ||
    sets.some((set) =>
      proofs.get(set.name)?.some(({ verdict, at }) => verdict === "pass" && isRecent(at, now)) &&
      objectsOfSet(set).some((object) => object.key === key)
    )
  );

const isRecent = (moment: Date, now: Date): boolean => now.getTime() - moment.getTime() <= DUMP_REUSED_FOR;
