/** What a check of the books found: findings, each once, and what of it the backup does not hold. Pure. */

import { formatCount, formatNumber } from "../../base/numbers.ts";
import { withoutCredentials } from "../../base/text.ts";
import { type Fault, FAULTS_AT_MOST } from "../../dolibarr/fault.ts";
import type { Compared, Finding } from "../result.ts";

const MADE_HERE = Symbol("made by outcomeOfFaults");

/** What a check of the books found. Only `outcomeOfFaults` makes one: it passes where there is no finding, and only there. */
export interface BooksOutcome {
  readonly [MADE_HERE]: true;
  readonly equal: boolean;
  readonly compared: Compared;
  /** Why it is not equal. */
  readonly message?: string;
  /** What to do about a finding, where it is known. */
  readonly hint?: string;
  readonly details: readonly string[];
  /** All that is wrong, each once. */
  readonly findings: readonly Finding[];
  /** What the backup does not hold, so that it says nothing of the ERP, a sentence each: see `notRestored`. */
  readonly notRestored: readonly string[];
}

interface FaultsOptions {
  /** The check's id. */
  check: string;
  /** How many things were compared. None proves nothing: then that is the finding. */
  checked: number;
  /** What was compared with what, for the report. */
  with: string;
  /** How many of those things are wrong, where one can have several faults or several share one. Default: one for each fault. */
  wrong?: number;
  /** How many faults there are, where not all are listed. Default: those that are. */
  total?: number;
  hint?: string;
  /** What a report lists where nothing is wrong. */
  notes?: readonly string[];
}

/**
 * The outcome of a check of the books: one finding for each fault. No two have the same id: where two faults have one
 * subject and one kind, the later is of `SUBJECT (2)`. Of more than `FAULTS_AT_MOST` the rest is one finding, which counts them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const fault = { subject: "FA2610-0004", kind: "missing", sentence: "FA2610-0004: its PDF is missing" };
 * const outcome = outcomeOfFaults([fault], { check: "documents.invoices", checked: 48, with: "each invoice's PDF" });
 * assertEquals(outcome.equal, false);
 * assertEquals(outcome.findings.map(({ id }) => id), ["documents.invoices/FA2610-0004/missing"]);
 * ```
 */
export function outcomeOfFaults(faults: readonly Fault[], options: FaultsOptions): BooksOutcome {
  const { checked, hint, notes = [], total = faults.length } = options;
  const wrong = options.wrong ?? Math.max(total, faults.length);
  const findings = findingsOfFaults(checked === 0 ? [NOTHING_COMPARED, ...faults] : faults, options);
  return {
    [MADE_HERE]: true,
    equal: findings.length === 0,
    compared: {
      expected: checked === 0 ? "at least 1" : checked,
      found: Math.max(0, checked - wrong),
      with: options.with,
    },
    message: sentenceOfFindings(findings),
    ...(findings.length > 0 && hint !== undefined ? { hint } : {}),
    details: findings.length > 0 ? findings.slice(0, 20).map(({ sentence }) => sentence) : notes,
    findings,
    notRestored: [],
  };
}

/**
 * One finding for each fault, as the check of that id names it: what else sees the fault says the same of it.
 *
 * @param total how many faults there are, where not all of them are given
 */
export function findingsOfFaults(
  faults: readonly Fault[],
  { check, with: compared, total = 0 }: Pick<FaultsOptions, "check" | "with" | "total">,
): Finding[] {
  const listed = faults.slice(0, FAULTS_AT_MOST);
  const left = Math.max(total, faults.length) - listed.length;
  const all = left > 0 ? [...listed, notListed(left)] : listed;
  return withoutRepeatedIds(all.map((fault) => findingOf(fault, check, compared)));
}

/**
 * The outcome of a check of the books that found something which the backup does not hold: that is no fault of the ERP, so
 * what the check says is then about the restore. The findings stay.
 *
 * @param problems a sentence each; none: the outcome as it is.
 */
export function notRestored(outcome: BooksOutcome, problems: readonly string[]): BooksOutcome {
  const [first, ...others] = problems;
  if (first === undefined) return outcome;
  return {
    ...outcome,
    equal: false,
    notRestored: [...problems],
    message: `${first}${others.length === 0 ? "" : `, and ${others.length} more`}`,
    details: [...problems],
  };
}

/** The first of these findings, and how many more there are; undefined where there is none. */
export const sentenceOfFindings = ([first, ...others]: readonly Finding[]): string | undefined =>
  first &&
  `${first.sentence}${others.length === 0 ? "" : `, and ${formatCount(others.length, "more finding")}`}`;

const NOTHING_COMPARED: Fault = {
  subject: "all",
  kind: "nothing-to-compare",
  sentence: "there was nothing to compare",
};

const notListed = (count: number): Fault => ({
  subject: "others",
  kind: "not-listed",
  sentence: `${formatNumber(count)} more are not listed, because ${formatNumber(FAULTS_AT_MOST)} are`,
  facts: { count },
});

/** Without credentials, as a record stores it: what a person accepts is the stored one, and must be the same. */
function findingOf(
  { subject, key, kind, sentence, facts = {}, document }: Fault,
  check: string,
  compared: string,
): Finding {
  const about = withoutCredentials(subject);
  return {
    id: `${check}/${key ?? about}/${kind}`,
    subject: about,
    sentence: withoutCredentials(sentence),
    with: compared,
    facts: Object.fromEntries(
      Object.entries(facts).map((
        [name, fact],
      ) => [name, typeof fact === "string" ? withoutCredentials(fact) : fact]),
    ),
    ...(document ? { document } : {}),
  };
}

/** Where an id comes again its subject gets a number, the least that makes it one of its own. */
function withoutRepeatedIds(findings: readonly Finding[]): Finding[] {
  const taken = new Set<string>();
  return findings.map((finding) => {
    let unique = finding;
    for (let number = 2; taken.has(unique.id); number++) {
      const subject = `${finding.subject} (${number})`;
      const kind = finding.id.slice(finding.id.lastIndexOf("/"));
      const check = finding.id.slice(0, finding.id.indexOf("/"));
      unique = { ...finding, subject, id: `${check}/${subject}${kind}` };
    }
    taken.add(unique.id);
    return unique;
  });
}
