/** What a prune would do with what the store holds now, and why it must not. Pure; reads nothing, deletes nothing. */

import type { Finding } from "../checks/result.ts";
import type { UnreadableRecord } from "../store/records/stored_record.ts";
import { type Inventory, missingIn } from "../store/sets/inventory.ts";
import { planRetention, type RetentionPlan, type RetentionPolicy } from "./plan.ts";
import { type RetentionSet, retentionSetsOf } from "./sets.ts";
import { besideUnreadable } from "../store/records/rosters.ts";

export interface PrunePlan {
  plan: RetentionPlan;
  /** Each set as retention looked at it, by name. */
  sets: ReadonlyMap<string, RetentionSet>;
  /** Sets that are gone although no prune dropped them. */
  missing: string[];
  /** Why prune does not act, as sentences that say what to do; empty: it may. */
  refusals: string[];
}

interface PruneQuestion {
  policy: RetentionPolicy;
  now: Date;
  /** A person looked at the sets that are missing, and accepts that they are gone. */
  acceptMissing: boolean;
  /** Records of drills that a newer version wrote, and a damaged one that may tell of what no other one does. */
  unreadableDrills: readonly UnreadableRecord[];
  /** What is wrong with the ERP now, each with its history. */
  findings: readonly Finding[];
  /** What was found in each set, by its name: see `findingsOfSets`. */
  found?: ReadonlyMap<string, readonly Finding[]>;
}

export function planPrune(
  inventory: Inventory,
  { policy, now, acceptMissing, unreadableDrills, findings, found }: PruneQuestion,
): PrunePlan {
  const sets = retentionSetsOf(inventory, findings, found);
  const plan = planRetention({ sets, policy, now });
  const missing = missingIn(inventory);
  const { exchanged, registers = [] } = besideUnreadable(inventory.vanished); // that one is refused as a record
  return {
    plan,
    sets: new Map(sets.map((set) => [set.name, set])),
    missing,
    refusals: [
      ...plan.refusals,
      ...[...inventory.unreadable, ...unreadableDrills].map(({ error }) =>
        `nothing is deleted while a record cannot be understood: ${error.message}`
      ),
      ...inventory.lost.map((set) =>
        `${set} has lost its manifest, but its objects are there: put the manifest back from a copy of the store, or remove the objects`
      ),
      ...inventory.oldJob.map((sign) =>
        `the old backup script still runs, and its own deletion would remove objects that our sets need; stop it: ${sign}`
      ),
      ...(missing.length > 0 && !acceptMissing ? [missingText(missing)] : []),
      ...(exchanged.length > 0 && !acceptMissing ? [exchangedText(exchanged)] : []),
      ...(registers.length > 0 && !acceptMissing ? [registersText(registers)] : []),
    ],
  };
}

const exchangedText = (exchanged: readonly string[]): string =>
  `the manifest of ${
    exchanged.slice(0, 10).join(", ")
  } is not the one that was written: compare it with a copy of the store; ` +
  "to accept it as it is, prune once with --accept-missing";

const registersText = (registers: readonly string[]): string =>
  `the register of ${
    registers.slice(0, 10).join(", ")
  } is missing, and with it what was open: put it back from a copy of the store; ` +
  "to accept that it is gone, prune once with --accept-missing";

function missingText(missing: readonly string[]): string {
  const shown = missing.slice(0, 10).join(", ");
  const more = missing.length > 10 ? ` and ${missing.length - 10} more` : "";
  return `the list shrank by more than the recorded prunes explain; gone are ${shown}${more}: ` +
    "find out who deleted them; to accept that they are gone, prune once with --accept-missing";
}

/** How many bytes are freed with each dropped set: an object that several of them share goes with the newest. */
export function freedBytes(
  { drop }: RetentionPlan,
  objects: ReadonlyMap<string, { bytes: number }>,
): Map<string, number> {
  const counted = new Set<string>();
  return new Map(drop.map(({ set, objects: keys }) => {
    const fresh = keys.filter((key) => !counted.has(key));
    for (const key of fresh) counted.add(key);
    return [set, fresh.reduce((sum, key) => sum + (objects.get(key)?.bytes ?? 0), 0)];
  }));
}
