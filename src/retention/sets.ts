/** The sets of an inventory, reduced to what retention decides by. Pure. */

import type { Finding } from "../checks/result.ts";
import { isOpen } from "../checks/findings/judge.ts";
import { stillRight } from "../checks/findings/standing.ts";
import { endOfHold } from "../store/records/holds.ts";
import { type Inventory, problemsOf, provedAt } from "../store/sets/inventory.ts";
import { type AnySet, isLegacy, kindOf, objectsOfSet, seenAt } from "../store/sets/sets.ts";

/** What retention needs to know of a set. */
export interface RetentionSet {
  /** The moment of the set, UTC: `20260630T155313Z`. */
  name: string;
  /** When its older half was last read from the ERP: the name's moment, or before it where a half was taken over unread. */
  seen: Date;
  /** Why it is no good set: suspect, an object missing, a failed verification, half of it missing. Empty: good. */
  problems: readonly string[];
  kind: "scheduled" | "before-restore" | "legacy";
  /** A proof that passed is recorded; of a legacy set one of a drill. */
  verified: boolean;
  /** `until` is the last moment of it. */
  hold?: { until: Date; reason: string };
  /** The subjects of open findings that are right in it, and in no newer set. */
  stillHas?: readonly string[];
  /** Whether a drill or its backup found something wrong with the ERP in it that no person has accepted. */
  hasOpenFindings?: boolean;
  /** The keys of every object that it needs. Sets may share them. */
  objects: readonly string[];
}

/**
 * @param findings what is wrong with the ERP now, each with its history.
 * @param found what was found in each set, by its name: see `findingsOfSets`.
 */
export function retentionSetsOf(
  inventory: Inventory,
  findings: readonly Finding[],
  found: ReadonlyMap<string, readonly Finding[]> = new Map(),
): RetentionSet[] {
  const subjects = stillRight(findings);
  return inventory.sets.map((set) => {
    const hold = inventory.holds.get(set.name);
    const stillHas = subjects.get(set.name);
    return {
      name: set.name,
      problems: problemsOf(set, inventory),
      kind: kindOf(set),
      seen: seenAt(set),
      verified: isVerified(set, inventory),
      ...(hold ? { hold: { until: new Date(endOfHold(hold).getTime() - 1), reason: hold.reason } } : {}),
      ...(stillHas ? { stillHas } : {}),
      ...(found.get(set.name)?.some(isOpen) ? { hasOpenFindings: true } : {}),
      objects: objectsOfSet(set).map(({ key }) => key),
    };
  });
}

/** The hashes of a legacy set were not recorded, so `verify` has nothing to compare with: only a drill proves it. */
const isVerified = (set: AnySet, { proofs }: Inventory): boolean =>
  isLegacy(set)
    ? proofs.get(set.name)?.some(({ verb, verdict }) => verb === "drill" && verdict === "pass") ?? false
    : provedAt(set, { proofs }) !== undefined;
