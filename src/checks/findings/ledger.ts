/** What is wrong with an ERP now, by the newest drill and backup that looked at it. Pure. */

import { NOT_LOOKED_AT } from "./looked_before.ts";
import { type Acceptances, acceptedNow } from "../../store/records/acceptances.ts";
import type { StoredDrill } from "../../store/records/drill_schema.ts";
import { type AnySet, isLegacy } from "../../store/sets/sets.ts";
import { isWithin } from "../check.ts";
import type { CheckResult, Finding, Level } from "../result.ts";

/** What one look at a set found, at the whole of what `covers` names. */
interface Look {
  /** The set's name, without its environment: of two looks that at the newer set counts. */
  set: string;
  /** When it ended, ISO 8601: of two looks at one set the later counts. */
  at: string;
  /** The check that looked; absent where a backup did. */
  check?: string;
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

/** A finding that stands now, and the look that found it last. */
export interface StandingFinding {
  finding: Finding;
  /** The set's name, without its environment. */
  set: string;
  /** When the drill ended that found it, ISO 8601; empty where a backup did. */
  at: string;
}

/**
 * Every finding that stands now, open or accepted: each from the newest set at which anything looked that would have found
 * it. A check that was not run that night says nothing, so what an earlier night found stays.
 */
export function standingFindings(
  { drills, backups = [], acceptances, now }: LedgerInput,
): StandingFinding[] {
  const looks = [...drills.flatMap(looksOfDrill), ...backups.map(lookOfBackup)]
    .sort((a, b) => newerFirst(a.set, b.set) || newerFirst(a.at, b.at));
  const found = new Map<string, StandingFinding>();
  for (const [index, { findings, set, at }] of looks.entries()) {
    for (const finding of findings) {
      if (found.has(finding.id) || looks.slice(0, index).some(({ covers }) => covers(finding.id))) continue;
      const { accepted: _, ...bare } = finding;
      const accepted = acceptedNow(bare, acceptances, now);
      found.set(finding.id, { finding: accepted ? { ...bare, accepted } : bare, set, at });
    }
  }
  return [...found.values()];
}

/** Those findings alone. */
export const currentFindings = (input: LedgerInput): Finding[] =>
  standingFindings(input).map(({ finding }) => finding);

/** The check that an id begins with, and the word for what is wrong that it ends with. What is between may hold a `/`. */
export const partsOfId = (id: string): { check: string; kind: string } => ({
  check: id.slice(0, id.indexOf("/")),
  kind: id.slice(id.lastIndexOf("/") + 1),
});

/** Checks that look at a sample, and from which level on they look at everything. */
const SAMPLED_BELOW: Readonly<Record<string, Level>> = { "documents.invoice_texts": "deep" };

/** Kinds of findings that stand for others: what could not be compared, and what was not listed. */
const FOR_OTHERS: readonly string[] = ["all-gone", "nothing-to-compare", "not-listed", ...NOT_LOOKED_AT];

/** Whether a finding of that kind stands for others. */
export const isForOthers = (kind: string): boolean => FOR_OTHERS.includes(kind);

/**
 * Whether that check of a drill of that level looked at some things alone, or named some alone of what it found: what is not
 * among its findings may be there all the same.
 */
export function wasSampled(check: string, level: Level, findings: readonly Finding[]): boolean {
  const whole = SAMPLED_BELOW[check];
  return whole !== undefined && !isWithin(whole, level) ||
    findings.some(({ id }) => isForOthers(partsOfId(id).kind));
}

/**
 * One look for each check of the books that came to an end. One that failed and names nothing had nothing to compare, or is
 * of a version that did not name what it found: it says nothing.
 */
export function looksOfDrill(
  { set, endedAt, level, checks }: Pick<StoredDrill, "endedAt" | "level"> & {
    set?: { name: string };
    checks: readonly Pick<CheckResult, "id" | "judges" | "verdict" | "findings">[];
  },
): Look[] {
  if (!set) return [];
  return checks.filter(({ judges, verdict, findings }) =>
    judges === "books" && verdict === "pass" || findings !== undefined
  ).map(({ id, findings = [] }) => ({
    set: set.name.slice(set.name.indexOf("/") + 1),
    at: endedAt,
    check: id,
    covers: wasSampled(id, level, findings)
      ? isAmong(findings)
      : (finding) => partsOfId(finding).check === id,
    findings,
  }));
}

function isAmong(findings: readonly Finding[]): (id: string) => boolean {
  const ids = new Set(findings.map(({ id }) => id));
  return (id) => ids.has(id);
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
