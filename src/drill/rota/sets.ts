/** The sets and the drills of a catalogue as the rota looks at them. Pure. */

import { type Catalogue, flawsOf } from "../../store/sets/catalogue.ts";
import { objectsOfSet, takenAt } from "../../store/sets/sets.ts";
import type { RotaInput } from "./plan.ts";

/** What `verify` read is no proof for the rota: reading is not restoring. */
export const rotaInputOf = (catalogue: Catalogue): Pick<RotaInput, "sets" | "proofs"> => ({
  sets: catalogue.sets.map((set) => ({
    name: set.name,
    takenAt: takenAt(set),
    objects: objectsOfSet(set).map(({ key }) => key),
    flaws: flawsOf(set, catalogue),
  })),
  proofs: [...catalogue.proofs.values()].flat().filter(({ verb }) => verb === "drill"),
});
