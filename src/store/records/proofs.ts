/** What was proved of a set, and when: `<env>/verified/<ts>.<id>.json`. Written once each, never changed. */

import { z } from "zod";
import { DrillError } from "../../base/errors.ts";
import { bytesOf, readSmall } from "../../base/streams.ts";
import { isTimestamp, momentOf, timestampOf } from "../../base/time.ts";
import type { Store } from "../store.ts";

const PROOF_FORMAT = 1;

const proofSchema = z.strictObject({
  format: z.literal(PROOF_FORMAT),
  environment: z.string().min(1),
  set: z.string().refine(isTimestamp),
  at: z.iso.datetime(),
  verb: z.enum(["verify", "drill"]),
  verdict: z.enum(["pass", "fail"]),
  /** Each object as it was read; `sound` is false where it is not what was recorded, or cannot be read. */
  objects: z.array(z.strictObject({
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
});

export type ProofBody = Omit<z.infer<typeof proofSchema>, "format" | "at"> & { at: Date };

/** A proof as its key tells it: no object is read for that. */
export interface Proof {
  key: string;
  set: string;
  at: Date;
  verb: ProofBody["verb"];
  verdict: ProofBody["verdict"];
}

const NAME = /^(\d{8}T\d{6}Z)\.(\d{8}T\d{6}Z)-(verify|drill)-(pass|fail)-[0-9a-f]{8}\.json$/;

/** Writes a proof. Its key tells what a listing needs to know of it, so that `list` reads none. */
export async function putProof(store: Store, proof: ProofBody): Promise<Proof> {
  const id = crypto.randomUUID().slice(0, 8);
  const { environment, set, at, verb, verdict } = proof;
  const key = `${environment}/verified/${set}.${timestampOf(at)}-${verb}-${verdict}-${id}.json`;
  const body = proofSchema.parse({ ...proof, format: PROOF_FORMAT, at: at.toISOString() });
  await store.put(key, bytesOf(JSON.stringify(body, null, 2) + "\n"));
  return { key, set, at, verb, verdict };
}

/** Every proof of every set of `environment`: by set, newest first. */
export async function listProofs(
  store: Store,
  environment: string,
): Promise<Map<string, Proof[]>> {
  const found = new Map<string, Proof[]>();
  const prefix = `${environment}/verified/`;
  for await (const { key } of store.list(prefix)) {
    const parts = NAME.exec(key.slice(prefix.length));
    const at = parts && momentOf(parts[2]!);
    if (!parts || !at) continue; // not ours
    const set = parts[1]!;
    const proof = {
      key,
      set,
      at,
      verb: parts[3] as Proof["verb"],
      verdict: parts[4] as Proof["verdict"],
    };
    found.set(set, [proof, ...found.get(set) ?? []]);
  }
  for (const proofs of found.values()) proofs.sort((a, b) => b.at.getTime() - a.at.getTime());
  return found;
}

/** @throws DrillError `STORE_FORMAT` when it is no proof of this version. */
export async function readProof(store: Store, key: string): Promise<ProofBody> {
  try {
    const body = proofSchema.parse(JSON.parse(new TextDecoder().decode(await readSmall(store.get(key)))));
    const { format: _, at, ...rest } = body;
    return { ...rest, at: new Date(at) };
  } catch (error) {
    if (error instanceof DrillError) throw error;
    throw new DrillError(
      "STORE_FORMAT",
      `Cannot read ${key}: it is not a proof of ours`,
      "It was damaged, or a newer dolibarr-drill wrote it. Nothing was changed.",
      { cause: error },
    );
  }
}
