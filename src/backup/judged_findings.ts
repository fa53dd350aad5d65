/** What a backup found, told apart by what a person decided of it and by what was known before. */

import { messageOf } from "../base/errors.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { earlierDrills } from "../checks/findings/earlier_drills.ts";
import { isOpen } from "../checks/findings/judge.ts";
import { standingIn } from "../checks/findings/standing.ts";
import type { Finding } from "../checks/result.ts";
import { type Acceptances, acceptedNow, readAcceptances } from "../store/records/acceptances.ts";
import { findingHash } from "../store/records/finding_schema.ts";
import type { Store } from "../store/store.ts";
import type { TakenSet } from "./backup.ts";

export interface JudgedFindings {
  /** Those that no person has accepted. */
  open: readonly Finding[];
  accepted: readonly Finding[];
  /** Those of the open ones that no earlier set and no drill has. */
  newOnes: readonly Finding[];
}

/** So many of the newest drills tell what was known. */
const DRILLS_READ = 10;

/** Reads the decisions about them. Where the store fails every finding counts as open and new, and that is a warning. */
export async function judgeBackup(
  store: Store,
  { findings, before }: Pick<TakenSet, "findings" | "before">,
  { now, reporter }: { now: Date; reporter: Reporter },
): Promise<JudgedFindings> {
  if (findings.length === 0) return { open: [], accepted: [], newOnes: [] };
  const onUnreadable = ({ error }: { error: Error }) => reporter.warn(error.message);
  try {
    const { environment } = before;
    const acceptances = await readAcceptances(store, environment, onUnreadable);
    const drills = await (await earlierDrills(store, environment, onUnreadable)).newest(DRILLS_READ);
    const known = standingIn(before, { drills, acceptances, now }).map(({ finding }) => finding);
    return judgedFindings(findings, { acceptances, known, now });
  } catch (error) {
    reporter.warn(`Cannot read which findings are accepted: ${messageOf(error)}; all of them count as open`);
    return judgedFindings(findings, { acceptances: new Map(), known: [], now });
  }
}

/** `known`: those that stood before. Pure. */
export function judgedFindings(
  findings: readonly Finding[],
  { acceptances, known, now }: { acceptances: Acceptances; known: readonly Finding[]; now: Date },
): JudgedFindings {
  const judged = findings.map((finding) => {
    const accepted = acceptedNow(finding, acceptances, now);
    return accepted ? { ...finding, accepted } : finding;
  });
  const stood = new Set(known.map(findingHash));
  const open = judged.filter(isOpen);
  return {
    open,
    accepted: judged.filter((finding) => !isOpen(finding)),
    newOnes: open.filter((finding) => !stood.has(findingHash(finding))),
  };
}
