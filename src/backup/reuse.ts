/** Whether an object of an earlier set can stand for a half that did not change. Pure. */

import { CONTENT_ALGORITHM, CONTENT_SETTINGS } from "../postgres/catalogue/content.ts";
import { madeAt } from "../store/keys.ts";
import type { Manifest, StoredObject } from "../store/records/manifest.ts";
import type { Inventory } from "../store/sets/inventory.ts";
import { type BackupSet, objectsOfSet } from "../store/sets/sets.ts";
import { formatCount, formatNumber } from "../base/numbers.ts";

/**
 * A dump stands for later sets for so long: one bad object must not be a whole year's backup (docs/design.md, "How a
 * backup goes"). An archive may stand for longer, and is then read again.
 */
export const DUMP_STANDS_FOR = 30 * 86_400_000;

type Known = Pick<Inventory, "objects" | "everDamaged">;

/** A half of an earlier set that can be named again, or why there is none. */
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
    db.content.algorithm === CONTENT_ALGORITHM &&
    JSON.stringify(db.content.settings) === JSON.stringify(CONTENT_SETTINGS)
  );
  if (same.length === 0) return { why: `it changed since ${newest.name}` };
  let why = "";
  for (const { name, manifest: { db } } of same) {
    why ||= whyNot(db.objects, known) ?? tooOld(db.objects, now) ?? "";
    if (whyNot(db.objects, known) === undefined && tooOld(db.objects, now) === undefined) {
      return { half: db, from: name };
    }
  }
  return { why };
}

/** Why objects that an earlier set names cannot be named again; undefined where they can. */
export function whyNot(objects: readonly StoredObject[], known: Known): string | undefined {
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

/** Why a dump can no longer stand for later sets; undefined where it can. */
export function tooOld(objects: readonly StoredObject[], now: Date): string | undefined {
  const days = DUMP_STANDS_FOR / 86_400_000;
  const old = objects.find(({ key }) => !isLate(madeAt(key), now));
  return old && `${old.key} is older than ${days} days`;
}

/**
 * Whether objects that are named again and again were read to their last byte not long ago, by a proof of any set that
 * names them; what is young was read back when it was made.
 */
export const isProvedLately = (
  objects: readonly StoredObject[],
  { sets, proofs }: Pick<Inventory, "sets" | "proofs">,
  now: Date,
): boolean =>
  objects.every(({ key }) =>
    isLate(madeAt(key), now) ||
    sets.some((set) =>
      proofs.get(set.name)?.some(({ verdict, at }) => verdict === "pass" && isLate(at, now)) &&
      objectsOfSet(set).some((object) => object.key === key)
    )
  );

const isLate = (moment: Date, now: Date): boolean => now.getTime() - moment.getTime() <= DUMP_STANDS_FOR;
