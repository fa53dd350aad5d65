/** What is wrong with an ERP now, by the newest drill and backup that looked at it. Pure. */

import { type Acceptances, acceptedNow } from "../../store/records/acceptances.ts";
import type { StoredDrill } from "../../store/records/drill_schema.ts";
import { type AnySet, isLegacy } from "../../store/sets/sets.ts";
import type { Finding } from "../result.ts";

/** What one look at a set found, at the whole of what `covers` names. */
interface Look {
  /** The set's name, without its environment: of two looks that at the newer set counts. */
  set: string;
  /** When it ended, ISO 8601: of two looks at one set the later counts. */
  at: string;
  /** Whether it would have found that finding, had it been there. */
  covers: (id: string) => boolean;
  findings: readonly Finding[];
}

/** What a backup saw of the ERP while it backed it up. */
export interface BackupFindings {
  /** Its set's name, without its environment. */
  set: string;
  /** What it looked at, as `CHECK/KIND`: `documents.invoices/missing`. */
  covers: readonly string[];
  findings: readonly Finding[];
}

/** What the backup that took `set` saw; undefined where it did not look: an earlier version's, or one of the shell script. */
export const backupFindingsOf = (set: AnySet): BackupFindings | undefined =>
  isLegacy(set) || !set.manifest.findings ? undefined : { set: set.name, ...set.manifest.findings };

interface LedgerInput {
  /** In any order. A drill of another environment than the findings' counts for nothing: the caller leaves it out. */
  drills: readonly StoredDrill[];
  /** In any order. */
  backups?: readonly BackupFindings[];
  acceptances: Acceptances;
  now: Date;
}

/**
 * Every finding that stands now, open or accepted: each from the newest set at which anything looked that would have found
 * it. A check that was not run that night says nothing, so what an earlier night found stays.
 */
export function currentFindings({ drills, backups = [], acceptances, now }: LedgerInput): Finding[] {
  const looks = [...drills.flatMap(looksOfDrill), ...backups.map(lookOfBackup)]
    .sort((a, b) => newerFirst(a.set, b.set) || newerFirst(a.at, b.at));
  const found = new Map<string, Finding>();
  for (const [at, look] of looks.entries()) {
    for (const finding of look.findings) {
      if (found.has(finding.id) || looks.slice(0, at).some(({ covers }) => covers(finding.id))) continue;
      const { accepted: _, ...bare } = finding;
      const accepted = acceptedNow(bare, acceptances, now);
      found.set(finding.id, accepted ? { ...bare, accepted } : bare);
    }
  }
  return [...found.values()];
}

/** The check that an id begins with, and the word for what is wrong that it ends with. What is between may hold a `/`. */
export const partsOfId = (id: string): { check: string; kind: string } => ({
  check: id.slice(0, id.indexOf("/")),
  kind: id.slice(id.lastIndexOf("/") + 1),
});

/** One look for each check of the books that came to an end. */
function looksOfDrill({ set, endedAt, checks }: StoredDrill): Look[] {
  if (!set) return [];
  return checks.filter(({ judges, verdict, findings }) =>
    judges === "books" && verdict !== "not_run" || findings !== undefined
  ).map(({ id, findings = [] }) => ({
    set: set.name.slice(set.name.indexOf("/") + 1),
    at: endedAt,
    covers: (finding) => partsOfId(finding).check === id,
    findings,
  }));
}

const lookOfBackup = ({ set, covers, findings }: BackupFindings): Look => ({
  set,
  at: "", // a drill of the same set saw more
  covers: (finding) => {
    const { check, kind } = partsOfId(finding);
    return covers.includes(`${check}/${kind}`);
  },
  findings,
});

const newerFirst = (a: string, b: string): number => a < b ? 1 : a > b ? -1 : 0;
