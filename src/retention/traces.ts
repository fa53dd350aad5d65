/** What became of a set is of no use without it: its proofs, its hold, its drill. */

import type { Catalogue } from "../store/catalogue.ts";
import { type Proof, readProof } from "../store/proofs.ts";
import type { Store } from "../store/store.ts";
import type { Eraser } from "./eraser.ts";

/**
 * Deletes the traces of every set that is gone: of `gone`, and what earlier prunes left of others. A failed proof stays
 * while the object that it found damaged does: another set names that object, and must not pass for a good one.
 */
export async function eraseTraces(
  store: Store,
  catalogue: Catalogue,
  gone: readonly string[],
  eraser: Eraser,
): Promise<void> {
  const { environment, sets, proofs, holds } = catalogue;
  const dropped = new Set(gone);
  const left = new Set(sets.map(({ name }) => name).filter((name) => !dropped.has(name)));
  for (const [name, ofSet] of proofs) {
    if (left.has(name)) continue;
    for (const proof of ofSet) {
      if (!await tellsOfDamage(store, proof, catalogue, eraser)) await eraser.erase(proof.key);
    }
  }
  for (const name of holds.keys()) {
    if (!left.has(name)) await eraser.erase(`${environment}/holds/${name}.json`);
  }
  if (dropped.size === 0) return;
  const drills: string[] = [];
  for await (const { key } of store.list(`${environment}/drills/`)) drills.push(key);
  for (const key of drills) {
    const name = /\/drills\/(\w+)\.(json|html)$/.exec(key)?.[1];
    if (name !== undefined && dropped.has(name)) await eraser.erase(key);
  }
}

async function tellsOfDamage(
  store: Store,
  { key, verdict }: Proof,
  { damaged, objects }: Catalogue,
  { erased }: Eraser,
): Promise<boolean> {
  const stays = (object: string) => damaged.has(object) && objects.has(object) && !erased.has(object);
  if (verdict === "pass" || ![...damaged.keys()].some(stays)) return false;
  const proof = await readProof(store, key);
  return proof.objects.some((object) => !object.sound && stays(object.key));
}
