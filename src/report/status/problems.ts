/** What is wrong by the drills and the records of a store, and what to do about it. Pure. */

import type { DrillError, ErrorCode } from "../../base/errors.ts";
import { formatAge, formatCount } from "../../base/numbers.ts";
import { PROGRAM } from "../../base/program_name.ts";
import { timestampOf } from "../../base/time.ts";
import type { AgedFinding } from "../../checks/findings/age.ts";
import type { UnreadableDrill } from "../../store/records/drills.ts";
import type { Inventory } from "../../store/sets/inventory.ts";
import { sinceText } from "../finding_words.ts";
import type { History } from "../history.ts";

/** A problem, with what to do about it. */
export interface StatusProblem {
  code: ErrorCode;
  message: string;
  hint: string;
}

export interface StatusFacts {
  inventory: Inventory;
  history: History;
  /** Drills whose records cannot be understood, newest first: what they found is not in the history. */
  unreadableDrills: readonly UnreadableDrill[];
  /** What is wrong in the ERP now. */
  findings: readonly AgedFinding[];
  now: Date;
  /** How old the newest good set, and the newest PASS, may be, in ms (`drill.max_age`). */
  maxAgeMs: number;
}

export function problemOfFindings(
  { inventory: { environment }, now }: StatusFacts,
  open: readonly AgedFinding[],
): StatusProblem | undefined {
  const [first] = open;
  return first && {
    code: "CHECK_FAILED",
    message: open.length === 1
      ? `${environment} has 1 open finding: ${first.finding.sentence}`
      : `${environment} has ${formatCount(open.length, "open finding")}, the oldest ${sinceText(first, now)}`,
    hint:
      `The backup is right: mend it in ${environment}, or accept it. How, and how to get a lost document back: ${PROGRAM} findings --env ${environment}`,
  };
}

/** The newest drill, where its record cannot be understood. */
export function unreadableNewest(
  { history, unreadableDrills: [newest] }: StatusFacts,
): UnreadableDrill | undefined {
  const drill = history.points.at(-1);
  return newest && (!drill || newest.at > drill.at) ? newest : undefined;
}

export const problemOfRecord = ({ code, message, hint }: DrillError): StatusProblem =>
  code === "STORE_NEWER" ? { code, message, hint: `${hint} Nothing is deleted until then.` } : {
    code: "OBJECT_CORRUPT",
    message,
    hint: "Put it back from a copy of the store, or move it away: nothing is deleted while it is there.",
  };

export function problemsOfDrills(facts: StatusFacts, open: readonly AgedFinding[]): StatusProblem[] {
  const { inventory, history, now, maxAgeMs } = facts;
  const drill = history.points.at(-1);
  const unread = unreadableNewest(facts);
  if (unread) {
    const { code, message, hint } = unread.error;
    return [{
      code,
      message: `what the newest drill of ${inventory.environment} found, ${
        timestampOf(unread.at)
      }, is not known here: ${message}`,
      hint,
    }];
  }
  const hint = `Run one: ${PROGRAM} drill --from ${inventory.environment}`;
  if (!drill) {
    return [{
      code: "CHECK_NOT_RUN",
      message:
        `no drill of ${inventory.environment} is recorded: nothing proves that its sets can be brought back`,
      hint,
    }];
  }
  const age = now.getTime() - drill.at.getTime();
  if (drill.verdict === "pass" && age <= maxAgeMs) return [];
  if (drill.verdict === "pass") {
    return [{
      code: "CHECK_NOT_RUN",
      message: `the newest drill is ${formatAge(age)} old: drills have stopped`,
      hint,
    }];
  }
  const failed = drill.verdict === "fail";
  const read =
    `Read its page, ${inventory.environment}/drills/${drill.id}.html in the store, and drill again when it is mended.`;
  if (drill.culprit === "erp" && open.length > 0 && age <= maxAgeMs) { // the findings are told one by one
    const { besides } = drill;
    return besides
      ? [{ code: "CHECK_FAILED", message: `of the newest drill: ${besides.join(". ")}`, hint: read }]
      : [];
  }
  return [{
    code: failed ? "CHECK_FAILED" : "CHECK_NOT_RUN",
    message: `the newest drill is a ${failed ? "FAIL" : "NOT RUN"}: ${drill.headline}`,
    hint: drill.culprit === "erp" && facts.findings.length > 0 && open.length === 0
      ? `What it found is accepted by now. The next drill shows it: ${PROGRAM} drill --from ${inventory.environment}`
      : drill.culprit === "erp"
      ? `Mend it in ${inventory.environment}: the backup is right. ${PROGRAM} find NAME says which set still has a document, and extract gets it back.`
      : read,
  }];
}
