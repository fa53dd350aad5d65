/** Since when something has been wrong with the ERP, and in which set it is still right: from what is known of each set. Pure. */

import type { StoredDrill } from "../../store/records/drill_schema.ts";
import { findingHash } from "../../store/records/finding_schema.ts";
import type { Finding } from "../result.ts";
import { type BackupFindings, partsOfId, wasSampled } from "./ledger.ts";

/** See `Finding.history`. */
export type FindingHistory = NonNullable<Finding["history"]>;

/**
 * What one earlier set says of a finding. `maybe`: it looks as it does now, which is the finding only if it was right
 * before; where it never was, it may not have been made yet, or not have been compared with what it is compared with now.
 * `otherwise`: something else is wrong with the same subject. A history is that which a drill of the set, or its backup,
 * found: the set has the finding.
 */
export type Known = "wrong" | "otherwise" | "maybe" | "right" | "unknown" | FindingHistory;

/** What has been learnt of a finding on the way from the newest set to the oldest. */
export interface Trail {
  readonly history: FindingHistory;
  /** The oldest set that at least may have it. */
  readonly maybeSince: string;
  /** Whether a set was met in which it is right: older ones do not tell since when it is wrong. */
  readonly sinceIsKnown: boolean;
  /** Whether no older set can change the history. */
  readonly ended: boolean;
}

/** The beginning: `set` is the one in which the finding was found. */
export const trailFrom = (set: string): Trail => ({
  history: { since: set },
  maybeSince: set,
  sinceIsKnown: false,
  ended: false,
});

/**
 * One set further back.
 *
 * @param isUsable whether a set of that name is there and can give back what it holds.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const isUsable = () => true;
 * const [one, two] = ["20261101T020000Z", "20261102T020000Z"];
 * const back = followTrail(followTrail(trailFrom("20261103T020000Z"), two, "maybe", isUsable), one, "right", isUsable);
 * assertEquals(back.history, { since: two, stillRightIn: one });
 * ```
 */
export function followTrail(
  trail: Trail,
  set: string,
  known: Known,
  isUsable: (set: string) => boolean,
): Trail {
  const { history, sinceIsKnown, ended } = trail;
  if (ended || known === "unknown" || known === "otherwise") return trail;
  if (known === "wrong" || known === "maybe") {
    if (sinceIsKnown) return trail;
    return {
      ...trail,
      maybeSince: set,
      history: known === "wrong" ? { since: set } : history,
    };
  }
  if (known === "right") {
    const since = sinceIsKnown ? history.since : trail.maybeSince;
    const usable = isUsable(set);
    return {
      ...trail,
      history: { since, ...(usable ? { stillRightIn: set } : {}) },
      sinceIsKnown: true,
      ended: usable,
    };
  }
  const since = sinceIsKnown ? history.since : known.since;
  const { stillRightIn } = known;
  if (stillRightIn === undefined || isUsable(stillRightIn)) {
    return { ...trail, history: { ...known, since }, sinceIsKnown: true, ended: true };
  }
  return { ...trail, history: { since }, sinceIsKnown: true }; // that set is gone: an older one may still have it
}

/** What an index says of a document. */
export interface IndexedDocument {
  bytes: number;
  sha256: string;
}

/** What is known of one set. */
export interface SetSources {
  /** What lies under the finding's path; null: nothing; undefined: not known, also where the backup left it out. */
  document?: IndexedDocument | null;
  /** Of that set, newest first. */
  drills?: readonly StoredDrill[];
  /** What the backup saw that took it. */
  backup?: BackupFindings;
}

/** What a set says of a finding: by the drills of it, by the backup that took it, and by its index. */
export function knownOf(finding: Finding, { document, drills = [], backup }: SetSources): Known {
  const looks = [
    ...drills.map((drill) => knownByDrill(finding, drill)),
    ...(backup ? [knownByBackup(finding, backup)] : []),
  ];
  const byLook = looks.find((known) => known !== "unknown") ?? "unknown";
  if (!finding.document || byLook !== "right" && byLook !== "unknown") return byLook;
  const byIndex = knownByIndex(finding.document, document);
  if (byLook === "unknown" || byIndex === "right") return byIndex;
  // right though the document is as now: it was compared with something else; right without it: it lay under another path
  return document && byIndex === "maybe" ? "right" : "unknown";
}

/** What the backup recorded that saw the very same finding, where that names a set in which it is right. */
export function historyRecorded(finding: Finding, { findings }: BackupFindings): FindingHistory | undefined {
  const known = foundAmong(findings, finding);
  return typeof known === "object" && known.stillRightIn !== undefined ? known : undefined;
}

function knownByIndex(
  { sha256 }: NonNullable<Finding["document"]>,
  there: IndexedDocument | null | undefined,
): Known {
  if (there === undefined) return "unknown";
  if (there === null) return sha256 === undefined ? "maybe" : "unknown";
  if (there.sha256 === sha256) return "maybe";
  return there.bytes > 0 ? "right" : "unknown";
}

function knownByBackup(finding: Finding, { covers, findings }: BackupFindings): Known {
  const found = foundAmong(findings, finding);
  if (found !== undefined) return found;
  const { check, kind } = partsOfId(finding.id);
  return covers.includes(`${check}/${kind}`) ? "right" : "unknown";
}

function knownByDrill(finding: Finding, { level, checks }: StoredDrill): Known {
  const { check: id } = partsOfId(finding.id);
  const check = checks.find((one) => one.id === id);
  if (!check || check.verdict === "not_run") return "unknown";
  const found = foundAmong(check.findings ?? [], finding);
  if (found !== undefined) return found;
  if (check.verdict === "fail" && !check.findings) { // an earlier version named the first ones alone
    return check.details.includes(finding.sentence) ? "wrong" : "unknown";
  }
  return wasSampled(id, level, check.findings ?? []) ? "unknown" : "right";
}

/** What a look says that found these; undefined: nothing of the finding's subject. */
function foundAmong(findings: readonly Finding[], finding: Finding): Known | undefined {
  const { byId, subjects } = indexed(findings);
  const found = byId.get(finding.id);
  if (!found) return subjects.has(subjectOf(finding)) ? "otherwise" : undefined;
  return found.history && findingHash(found) === findingHash(finding) ? found.history : "wrong";
}

/** A check and what it looked at, whatever is wrong with it: an id without its last word. */
const subjectOf = ({ id }: Finding): string => id.slice(0, id.lastIndexOf("/"));

/** There may be 10,000 findings, each asked for in every set. */
const indexes = new WeakMap<readonly Finding[], ReturnType<typeof indexOf>>();

function indexed(findings: readonly Finding[]): ReturnType<typeof indexOf> {
  const known = indexes.get(findings) ?? indexOf(findings);
  indexes.set(findings, known);
  return known;
}

const indexOf = (findings: readonly Finding[]) => ({
  byId: new Map(findings.map((one) => [one.id, one])),
  subjects: new Set(findings.map(subjectOf)),
});
