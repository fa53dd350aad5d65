/** What became of a set is of no use without it: its proofs, its hold, its drill. */

import { HISTORY_DRILLS } from "../report/history.ts";
import type { Inventory } from "../store/sets/inventory.ts";
import { listDrills, readDrills } from "../store/records/drills.ts";
import { type Proof, readProof } from "../store/records/proofs.ts";
import type { Store } from "../store/store.ts";
import type { Eraser } from "./eraser.ts";
import { type DrillReport, planReports } from "./reports.ts";

/**
 * Deletes the traces of every set that is gone: of `gone`, and what earlier prunes left of others. A failed proof stays
 * while the object that it found damaged does: another set names that object, and must not pass for a good one. And what
 * `planReports` no longer keeps of the drills' reports.
 *
 * @param countedFrom what ages count from.
 */
export async function eraseSetRecords(
  store: Store,
  inventory: Inventory,
  gone: readonly string[],
  eraser: Eraser,
  countedFrom: Date,
): Promise<void> {
  const { environment, sets, proofs, holds } = inventory;
  const dropped = new Set(gone);
  const left = new Set(sets.map(({ name }) => name).filter((name) => !dropped.has(name)));
  for (const [name, ofSet] of proofs) {
    if (left.has(name)) continue;
    for (const proof of ofSet) {
      if (!await tellsOfDamage(store, proof, inventory, eraser)) await eraser.erase(proof.key);
    }
  }
  for (const name of holds.keys()) {
    if (!left.has(name)) await eraser.erase(`${environment}/holds/${name}.json`);
  }
  for (const { key } of planReports(await readReports(store, environment), left, countedFrom).drop) {
    await eraser.erase(key);
  }
}

/** The drills' reports that there are. Only records are read that are older than those that the trend keeps anyway. */
export async function readReports(store: Store, environment: string): Promise<DrillReport[]> {
  const drills = await listDrills(store, environment);
  const older = drills.filter(({ json }) => json !== undefined).slice(HISTORY_DRILLS);
  const read = await readDrills(store, older, () => {}); // what cannot be understood stays
  const sets = new Map(read.map(({ json, found }) => [json, drilledSet(environment, found.set?.name)]));
  return drills.map((drill) => ({ ...drill, set: sets.get(drill.json) }));
}

/** The name of the set; null where there was none, undefined where it is none of this environment. */
const drilledSet = (environment: string, name: string | undefined): string | null | undefined =>
  name === undefined
    ? null
    : name.startsWith(`${environment}/`)
    ? name.slice(environment.length + 1)
    : undefined;

async function tellsOfDamage(
  store: Store,
  { key, verdict }: Proof,
  { damaged, objects }: Inventory,
  { erased }: Eraser,
): Promise<boolean> {
  const stays = (object: string) => damaged.has(object) && objects.has(object) && !erased.has(object);
  if (verdict === "pass" || ![...damaged.keys()].some(stays)) return false;
  const proof = await readProof(store, key);
  return proof.objects.some((object) => !object.sound && stays(object.key));
}
