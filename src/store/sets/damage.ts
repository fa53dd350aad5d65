/** What the proofs that failed tell of sets and of their objects. */

import { DrillError } from "../../base/errors.ts";
import { type Proof, type ProofBody, readProof } from "../records/proofs.ts";
import { type AnySet, objectsOfSet, readSideBySide } from "./sets.ts";
import type { Store } from "../store.ts";

export interface Damage {
  /** Objects that a proof found damaged, and none found sound since: why, by key. */
  damaged: ReadonlyMap<string, string>;
  /** Objects that any proof ever found damaged. */
  everDamaged: ReadonlySet<string>;
  /** Sets whose newest proof failed: why, by set. */
  failed: ReadonlyMap<string, string>;
}

/**
 * Reads the proofs that failed; a later one that passed, of any set with the same object, clears that object. Of a proof
 * that cannot be read its name still tells that it failed: every object of its set is then taken for damaged once.
 */
export async function readDamage(
  store: Store,
  proofs: ReadonlyMap<string, readonly Proof[]>,
  sets: readonly AnySet[],
): Promise<Damage> {
  const bad = [...proofs.values()].flat().filter(({ verdict }) => verdict === "fail");
  const bodies = await readSideBySide(bad.map(({ key }) => key), (key) => readOrNot(store, key));
  const damaged = new Map<string, string>();
  const everDamaged = new Set<string>();
  const failed = new Map<string, string>();
  bad.forEach(({ key: proof, set: name, at, verb }, index) => {
    const body = bodies[index];
    const when = `${verb} on ${at.toISOString()}`;
    if (proofs.get(name)?.[0]?.key === proof) {
      failed.set(name, `it failed ${when}: ${body ? body.problems[0] : `${proof} cannot be read`}`);
    }
    if (!body) {
      const own = sets.find((set) => set.name === name);
      for (const { key } of own ? objectsOfSet(own) : []) everDamaged.add(key);
      return;
    }
    for (const { key } of body.objects.filter(({ sound }) => !sound)) {
      everDamaged.add(key);
      const cleared = sets.some((set) =>
        proofs.get(set.name)?.some((proof) => proof.verdict === "pass" && proof.at > at) &&
        objectsOfSet(set).some((object) => object.key === key)
      );
      if (!cleared) damaged.set(key, `${key} was found damaged by ${when}`);
    }
  });
  return { damaged, everDamaged, failed };
}

async function readOrNot(store: Store, key: string): Promise<ProofBody | undefined> {
  try {
    return await readProof(store, key);
  } catch (error) {
    if (error instanceof DrillError && ["STORE_FORMAT", "OBJECT_MISSING"].includes(error.code)) {
      return undefined;
    }
    throw error;
  }
}
