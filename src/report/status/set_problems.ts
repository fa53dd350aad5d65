/** What is wrong with the sets of a store, each cause once, and what to do about it. Pure. */

import { formatAge } from "../../base/numbers.ts";
import { PROGRAM } from "../../base/program_name.ts";
import { causeOf } from "../../store/sets/damage.ts";
import { besideUnreadable, vanishedHint, vanishedInWords } from "../../store/records/rosters.ts";
import { type Inventory, problemsOf, vanishedIn } from "../../store/sets/inventory.ts";
import { skippedSets } from "../../store/sets/latest.ts";
import { type AnySet, seenAt, suspectOf } from "../../store/sets/sets.ts";
import type { StatusFacts, StatusProblem } from "./problems.ts";

/** The newest good set, as the status tells of it. */
export interface GoodSet {
  /** That its state looked lost, and a person accepted it, in words. */
  accepted?: string;
  name: string;
  seenAt: Date;
  /** When people last changed something in its database; undefined: its backup does not say. */
  lastChange?: Date;
  ageMs: number;
  flaws: string[];
}

/** Sets that are gone without a prune, or have another manifest, as one problem. One that cannot be read is a problem of its own. */
export function vanishedSets(inventory: Inventory): StatusProblem[] {
  const vanished = besideUnreadable(vanishedIn(inventory));
  const [first, ...others] = vanishedInWords(vanished);
  if (first === undefined) return [];
  const more = others.length === 0 ? "" : `, and ${others.length} more`;
  return [{ code: "SETS_VANISHED", message: `${first}${more}`, hint: vanishedHint(vanished) }];
}

/** @param latest undefined where there is none; `set` is what is told of it. */
export function problemsOfSets(
  { inventory, now, maxAgeMs }: StatusFacts,
  latest: AnySet | undefined,
  set: GoodSet | undefined,
): StatusProblem[] {
  const { environment } = inventory;
  const backup = `${PROGRAM} backup --env ${environment}`;
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
  const backup = `${PROGRAM} backup --env ${environment}`;
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
        ? `Look at the ERP: was what the set lacks deleted on purpose? If so: ${PROGRAM} accept-suspect ${environment}/${
          first!.name
        } --reason TEXT`
        : `Look at the store, and take a new set: ${backup}. What it is: ${PROGRAM} list ${environment}/${
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
        ? `Newer sets are good. See what was found, and what else is there: ${PROGRAM} list ${set}`
        : group.length === 1
        ? `Put its objects back from a copy of the store, then: ${PROGRAM} verify ${set}`
        : `Put their objects back from a copy of the store, then: ${PROGRAM} verify --all --env ${environment}`,
    };
  });
}
