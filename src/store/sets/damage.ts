/** What the failed proofs say of sets and of their objects. */

import { formatMoment } from "../../base/time.ts";
import { DrillError } from "../../base/errors.ts";
import { type Proof, type ProofBody, readProof } from "../records/proofs.ts";
import { type OnUnreadable, readEach, readOrReport } from "../records/stored_record.ts";
import type { Store } from "../store.ts";
import { drillFinder, isUnjudged, judgeAnew } from "./old_drill_proofs.ts";
import { type AnySet, isLegacy, objectsOfSet } from "./sets.ts";

export interface Damage {
  /** Objects that a proof found damaged, and none found sound since: why, by key. */
  damaged: ReadonlyMap<string, string>;
  /** Objects that any proof ever found damaged. */
  everDamaged: ReadonlySet<string>;
  /** Sets that a proof found bad, and none as strong found good since: why, by set. */
  failed: ReadonlyMap<string, string>;
  /** By set, newest first. A drill that an earlier version failed over the ERP alone, and that restored its set, passed. */
  proofs: ReadonlyMap<string, readonly Proof[]>;
}

/**
 * Reads the proofs that failed. What one found is cleared by a later one that passed and is at least as strong, of any set
 * with the same object: `verify` reads bytes, and a drill restores them too. So a `verify` says nothing about a dump that a
 * drill could not load.
 *
 * A proof that cannot be understood is reported to `onUnreadable`, and counts only as far as its key goes: of one that
 * failed, its set failed, and every object of the set is taken for damaged once; one that passed clears no object.
 */
export async function readDamage(
  store: Store,
  listed: ReadonlyMap<string, readonly Proof[]>,
  sets: readonly AnySet[],
  onUnreadable: OnUnreadable,
): Promise<Damage> {
  const read = proofReader(store, onUnreadable);
  const bad = [...listed.values()].flat().filter(({ verdict }) => verdict === "fail");
  const bodies = await readEach(bad.map(({ key }) => key), read);
  const drillOf = drillFinder(store);
  const judgements = await readEach(
    bodies,
    async (body) => body && isUnjudged(body) ? judgeAnew(body, await drillOf(body)) : "bad",
  );
  const restored = new Set(bad.filter((_, at) => judgements[at] === "restored").map(({ key }) => key));
  const proofs = new Map([...listed].map(([set, ofSet]) => [
    set,
    ofSet.map((proof) => restored.has(proof.key) ? { ...proof, verdict: "pass" as const } : proof),
  ]));
  const damaged = new Map<string, string>();
  const everDamaged = new Set<string>();
  const failed = new Map<string, string>();
  for (const [index, proof] of bad.entries()) {
    const { key, set: name, at, verb } = proof;
    const body = bodies[index];
    if (judgements[index] !== "bad") continue;
    const when = `${verb} on ${formatMoment(at.toISOString())}`;
    if (!failed.has(name) && !isCleared(proof, proofs.get(name) ?? [])) {
      failed.set(name, `it failed ${when}: ${body ? body.problems[0] : `${key} cannot be read`}`);
    }
    if (!body) {
      const own = sets.find((set) => set.name === name);
      for (const { key } of own ? objectsOfSet(own) : []) everDamaged.add(key);
      continue;
    }
    for (const { key, sha256 } of body.objects.filter(({ sound }) => !sound)) {
      everDamaged.add(key);
      const hadItsBytes = sha256 !== null && sha256 === recordedHash(key, sets) &&
        !body.problems.some((problem) => problem.includes(key) && OTHER_BYTES.test(problem));
      const strength = hadItsBytes ? STRENGTH[verb] : STRENGTH.verify;
      const later = passesOf(key, sets, proofs).filter((one) =>
        one.at > at && STRENGTH[one.verb] >= strength
      );
      if (!await anyReadable(later, read)) damaged.set(key, `${key} was found damaged by ${when}`);
    }
  }
  return { damaged, everDamaged, failed, proofs };
}

/** How the version before said that an object had other bytes, or none: its proof then held the hash that was expected. */
const OTHER_BYTES = /its SHA-256 is |recorded at the backup were |is missing|\bNoSuchKey\b/;

/** How much a proof shows: bytes, or that they were restored as well. */
const STRENGTH = { verify: 1, drill: 2 } as const;

/** Whether a later proof of the same set passed that is at least as strong. */
const isCleared = ({ at, verb }: Proof, proofs: readonly Proof[]): boolean =>
  proofs.some((one) => one.verdict === "pass" && one.at > at && STRENGTH[one.verb] >= STRENGTH[verb]);

/** The hash with which a manifest names that object. */
const recordedHash = (key: string, sets: readonly AnySet[]): string | undefined =>
  sets.flatMap((set) =>
    isLegacy(set) ? [] : [...set.manifest.db.objects, ...set.manifest.docs.objects, set.manifest.docs.index]
  )
    .find((object) => object.key === key)?.sha256;

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

/**
 * A flaw without the moment at which it was found, to see that several sets have the same.
 * @example causeOf("it failed drill on 2026-11-30T02:52:00.000Z: no users") // "it failed drill: no users"
 */
export const causeOf = (flaw: string): string => flaw.replaceAll(/ on \d{4}-\d\d-\d\dT[\d:.]+Z/g, "");
