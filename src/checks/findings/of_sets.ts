/** What was found in each set: by the newest drill of it that looked, and by the backup that took it. Pure. */

import type { Acceptances } from "../../store/records/acceptances.ts";
import type { StoredDrill } from "../../store/records/drill_schema.ts";
import type { AnySet } from "../../store/sets/sets.ts";
import type { Finding } from "../result.ts";
import { backupFindingsOf, currentFindings, looksOfDrill } from "./ledger.ts";

interface SetsQuestion {
  sets: readonly AnySet[];
  /** In any order. */
  drills: readonly StoredDrill[];
  acceptances: Acceptances;
  now: Date;
}

/** By the names of the sets, without their environment. A set that nothing ever looked at is not among them. */
export function findingsOfSets({ sets, drills, acceptances, now }: SetsQuestion): Map<string, Finding[]> {
  const drilled = Map.groupBy(
    drills.filter((drill) => looksOfDrill(drill).length > 0),
    ({ set }) => set?.name.slice(set.name.indexOf("/") + 1),
  );
  return new Map(sets.flatMap((set) => {
    const own = drilled.get(set.name) ?? [];
    const seen = backupFindingsOf(set);
    if (own.length === 0 && !seen) return [];
    const backups = seen ? [seen] : [];
    return [[set.name, currentFindings({ drills: own, backups, acceptances, now })] as const];
  }));
}
