/** The sets of a catalogue as retention looks at them. Pure. */

import { type Catalogue, flawsOf, provedAt } from "../store/catalogue.ts";
import { holdEnds } from "../store/holds.ts";
import { kindOf, objectsOfSet } from "../store/sets.ts";
import type { RetentionSet } from "./plan.ts";

export const retentionSetsOf = (catalogue: Catalogue): RetentionSet[] =>
  catalogue.sets.map((set) => {
    const hold = catalogue.holds.get(set.name);
    return {
      name: set.name,
      flaws: flawsOf(set, catalogue),
      kind: kindOf(set),
      verified: provedAt(set, catalogue) !== undefined,
      ...(hold ? { hold: { until: new Date(holdEnds(hold).getTime() - 1), reason: hold.reason } } : {}),
      objects: objectsOfSet(set).map(({ key }) => key),
    };
  });
