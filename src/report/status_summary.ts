/** The state of the last backup and of the last drill: the problems, and what to do next. Pure. */

import type { DrillError, ErrorCode } from "../base/errors.ts";
import { formatAge, formatCount } from "../base/numbers.ts";
import { timestampOf } from "../base/time.ts";
import { exitOf, type Verdict, verdictOfCode } from "../base/verdict.ts";
import type { UnreadableDrill } from "../store/records/drills.ts";
import { type Inventory, problemsOf } from "../store/sets/inventory.ts";
import { type AnySet, seenAt, suspectOf } from "../store/sets/sets.ts";
import type { History, HistoryPoint } from "./history.ts";
import { latestIn, type LatestNotNewest, latestNotNewest, skippedSets } from "../store/sets/latest.ts";
import type { AgedFinding } from "../checks/findings/age.ts";
import { causeOf } from "../store/sets/damage.ts";
import { sinceText } from "./finding_words.ts";

/** A problem, with what to do about it. */
export interface StatusProblem {
  code: ErrorCode;
  message: string;
  hint: string;
}

export interface StatusSummary {
  /** The newest good set; where there is none, the newest that is at least not suspect. */
  set: { name: string; seenAt: Date; ageMs: number; flaws: string[] } | undefined;
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

interface StatusFacts {
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

function describe(set: AnySet, { inventory, now }: StatusFacts): NonNullable<StatusSummary["set"]> {
  const seen = seenAt(set);
  return {
    name: set.name,
    seenAt: seen,
    ageMs: now.getTime() - seen.getTime(),
    flaws: problemsOf(set, inventory),
  };
}

function problemsOfSets(
  { inventory, now, maxAgeMs }: StatusFacts,
  latest: AnySet | undefined,
  set: StatusSummary["set"],
): StatusProblem[] {
  const { environment } = inventory;
  const backup = `dolibarr-drill backup --env ${environment}`;
  if (!latest || !set) {
    const [newest] = inventory.sets;
    return newest
      ? [{
        code: "SET_SUSPECT",
        message: `there is no good set of ${environment}; the newest is ${newest.name}: ${
          problemsOf(newest, inventory).join("; ")
        }`,
        hint: `Look at the ERP, then take a new one: ${backup}`,
      }]
      : [{ code: "NO_SET", message: `there is no set of ${environment}`, hint: `Take one: ${backup}` }];
  }
  const found: StatusProblem[] = [];
  if (set.flaws.length > 0) {
    found.push({
      code: "OBJECT_CORRUPT",
      message: `no set of ${environment} is a good one; the best is ${set.name}: ${set.flaws.join("; ")}`,
      hint: `Take a new one at once: ${backup}`,
    });
  } else if (set.ageMs > maxAgeMs && !goesOn(inventory, now, maxAgeMs)) {
    found.push({
      code: "CHECK_FAILED",
      message: `the newest good set, ${set.name}, is ${formatAge(set.ageMs)} old, ${
        formatAge(maxAgeMs)
      } are allowed: backups have stopped`,
      hint: `Look at the job that takes them, or take one: ${backup}`,
    });
  }
  return [...found, ...newerBad(inventory, latest), ...olderDamaged(inventory, latest)];
}

/** Whether sets are still taken: then what is wrong is what is wrong with them, and not that there is none. */
const goesOn = ({ sets: [newest] }: Inventory, now: Date, maxAgeMs: number): boolean =>
  newest !== undefined && now.getTime() - seenAt(newest).getTime() <= maxAgeMs;

/** Sets with the same kind of flaws as one problem: the same cause is found anew each night, in that night's objects. */
function groupsOf<Bad extends { flaws: readonly string[] }>(sets: readonly Bad[]): Bad[][] {
  const cause = ({ flaws }: Bad) =>
    flaws.map((flaw) => causeOf(flaw).replaceAll(/\d{8}T\d{6}Z/g, "")).join("; ");
  return [...Map.groupBy(sets, cause).values()];
}

/** `20261130T020000Z is`, `20261130T020000Z and 22 more are`. */
const namesAre = ([first, ...others]: readonly { name: string }[]): string =>
  others.length === 0 ? `${first?.name} is` : `${first?.name} and ${others.length} more are`;

function newerBad(inventory: Inventory, latest: AnySet): StatusProblem[] {
  const { environment } = inventory;
  const backup = `dolibarr-drill backup --env ${environment}`;
  const newer = skippedSets(inventory, latest).map(({ name, problems: flaws }) => ({ name, flaws }))
    .sort((a, b) => a.name < b.name ? 1 : -1);
  return groupsOf(newer).map((group): StatusProblem => {
    const [first] = group;
    const newest = inventory.sets.find(({ name }) => name === first!.name);
    const isSuspect = newest !== undefined && suspectOf(newest).length > 0;
    return {
      code: isSuspect ? "SET_SUSPECT" : "OBJECT_CORRUPT",
      message: `${namesAre(group)} newer than the newest good set, and bad: ${first!.flaws.join("; ")}`,
      hint: isSuspect
        ? `Look at the ERP: was what the set lacks deleted on purpose? If so: ${backup} --accept REASON`
        : `Look at the store, and take a new set: ${backup}. What it is: dolibarr-drill list ${environment}/${
          first!.name
        }`,
    };
  });
}

/** A suspect set that better ones followed is history; what is damaged may be put back. */
function olderDamaged(inventory: Inventory, latest: AnySet): StatusProblem[] {
  const { environment, sets } = inventory;
  const older = sets.filter(({ name }) => name < latest.name).map((one) => ({
    name: one.name,
    flaws: problemsOf(one, inventory).filter((flaw) => !suspectOf(one).includes(flaw)),
  })).filter(({ flaws }) => flaws.length > 0);
  return groupsOf(older).map((group): StatusProblem => {
    const [first] = group;
    const set = `${environment}/${first!.name}`;
    // of what a drill could not restore no copy is any better
    const failed = inventory.failed.get(first!.name);
    return {
      code: "OBJECT_CORRUPT",
      message: `${namesAre(group)} damaged: ${first!.flaws.join("; ")}`,
      hint: failed !== undefined && first!.flaws.includes(failed)
        ? `Newer sets are good. See what was found, and what else is there: dolibarr-drill list ${set}`
        : group.length === 1
        ? `Put its objects back from a copy of the store, then: dolibarr-drill verify ${set}`
        : `Put their objects back from a copy of the store, then: dolibarr-drill verify --all --env ${environment}`,
    };
  });
}

function problemOfFindings(
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
      `The backup is right: mend it in ${environment}, or accept it. How, and how to get a lost document back: dolibarr-drill findings --env ${environment}`,
  };
}

/** The newest drill, where its record cannot be understood. */
function unreadableNewest({ history, unreadableDrills: [newest] }: StatusFacts): UnreadableDrill | undefined {
  const drill = history.points.at(-1);
  return newest && (!drill || newest.at > drill.at) ? newest : undefined;
}

const problemOfRecord = ({ code, message, hint }: DrillError): StatusProblem =>
  code === "STORE_NEWER" ? { code, message, hint: `${hint} Nothing is deleted until then.` } : {
    code: "OBJECT_CORRUPT",
    message,
    hint: "Put it back from a copy of the store, or move it away: nothing is deleted while it is there.",
  };

function problemsOfDrills(facts: StatusFacts, open: readonly AgedFinding[]): StatusProblem[] {
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
  const hint = `Run one: dolibarr-drill drill --from ${inventory.environment}`;
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
  if (drill.culprit === "erp" && open.length > 0 && age <= maxAgeMs) return []; // they are told one by one
  return [{
    code: failed ? "CHECK_FAILED" : "CHECK_NOT_RUN",
    message: `the newest drill is a ${failed ? "FAIL" : "NOT RUN"}: ${drill.headline}`,
    hint: drill.culprit === "erp" && facts.findings.length > 0
      ? `What it found is accepted by now. The next drill shows it: dolibarr-drill drill --from ${inventory.environment}`
      : drill.culprit === "erp"
      ? `Mend it in ${inventory.environment}: the backup is right. dolibarr-drill find NAME says which set still has a document, and extract gets it back.`
      : `Read its page, ${inventory.environment}/drills/${drill.id}.html in the store, and drill again when it is mended.`,
  }];
}

function dueText({ points }: History, { now, maxAgeMs }: StatusFacts): string {
  const due = (points.at(-1)?.at.getTime() ?? now.getTime()) + maxAgeMs;
  return `within ${formatAge(due - now.getTime())}`;
}
