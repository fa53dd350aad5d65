/** The state of the last backup and of the last drill: the problems, and what to do next. Pure. */

import { formatAge } from "../../base/numbers.ts";
import { exitOf, type Verdict, verdictOfCode } from "../../base/verdict.ts";
import type { AgedFinding } from "../../checks/findings/age.ts";
import type { UnreadableDrill } from "../../store/records/drills.ts";
import { problemsOf } from "../../store/sets/inventory.ts";
import { latestIn, type LatestNotNewest, latestNotNewest } from "../../store/sets/latest.ts";
import { acceptedInWords, type AnySet, isLegacy, seenAt } from "../../store/sets/sets.ts";
import type { History, HistoryPoint } from "../history.ts";
import {
  problemOfFindings,
  problemOfRecord,
  problemsOfDrills,
  type StatusFacts,
  type StatusProblem,
  unreadableNewest,
} from "./problems.ts";
import { type GoodSet, problemsOfSets, vanishedSets } from "./set_problems.ts";

export interface StatusSummary {
  /** The newest good set; where there is none, the newest that is at least not suspect. */
  set: GoodSet | undefined;
  /** Why that is not the newest set there is, and how much time lies between; undefined: it is the newest, and good. */
  notNewest: LatestNotNewest | undefined;
  /** What is wrong in the ERP and nobody accepted, and what somebody did: the oldest first. */
  open: AgedFinding[];
  accepted: AgedFinding[];
  /** Which of the problems is that some are open. */
  openProblem: StatusProblem | undefined;
  /** The newest drill whose record can be read, and when the newest PASS ended. */
  drill: HistoryPoint | undefined;
  /** A newer one than that, whose record cannot be understood. */
  unreadableDrill: UnreadableDrill | undefined;
  lastPass: Date | undefined;
  drillsSincePass: number;
  /** Sets that are suspect or damaged, newest first. */
  bad: { name: string; flaws: string[] }[];
  /** The worst first. */
  problems: StatusProblem[];
  verdict: Verdict;
  exit: 0 | 1 | 2;
  /** What to do next, in a sentence. */
  next: string;
}

/** A problem that was found wins over one that kept something from being checked (docs/design.md, rule 3). */
export function summarizeStatus(question: StatusFacts): StatusSummary {
  const { inventory, history } = question;
  const latest = latestIn(inventory);
  const set = latest && describe(latest, question);
  const bad = inventory.sets.map((one) => ({ name: one.name, flaws: problemsOf(one, inventory) }))
    .filter(({ flaws }) => flaws.length > 0);
  const open = question.findings.filter(({ finding }) => !finding.accepted);
  const openProblem = problemOfFindings(question, open);
  const found = [
    ...problemsOfSets(question, latest, set),
    ...vanishedSets(inventory),
    ...(openProblem ? [openProblem] : []),
    ...problemsOfDrills(question, open),
    ...inventory.unreadable.map(({ error }) => problemOfRecord(error)),
  ];
  const problems = found.sort((a, b) => rank(a) - rank(b));
  const [first] = problems;
  const verdict = first === undefined ? "pass" : verdictOfCode(first.code);
  return {
    set,
    notNewest: latest && latestNotNewest(inventory, latest),
    open,
    openProblem,
    accepted: question.findings.filter(({ finding }) => finding.accepted),
    drill: history.points.at(-1),
    unreadableDrill: unreadableNewest(question),
    lastPass: history.lastPass,
    drillsSincePass: history.sincePass,
    bad,
    problems,
    verdict,
    exit: exitOf(verdict),
    next: first?.hint ?? `Nothing is to be done until the next drill, due ${dueText(history, question)}.`,
  };
}

const rank = ({ code }: StatusProblem): number => verdictOfCode(code) === "fail" ? 0 : 1;

function describe(set: AnySet, { inventory, now }: StatusFacts): GoodSet {
  const seen = seenAt(set);
  const accepted = acceptedInWords(set);
  return {
    name: set.name,
    ...(accepted === undefined ? {} : { accepted }),
    seenAt: seen,
    ...(isLegacy(set) || set.manifest.lastChange === undefined
      ? {}
      : { lastChange: new Date(set.manifest.lastChange) }),
    ageMs: now.getTime() - seen.getTime(),
    flaws: problemsOf(set, inventory),
  };
}

function dueText({ points }: History, { now, maxAgeMs }: StatusFacts): string {
  const due = (points.at(-1)?.at.getTime() ?? now.getTime()) + maxAgeMs;
  return `within ${formatAge(due - now.getTime())}`;
}
