/** What a person may decide about findings, and what is written for it. Pure. */

import { DrillError } from "../../base/errors.ts";
import { nearest } from "../../base/nearest.ts";
import { PROGRAM } from "../../base/program_name.ts";
import { oneLine } from "../../base/text.ts";
import { type Acceptance, type Acceptances, endOfAcceptance } from "../../store/records/acceptances.ts";
import type { AgedFinding } from "./age.ts";

/** What a person asks for: until a day or for good, and why. */
export interface AskedAcceptance {
  until: string;
  reason: string;
}

/** One finding, and what becomes of it. */
export interface Decided {
  standing: AgedFinding;
  /** `same`: it is accepted already, with this end and this reason, so nothing is written. */
  change: "accepted" | "changed" | "same";
}

/** The last day for which a finding can be accepted at the moment `now`: `2027-11-30`. */
export const lastDay = (now: Date): string => {
  const day = new Date(Date.UTC(now.getUTCFullYear() + 1, now.getUTCMonth(), now.getUTCDate()));
  return day.toISOString().slice(0, 10);
};

/**
 * What is wrong with `--until`, as the end of a sentence; undefined: nothing. A day in UTC or `never`.
 * @example untilProblem("2026-06-31", new Date()) // "is not a date of the form 2027-03-31, nor never"
 */
export function untilProblem(until: string, now: Date): string | undefined {
  if (until === "never") return undefined;
  const day = /^\d{4}-\d{2}-\d{2}$/.test(until) ? new Date(`${until}T00:00:00Z`) : undefined;
  if (!day || Number.isNaN(day.getTime()) || !day.toISOString().startsWith(until)) {
    return "is not a date of the form 2027-03-31, nor never";
  }
  if (until < now.toISOString().slice(0, 10)) return "has passed: an acceptance ends with that day, UTC";
  if (until > lastDay(now)) {
    return `is more than a year ahead: the last day that can be given now is ${lastDay(now)}`;
  }
  return undefined;
}

/**
 * The findings that are meant by their ids.
 * @throws DrillError `FINDING_UNKNOWN`, with the nearest id where one is near, for all of them at once.
 */
export function findByIds(
  ids: readonly string[],
  standing: readonly AgedFinding[],
  environment: string,
): AgedFinding[] {
  const known = new Map(standing.map((one) => [one.finding.id, one]));
  const wanted = [...new Set(ids)];
  const unknown = wanted.filter((id) => !known.has(id));
  const [first] = unknown;
  if (first === undefined) return wanted.map((id) => known.get(id)!);
  const meant = standing.find(({ finding }) => finding.subject === first)?.finding.id ??
    nearest(first, [...known.keys()]);
  throw new DrillError(
    "FINDING_UNKNOWN",
    `Cannot find ${first} in ${environment}: neither the newest drills nor the newest backup tell of it`,
    `${
      meant ? `Did you mean ${oneLine(meant)}? ` : ""
    }Nothing was written. See all: ${PROGRAM} findings --env ${environment}`,
    { details: unknown.slice(1).map((id) => `nor of ${id}`) },
  );
}

/**
 * The open findings of one check.
 * @throws DrillError `FINDING_UNKNOWN` where that check found nothing, accepted or not.
 */
export function findByCheck(
  check: string,
  standing: readonly AgedFinding[],
  environment: string,
): AgedFinding[] {
  const own = standing.filter((one) => one.check === check);
  if (own.length > 0) return own.filter(({ finding }) => finding.accepted === undefined);
  const checks = [...new Set(standing.map((one) => one.check))];
  const near = nearest(check, checks);
  throw new DrillError(
    "FINDING_UNKNOWN",
    `Cannot accept the findings of ${check}: ${environment} has none of that check`,
    near
      ? `Did you mean ${near}?`
      : checks.length > 0
      ? `Findings are of ${checks.join(", ")}.`
      : `See all: ${PROGRAM} findings --env ${environment}`,
  );
}

/**
 * What becomes of each finding.
 * @throws DrillError `USAGE` where one may not be accepted for good: a set still has its subject right, or nobody knows.
 */
export function decideAcceptance(
  chosen: readonly AgedFinding[],
  { until, reason }: AskedAcceptance,
  environment: string,
): Decided[] {
  const tooLong = until === "never" ? chosen.filter(({ stillRightIn }) => stillRightIn !== null) : [];
  const [first] = tooLong;
  if (first) {
    const { finding: { id }, stillRightIn } = first;
    throw new DrillError(
      "USAGE",
      `Cannot accept ${id} for good: ${
        stillRightIn
          ? `${environment}/${stillRightIn} still has it right`
          : "it is not known which sets still have it right"
      }`,
      `Nothing was written. ${
        stillRightIn ? "Get it back from there, or give a day" : "Give a day"
      } instead of never.`,
      { details: tooLong.length === 1 ? [] : tooLong.map(({ finding }) => finding.id) },
    );
  }
  return chosen.map((standing): Decided => {
    const { accepted } = standing.finding;
    if (!accepted) return { standing, change: "accepted" };
    return { standing, change: accepted.until === until && accepted.reason === reason ? "same" : "changed" };
  });
}

/**
 * The acceptances in force whose finding has that id: more than one where its facts changed meanwhile.
 * @throws DrillError `FINDING_UNKNOWN` where there is none.
 */
export function acceptancesOf(
  id: string,
  acceptances: Acceptances,
  now: Date,
  environment: string,
): Acceptance[] {
  const inForce = [...acceptances.values()].filter((one) => isInForce(one, now));
  const own = inForce.filter(({ finding }) => finding.id === id);
  if (own.length > 0) return own;
  const past = [...acceptances.values()].find(({ finding }) => finding.id === id);
  const why = past?.until
    ? `its acceptance ended with ${past.until}`
    : past
    ? `that was taken back at ${past.at} by ${past.by}`
    : "nobody accepted it";
  const near = nearest(id, inForce.map(({ finding }) => finding.id));
  throw new DrillError(
    "FINDING_UNKNOWN",
    `Cannot withdraw the acceptance of ${id} in ${environment}: ${why}`,
    `${
      near ? `Did you mean ${oneLine(near)}? ` : ""
    }See what is accepted: ${PROGRAM} findings --env ${environment}`,
  );
}

function isInForce(acceptance: Acceptance, now: Date): boolean {
  const end = endOfAcceptance(acceptance);
  return acceptance.until !== undefined && !(end && now >= end);
}
