/** What the failed proofs say of sets and of their objects. */

import { DrillError } from "../../base/errors.ts";
import { type Proof, type ProofBody, readProof } from "../records/proofs.ts";
import { type OnUnreadable, readEach, readOrReport } from "../records/stored_record.ts";
import type { Store } from "../store.ts";
import { type AnySet, objectsOfSet } from "./sets.ts";

export interface Damage {
  /** Objects that a proof found damaged, and none found sound since: why, by key. */
  damaged: ReadonlyMap<string, string>;
  /** Objects that any proof ever found damaged. */
  everDamaged: ReadonlySet<string>;
  /** Sets whose newest proof failed: why, by set. */
  failed: ReadonlyMap<string, string>;
}

/**
 * Reads the proofs that failed; a later one that passed, of any set with the same object, clears that object.
 *
 * A proof that cannot be understood is reported to `onUnreadable`, and counts only as far as its key goes: of one that
 * failed, its set failed, and every object of the set is taken for damaged once; one that passed clears no object.
 */
export async function readDamage(
  store: Store,
  proofs: ReadonlyMap<string, readonly Proof[]>,
  sets: readonly AnySet[],
  onUnreadable: OnUnreadable,
): Promise<Damage> {
  const read = proofReader(store, onUnreadable);
  const bad = [...proofs.values()].flat().filter(({ verdict }) => verdict === "fail");
  const bodies = await readEach(bad.map(({ key }) => key), read);
  const damaged = new Map<string, string>();
  const everDamaged = new Set<string>();
  const failed = new Map<string, string>();
  for (const [index, { key: proof, set: name, at, verb }] of bad.entries()) {
    const body = bodies[index];
    const when = `${verb} on ${at.toISOString()}`;
    if (proofs.get(name)?.[0]?.key === proof) {
      failed.set(name, `it failed ${when}: ${body ? body.problems[0] : `${proof} cannot be read`}`);
    }
    if (!body) {
      const own = sets.find((set) => set.name === name);
      for (const { key } of own ? objectsOfSet(own) : []) everDamaged.add(key);
      continue;
    }
    for (const { key } of body.objects.filter(({ sound }) => !sound)) {
      everDamaged.add(key);
      const later = passesOf(key, sets, proofs).filter((proof) => proof.at > at);
      if (!await anyReadable(later, read)) damaged.set(key, `${key} was found damaged by ${when}`);
    }
  }
  return { damaged, everDamaged, failed };
}

/** The proofs that passed of every set with that object. */
const passesOf = (
  object: string,
  sets: readonly AnySet[],
  proofs: ReadonlyMap<string, readonly Proof[]>,
): Proof[] =>
  sets.filter((set) => objectsOfSet(set).some(({ key }) => key === object))
    .flatMap(({ name }) => proofs.get(name) ?? []).filter(({ verdict }) => verdict === "pass");

async function anyReadable(proofs: readonly Proof[], read: ProofReader): Promise<boolean> {
  for (const { key } of proofs) if (await read(key)) return true;
  return false;
}

/** Reads each proof once; undefined where it cannot be understood, or a prune has deleted it meanwhile. */
type ProofReader = (key: string) => Promise<ProofBody | undefined>;

function proofReader(store: Store, onUnreadable: OnUnreadable): ProofReader {
  const known = new Map<string, Promise<ProofBody | undefined>>();
  const read = (key: string) => {
    const reading = known.get(key) ??
      readOrReport(key, () => readProof(store, key), onUnreadable).catch(unlessMissing);
    known.set(key, reading);
    return reading;
  };
  return read;
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof DrillError && error.code === "OBJECT_MISSING") return undefined;
  throw error;
}
