/** The state of the last backup and of the last drill: the problems, and what to do next. Pure. */

import type { DrillError, ErrorCode } from "../base/errors.ts";
import { formatAge } from "../base/numbers.ts";
import { timestampOf } from "../base/time.ts";
import { exitOf, type Verdict, verdictOfCode } from "../base/verdict.ts";
import type { UnreadableDrill } from "../store/records/drills.ts";
import { type Inventory, problemsOf } from "../store/sets/inventory.ts";
import { type AnySet, seenAt, suspectOf } from "../store/sets/sets.ts";
import type { History, HistoryPoint } from "./history.ts";
import { latestIn, skippedSets } from "../store/sets/latest.ts";

/** A problem, with what to do about it. */
interface StatusProblem {
  code: ErrorCode;
  message: string;
  hint: string;
}

export interface StatusSummary {
  /** The newest good set; where there is none, the newest that is at least not suspect. */
  set: { name: string; seenAt: Date; ageMs: number; flaws: string[] } | undefined;
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
  const found = [
    ...problemsOfSets(question, latest, set),
    ...problemsOfDrills(question),
    ...inventory.unreadable.map(({ error }) => problemOfRecord(error)),
  ];
  const problems = found.sort((a, b) => rank(a) - rank(b));
  const [first] = problems;
  const verdict = first === undefined ? "pass" : verdictOfCode(first.code);
  return {
    set,
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
  { inventory, maxAgeMs }: StatusFacts,
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
  } else if (set.ageMs > maxAgeMs) {
    found.push({
      code: "CHECK_FAILED",
      message: `the newest good set, ${set.name}, is ${formatAge(set.ageMs)} old, ${
        formatAge(maxAgeMs)
      } are allowed: backups have stopped, or all since are bad`,
      hint: `Look at the job that takes them, or take one: ${backup}`,
    });
  }
  for (const { name, problems } of skippedSets(inventory, latest)) {
    const skipped = inventory.sets.find((one) => one.name === name);
    const isSuspect = skipped !== undefined && suspectOf(skipped).length > 0;
    found.push({
      code: isSuspect ? "SET_SUSPECT" : "OBJECT_CORRUPT",
      message: `${name} is newer than the newest good set, and bad: ${problems.join("; ")}`,
      hint: isSuspect
        ? `Look at the ERP: was what the set lacks deleted on purpose? If so: ${backup} --accept REASON`
        : `Look at the store, and take a new set: ${backup}. Or put back what is damaged, then: dolibarr-drill verify ${environment}/${name}`,
    });
  }
  for (const one of inventory.sets.filter(({ name }) => name < latest.name)) {
    const flaws = problemsOf(one, inventory).filter((flaw) => !suspectOf(one).includes(flaw));
    if (flaws.length === 0) continue; // a suspect set that better ones followed is history
    found.push({
      code: "OBJECT_CORRUPT",
      message: `${one.name} is damaged: ${flaws.join("; ")}`,
      hint:
        `Put its objects back from a copy of the store, then: dolibarr-drill verify ${environment}/${one.name}`,
    });
  }
  return found;
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

function problemsOfDrills(
  facts: StatusFacts,
): StatusProblem[] {
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
  return [{
    code: failed ? "CHECK_FAILED" : "CHECK_NOT_RUN",
    message: `the newest drill is a ${failed ? "FAIL" : "NOT RUN"}: ${drill.headline}`,
    hint: drill.culprit === "erp"
      ? `Mend it in ${inventory.environment}: the backup is right. dolibarr-drill find NAME says which set still has a document, and extract gets it back.`
      : `Read its page, ${inventory.environment}/drills/${drill.id}.html in the store, and drill again when it is mended.`,
  }];
}

function dueText({ points }: History, { now, maxAgeMs }: StatusFacts): string {
  const due = (points.at(-1)?.at.getTime() ?? now.getTime()) + maxAgeMs;
  return `within ${formatAge(due - now.getTime())}`;
}
