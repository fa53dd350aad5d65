/** The records about a set are of no use without it: its register, its proofs, its hold, its acceptance, its drills. */

import { listMoments, recordKey, registerKey } from "../store/keys.ts";
import { standingIn } from "../checks/findings/standing.ts";
import type { StoredDrill } from "../store/records/drill_schema.ts";
import { listDrills, readDrills, type UnreadableDrill } from "../store/records/drills.ts";
import { type Proof, readProof } from "../store/records/proofs.ts";
import type { UnreadableRecord } from "../store/records/stored_record.ts";
import type { Inventory } from "../store/sets/inventory.ts";
import type { Store } from "../store/store.ts";
import type { Eraser } from "./eraser.ts";
import { type DrillReport, planReports } from "./reports.ts";

/** What is to be deleted, and by which rules. */
interface SetRecords {
  inventory: Inventory;
  /** The names of the sets that this prune deleted. */
  gone: readonly string[];
  reports: readonly DrillReport[];
  /** What ages count from. */
  countedFrom: Date;
}

/**
 * Deletes the records about every set that is gone: of `gone`, and what earlier prunes left of others. A failed proof stays
 * while the object that it found damaged does: another set names that object, and must not pass for a good one. And the
 * records and pages of drills that `planReports` drops.
 */
export async function eraseSetRecords(
  store: Store,
  { inventory, gone, reports, countedFrom }: SetRecords,
  eraser: Eraser,
): Promise<void> {
  const { environment, sets, proofs, holds } = inventory;
  const dropped = new Set(gone);
  const left = new Set(sets.map(({ name }) => name).filter((name) => !dropped.has(name)));
  for (const [name, ofSet] of proofs) {
    if (left.has(name)) continue;
    for (const proof of ofSet) {
      if (!await isNeeded(store, proof, inventory, eraser)) await eraser.erase(proof.key);
    }
  }
  for (const name of holds.keys()) {
    if (!left.has(name)) await eraser.erase(recordKey(environment, "holds", name));
  }
  for (const name of await listMoments(store, environment, "registers")) {
    if (!left.has(name)) await eraser.erase(registerKey(environment, name));
  }
  for (const name of await listMoments(store, environment, "accepted")) {
    if (!left.has(name)) await eraser.erase(recordKey(environment, "accepted", name));
  }
  for (const { key } of planReports(reports, left, countedFrom).drop) await eraser.erase(key);
}

/** The drills of an environment, and what they say of the ERP now. */
interface DrillReports {
  reports: DrillReport[];
  /** Every record that was read, newest first. */
  drills: StoredDrill[];
  /** Records that stop a prune: a newer version's, and a damaged one that may tell of a finding that no other does. */
  unreadableDrills: UnreadableRecord[];
}

/** Reads every drill of the environment. A damaged record that a newer drill makes up for is left where it is. */
export async function readReports(store: Store, inventory: Inventory): Promise<DrillReports> {
  const { environment } = inventory;
  const unreadable: UnreadableDrill[] = [];
  const listed = await listDrills(store, environment);
  const read = await readDrills(store, listed, (drill) => void unreadable.push(drill));
  const newest = read.find(({ found }) => hasLooked(found))?.at;
  return {
    reports: reportsOf(listed, read, inventory),
    drills: read.map(({ found }) => found),
    unreadableDrills: unreadable.filter(({ error, at }) =>
      error.code === "STORE_NEWER" || newest === undefined || at > newest
    ),
  };
}

/**
 * The reports of these drills, as retention decides by them. Pure.
 * @param read those of `listed` whose record could be read.
 */
export function reportsOf(
  listed: readonly Omit<DrillReport, "set" | "tells">[],
  read: readonly { json?: string; found: StoredDrill }[],
  inventory: Inventory,
): DrillReport[] {
  const { environment } = inventory;
  const drills = read.map(({ found }) => found);
  const sets = new Map(read.map(({ json, found }) => [json, drilledSet(environment, found.set?.name)]));
  const told = new Map(
    standingIn(inventory, { drills, acceptances: new Map(), now: new Date() }) // accepted ones stand too
      .map(({ at, finding }) => [at, finding.subject]),
  );
  const tells = new Map(read.map(({ json, found }) => [json, told.get(found.endedAt)]));
  return listed.map((drill) => {
    const subject = tells.get(drill.json);
    return { ...drill, set: sets.get(drill.json), ...(subject === undefined ? {} : { tells: subject }) };
  });
}

/** Whether a drill came so far as to look at the data or the documents: it then tells what is wrong with the ERP. */
const hasLooked = ({ set, checks }: StoredDrill): boolean =>
  set !== undefined &&
  checks.some(({ part, verdict }) => verdict !== "not_run" && (part === "data" || part === "documents"));

/** The name of the set; null where there was none, undefined where it is none of this environment. */
const drilledSet = (environment: string, name: string | undefined): string | null | undefined =>
  name === undefined
    ? null
    : name.startsWith(`${environment}/`)
    ? name.slice(environment.length + 1)
    : undefined;

/** Whether an object that the proof found damaged is still there. */
async function isNeeded(
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
