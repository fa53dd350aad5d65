/** The sets of a catalogue as retention looks at them. Pure. */

import { type Catalogue, flawsOf, provedAt } from "../store/catalogue.ts";
import { holdEnds } from "../store/holds.ts";
import { type AnySet, isLegacy, kindOf, objectsOfSet, seenAt } from "../store/sets.ts";
import type { RetentionSet } from "./plan.ts";

export const retentionSetsOf = (catalogue: Catalogue): RetentionSet[] =>
  catalogue.sets.map((set) => {
    const hold = catalogue.holds.get(set.name);
    return {
      name: set.name,
      flaws: flawsOf(set, catalogue),
      kind: kindOf(set),
      seen: seenAt(set),
      verified: isVerified(set, catalogue),
      ...(hold ? { hold: { until: new Date(holdEnds(hold).getTime() - 1), reason: hold.reason } } : {}),
      objects: objectsOfSet(set).map(({ key }) => key),
    };
  });

/** Of a legacy set nobody recorded a hash, so `verify` compares it with nothing: only a drill proves it. */
const isVerified = (set: AnySet, { proofs }: Catalogue): boolean =>
  isLegacy(set)
    ? proofs.get(set.name)?.some(({ verb, verdict }) => verb === "drill" && verdict === "pass") ?? false
    : provedAt(set, { proofs }) !== undefined;
