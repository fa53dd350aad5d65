/** What was accepted, and is mended since. Pure. */

import type { Acceptances } from "../../store/records/acceptances.ts";
import type { StoredDrill } from "../../store/records/drill_schema.ts";
import type { CheckResult, Finding, Level } from "../result.ts";
import { currentFindings, looksOfDrill } from "./ledger.ts";

/** A drill that has just looked. */
export interface Looked {
  /** `prod/20260630T155313Z` */
  set: string;
  level: Level;
  checks: readonly CheckResult[];
  acceptances: Acceptances;
  now: Date;
}

/**
 * The accepted findings that stood until this drill and are gone now: it looked at all that the check looks at, and did not
 * find them. The next drill does not tell them again. One whose facts changed is not mended, nor is one whose subject has
 * another kind of finding of the same check now: a document that was empty and is damaged is no more right than it was.
 *
 * @param earlier the drills before it, in any order.
 */
export function mendedFindings(earlier: readonly StoredDrill[], drill: Looked): Finding[] {
  const looks = looksOf(drill);
  const wrong = new Set(looks.flatMap(({ findings }) => findings.map(({ id }) => withoutKind(id))));
  const before = earlier.filter(({ set }) => set && isOf(set.name, drill) && set.name <= drill.set);
  const { acceptances, now } = drill;
  return currentFindings({ drills: before, acceptances, now }).filter(({ id, accepted }) =>
    accepted !== undefined && !wrong.has(withoutKind(id)) && looks.some(({ covers }) => covers(id))
  );
}

/** Whether `earlier` tell all that `mendedFindings` needs: each check that looked now looked in one of them too. */
export function isEnough(earlier: readonly StoredDrill[], drill: Looked): boolean {
  const looked = new Set(
    earlier.filter(({ set }) => set && isOf(set.name, drill) && set.name <= drill.set)
      .flatMap((one) => looksOfDrill(one).map(({ check }) => check)),
  );
  return looksOf(drill).every(({ check }) => looked.has(check));
}

const looksOf = ({ set, level, checks, now }: Looked) =>
  looksOfDrill({ set: { name: set }, level, checks, endedAt: now.toISOString() });

/** A finding's check and subject. */
const withoutKind = (id: string): string => id.slice(0, id.lastIndexOf("/"));

/** Whether both are sets of the same environment. */
const isOf = (name: string, { set }: Looked): boolean => name.startsWith(set.slice(0, set.indexOf("/") + 1));
