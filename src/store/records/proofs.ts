/**
 * What was proved of a set, and when: `<env>/verified/<ts>.<moment>-<verb>-<verdict>-<id>.json`. Written once, never
 * changed. The verb and the verdict in the key hold for every version: a tool may count on them without reading the proof.
 */

import { z } from "zod";
import { recordKind } from "../../base/versioned_record.ts";
import { isTimestamp, momentOf } from "../../base/time.ts";
import { listKeys, proofKey } from "../keys.ts";
import type { Store } from "../store.ts";
import { getRecord, putRecord } from "./stored_record.ts";

const fields = z.object({
  environment: z.string().min(1),
  set: z.string().refine(isTimestamp),
  at: z.iso.datetime(),
  verb: z.enum(["verify", "drill"]),
  verdict: z.enum(["pass", "fail"]),
  /** Each object as it was read; `sound` is false where it is not what was recorded, or cannot be read. */
  objects: z.array(z.object({
    key: z.string().min(1),
    bytes: z.number().int().nonnegative(),
    /** Of what was read; null where nothing could be. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/).nullable(),
    sound: z.boolean(),
  })),
  proved: z.array(z.string()),
  /** What could not be proved, and why. */
  notProved: z.array(z.string()),
  problems: z.array(z.string()),
  /** What was wrong with the ERP itself when it was backed up: nothing against the set. */
  faults: z.array(z.string()).optional(),
  /** That `problems` speak against the set alone. Absent before a drill told the faults of the ERP from these. */
  judged: z.boolean().optional(),
});

/** Format 2 names the least reader; tools that know only format 1 refuse any field that they do not know. */
export const proofRecord = recordKind({
  name: "a proof of ours",
  format: 2,
  minReader: 2,
  fields,
  damaged: {
    code: "STORE_FORMAT",
    hint: "It says what was found of a set. Put it back from a copy of the store, or verify that set again.",
  },
});

export type ProofBody = Omit<z.infer<typeof fields>, "at"> & { at: Date };

/** A proof as its key describes it: no object is read for that. */
export interface Proof {
  key: string;
  set: string;
  at: Date;
  verb: ProofBody["verb"];
  verdict: ProofBody["verdict"];
}

/** Writes a proof. Its key says what a listing needs to know of it, so that `list` reads none. */
export async function putProof(store: Store, proof: ProofBody): Promise<Proof> {
  const id = crypto.randomUUID().slice(0, 8);
  const { environment, set, at, verb, verdict } = proof;
  const key = proofKey(environment, set, { at, verb, verdict, id });
  await putRecord(store, key, proofRecord, { ...proof, at: at.toISOString() });
  return { key, set, at, verb, verdict };
}

/** Every proof of every set of `environment`: by set, newest first. */
export async function listProofs(store: Store, environment: string): Promise<Map<string, Proof[]>> {
  const found = new Map<string, Proof[]>();
  for await (const { key, name: set, parts } of listKeys(store, environment, "verified")) {
    const [moment = "", verb, verdict] = parts as [string, Proof["verb"], Proof["verdict"]];
    const at = momentOf(moment);
    if (at) found.set(set, [{ key, set, at, verb, verdict }, ...found.get(set) ?? []]);
  }
  for (const proofs of found.values()) proofs.sort((a, b) => b.at.getTime() - a.at.getTime());
  return found;
}

/** @throws DrillError `STORE_FORMAT`, `STORE_NEWER`, `OBJECT_MISSING`. */
export async function readProof(store: Store, key: string): Promise<ProofBody> {
  const { at, ...rest } = await getRecord(store, key, proofRecord);
  return { ...rest, at: new Date(at) };
}
