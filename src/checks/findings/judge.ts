/** How what a person accepted decides the verdict of a check of the books. Pure. */

import { formatCount } from "../../base/numbers.ts";
import { type Acceptances, acceptedNow } from "../../store/records/acceptances.ts";
import type { CheckResult, Finding } from "../result.ts";
import { sentenceOfFindings } from "./outcome.ts";

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
  if (open.length > 0) return { ...judged, message: sentenceOfFindings(open) };
  const { code: _code, hint: _hint, ...passed } = judged;
  return { ...passed, verdict: "pass", message: `${formatCount(findings.length, "finding")} accepted` };
}

/** Whether no person has accepted it. */
export const isOpen = ({ accepted }: Finding): boolean => accepted === undefined;

/** Every finding of a drill, in the order of its checks. */
export const findingsOf = (checks: readonly Pick<CheckResult, "findings">[]): Finding[] =>
  checks.flatMap(({ findings = [] }) => findings);
