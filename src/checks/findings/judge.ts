/** Findings: how a check of the books makes them, and how what a person accepted decides its verdict. Pure. */

import { formatCount } from "../../base/numbers.ts";
import type { Fault } from "../../dolibarr/fault.ts";
import { type Acceptances, acceptedNow } from "../../store/records/acceptances.ts";
import type { Outcome } from "../check.ts";
import type { CheckResult, Finding } from "../result.ts";

/** What a check of the books compared, and what it found wrong. */
interface Compared {
  /** The check's id. */
  check: string;
  /** How many things were compared. None proves nothing: then the outcome is not equal. */
  checked: number;
  /** What was compared with what, for the report. */
  with: string;
}

/**
 * The outcome of a check of the books: one finding for each fault.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const fault = { subject: "FA2610-0004", kind: "missing", sentence: "FA2610-0004: its PDF is missing" };
 * const outcome = outcomeOfFaults([fault], { check: "documents.invoices", checked: 48, with: "each invoice's PDF" });
 * assertEquals(outcome.equal, false);
 * assertEquals(outcome.findings?.map(({ id }) => id), ["documents.invoices/FA2610-0004/missing"]);
 * ```
 */
export function outcomeOfFaults(
  faults: readonly Fault[],
  { check, checked, with: compared }: Compared,
): Outcome {
  const findings = findingsOfFaults(faults, { check, with: compared });
  if (checked === 0) {
    return {
      equal: false,
      compared: { expected: "at least 1", found: 0, with: compared },
      message: "there was nothing to compare",
    };
  }
  return {
    equal: findings.length === 0,
    compared: { expected: checked, found: Math.max(0, checked - findings.length), with: compared },
    message: messageOf(findings),
    details: findings.slice(0, 20).map(({ sentence }) => sentence),
    findings,
  };
}

/** One finding for each fault, as the check of that id names it: what else sees the fault says the same of it. */
export const findingsOfFaults = (
  faults: readonly Fault[],
  { check, with: compared }: Pick<Compared, "check" | "with">,
): Finding[] =>
  faults.map(({ subject, kind, sentence, facts = {}, document }) => ({
    id: `${check}/${subject}/${kind}`,
    subject,
    sentence,
    with: compared,
    facts: { ...facts },
    ...(document ? { document } : {}),
  }));

/**
 * The outcome of a check of the books that found something which the backup does not hold: that is no fault of the ERP, so
 * what the check says is then about the restore. The findings stay.
 *
 * @param problems a sentence each; none: the outcome as it is.
 */
export function notRestored(outcome: Outcome, problems: readonly string[]): Outcome {
  const [first, ...others] = problems;
  if (first === undefined) return outcome;
  return {
    ...outcome,
    equal: false,
    judges: "restore",
    message: `${first}${others.length === 0 ? "" : `, and ${others.length} more`}`,
    details: [...problems],
  };
}

/**
 * A result with what is accepted at the moment `now` marked on its findings. A check that failed over nothing but accepted
 * findings passes, and says how many; one that found something else as well says that alone.
 */
export function judgeFindings(check: CheckResult, acceptances: Acceptances, now: Date): CheckResult {
  if (!check.findings || check.findings.length === 0) return check;
  const findings = check.findings.map((finding) => {
    const { accepted: _, ...bare } = finding;
    const accepted = acceptedNow(bare, acceptances, now);
    return accepted ? { ...bare, accepted } : bare;
  });
  const open = findings.filter(isOpen);
  const judged = { ...check, findings };
  if (check.verdict !== "fail" || check.judges !== "books") return judged;
  if (open.length > 0) return { ...judged, message: messageOf(open) };
  const { code: _code, hint: _hint, ...passed } = judged;
  return { ...passed, verdict: "pass", message: `${formatCount(findings.length, "finding")} accepted` };
}

/** Whether no person has accepted it. */
export const isOpen = ({ accepted }: Finding): boolean => accepted === undefined;

/** Every finding of a drill, in the order of its checks. */
export const findingsOf = (checks: readonly Pick<CheckResult, "findings">[]): Finding[] =>
  checks.flatMap(({ findings = [] }) => findings);

const messageOf = ([first, ...others]: readonly Finding[]): string | undefined =>
  first &&
  `${first.sentence}${others.length === 0 ? "" : `, and ${formatCount(others.length, "more finding")}`}`;
