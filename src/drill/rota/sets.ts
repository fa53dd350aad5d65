/** The sets and the drills of an inventory, as the rota needs them. Pure. */

import { type Inventory, problemsOf } from "../../store/sets/inventory.ts";
import { objectsOfSet, takenAt } from "../../store/sets/sets.ts";
import type { RotaInput } from "./plan.ts";

/** The proofs of drills alone: `verify` reads a set and does not restore it. */
export const rotaInputOf = (inventory: Inventory): Pick<RotaInput, "sets" | "proofs"> => ({
  sets: inventory.sets.map((set) => ({
    name: set.name,
    takenAt: takenAt(set),
    objects: objectsOfSet(set).map(({ key }) => key),
    flaws: problemsOf(set, inventory),
  })),
  proofs: [...inventory.proofs.values()].flat().filter(({ verb }) => verb === "drill"),
});
