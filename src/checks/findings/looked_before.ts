/**
 * What earlier drills looked at, and this one does not: rows and constants of the ERP decide what a check has to look at, and
 * whoever writes them must not switch it off. Pure.
 */

import { formatCount, formatNumber } from "../../base/numbers.ts";
import type { StoredDrill } from "../../store/records/drill_schema.ts";
import type { CheckResult, Finding } from "../result.ts";

/** How many things a check looked at in an earlier set. */
export interface LookedBefore {
  /** `prod/20260630T155313Z` */
  set: string;
  /** 1 where what it compared is no number. */
  count: number;
}

/**
 * Checks that have something to look at for as long as the ERP goes on: none depends on a choice that is another one each
 * night. Those that compare with an earlier set, or need a page's version, are not among them.
 */
const LASTING: readonly string[] = [
  ...["data.invoice_totals", "data.supplier_invoice_totals", "data.payments", "data.numbering"],
  ...["data.bookkeeping", "data.unalterable_log", "data.logged_invoices"],
  ...["documents.invoices", "documents.papers", "documents.logo", "browser.supplier_invoice_list"],
];

/** Of fewer things the last one may lawfully be gone: a draft, a payment that was entered by mistake. */
const FEWEST = 3;

/** From this many on it is a loss when fewer than half of them are looked at. */
const MANY = 20;

/** The kinds of findings of this file. */
export const NOT_LOOKED_AT = ["nothing-to-check", "fewer-checked"] as const;

/**
 * What each lasting check looked at, in the newest of `drills` in which it looked at something. Where a drill found that
 * there is less, what that one compared with counts on: it is a finding until there is as much again.
 *
 * @param drills newest first
 * @param set the set that is drilled now: drills of newer ones say nothing of it.
 */
export function lookedBeforeIn(drills: readonly StoredDrill[], set: string): Map<string, LookedBefore> {
  const before = new Map<string, LookedBefore>();
  const environment = set.slice(0, set.indexOf("/") + 1);
  for (const drill of drills) {
    const { name = "" } = drill.set ?? {};
    if (!name.startsWith(environment) || name > set) continue;
    for (const check of drill.checks.filter(({ id }) => LASTING.includes(id) && !before.has(id))) {
      const looked = carriedOn(check.findings ?? []) ?? lookedAt(check, name);
      if (looked) before.set(check.id, looked);
    }
  }
  return before;
}

function carriedOn(findings: readonly Pick<Finding, "id" | "facts">[]): LookedBefore | undefined {
  const told = findings.find(({ id }) => NOT_LOOKED_AT.some((kind) => id.endsWith(`/all/${kind}`)));
  if (!told) return undefined;
  const { before, in: set } = told.facts;
  return typeof before === "number" && typeof set === "string" ? { set, count: before } : undefined;
}

function lookedAt(
  { verdict, compared }: StoredDrill["checks"][number],
  set: string,
): LookedBefore | undefined {
  if (verdict === "not_run" || !compared) return undefined;
  const { expected } = compared;
  if (typeof expected !== "number") return { set, count: 1 };
  return expected >= FEWEST ? { set, count: expected } : undefined;
}

/**
 * The result as it is where nothing less was looked at than before; else with a finding, which makes it FAIL until a person
 * accepts that.
 */
export function stillLookedAt(result: CheckResult, before: ReadonlyMap<string, LookedBefore>): CheckResult {
  const was = before.get(result.id);
  if (!was) return result;
  if (result.verdict === "not_run") {
    if (result.code !== "NOTHING_TO_CHECK") return result;
    return withFinding(result, was, 0, {
      kind: "nothing-to-check",
      sentence: `there is nothing to check any more (${result.message}); in ${was.set} it was ${
        formatCount(was.count, "thing")
      }`,
    });
  }
  const { expected } = result.compared ?? {};
  const isLess = typeof expected === "number" && was.count >= MANY && expected < was.count / 2;
  if (!isLess || result.judges !== "books") return result;
  return withFinding(result, was, expected, {
    kind: "fewer-checked",
    sentence: `${formatCount(expected, "thing")} can be checked, in ${was.set} it was ${
      formatNumber(was.count)
    }`,
  });
}

function withFinding(
  result: CheckResult,
  { set, count }: LookedBefore,
  found: number,
  { kind, sentence }: { kind: typeof NOT_LOOKED_AT[number]; sentence: string },
): CheckResult {
  const compared = { expected: count, found, with: `what the check looks at against ${set}` };
  const finding: Finding = {
    id: `${result.id}/all/${kind}`,
    subject: result.title,
    sentence: `${result.title}: ${sentence}`,
    with: compared.with,
    facts: { before: count, in: set },
  };
  const others = result.findings ?? [];
  return {
    ...result,
    required: true,
    judges: "books",
    verdict: "fail",
    code: "CHECK_FAILED",
    compared: kind === "nothing-to-check" ? compared : result.compared!,
    message: finding.sentence,
    hint:
      "If that is lawful (a module that is no longer used, old rows that were archived), accept it as it is: see findings.",
    details: [finding.sentence, ...result.details],
    findings: [finding, ...others],
  };
}
