/** Findings in words: what every report says of them, so that all say the same. Pure. */

import { PROGRAM } from "../../base/program_name.ts";
import { momentOf } from "../../base/time.ts";
import { formatCount, formatNumber } from "../../base/numbers.ts";
import { shellWord } from "../../base/shell_words.ts";
import type { CheckResult, DrillResult, Finding } from "../result.ts";

/** What a report needs to know of a drill to speak of its findings. */
export type FindingsSource = Pick<DrillResult, "checks" | "from" | "mended" | "set" | "startedAt">;

/** What of a check tells of findings; a stored one has it too. */
type Telling = Pick<CheckResult, "judges" | "verdict" | "findings" | "message" | "title">;

/** One thing that is wrong with the ERP and that no person has accepted. */
export interface OpenFault<One extends Telling = CheckResult> {
  check: One;
  sentence: string;
  /** Absent where its check could not tell one from the other. */
  finding?: Finding;
}

/** The findings of checks that speak of the ERP; one that found fault with the restore says nothing of the ERP. */
const findingsOfBooks = (checks: readonly Telling[]): Finding[] =>
  checks.filter(({ judges, verdict }) => judges === "books" && verdict !== "not_run")
    .flatMap(({ findings = [] }) => findings);

/** What a person has accepted, in the order of the checks. */
export const acceptedFindings = (checks: readonly Telling[]): Finding[] =>
  findingsOfBooks(checks).filter(({ accepted }) => accepted !== undefined);

/** What no person has accepted: each finding once, and each check of the books that failed without one. */
export function openFaults<One extends Telling>(checks: readonly One[]): OpenFault<One>[] {
  return checks.filter(({ judges, verdict }) => judges === "books" && verdict === "fail").flatMap(
    (check): OpenFault<One>[] => {
      const open = (check.findings ?? []).filter(({ accepted }) => accepted === undefined);
      return open.length > 0
        ? open.map((finding) => ({ check, sentence: finding.sentence, finding }))
        : [{ check, sentence: check.message ?? check.title }];
    },
  );
}

/** How many there are of each kind; undefined where no check of the books came to an end. */
export function countFindings(
  checks: readonly Telling[],
): { open: number; accepted: number } | undefined {
  if (!checks.some(({ judges, verdict }) => judges === "books" && verdict !== "not_run")) return undefined;
  return { open: openFaults(checks).length, accepted: acceptedFindings(checks).length };
}

/** `1 fault that is not accepted`. */
export const openInWords = (count: number): string =>
  count === 1 ? "1 fault that is not accepted" : `${formatNumber(count)} faults that are not accepted`;

/** `findings: 1 accepted; FA2610-0004 is no longer wrong, or no longer there`; empty where there is neither. */
export function quietInWords({ checks, mended = [] }: Pick<FindingsSource, "checks" | "mended">): string {
  const accepted = acceptedFindings(checks).length;
  return [
    ...(accepted > 0 ? [`findings: ${formatNumber(accepted)} accepted`] : []),
    ...(mended.length > 0 ? [mendedInWords(mended)] : []),
  ].join("; ");
}

/** `FA2610-0004 is no longer wrong, or no longer there`: what was deleted has no fault either. `... and 3 others are ...`. */
export function mendedInWords(mended: readonly Finding[]): string {
  const [first, ...others] = [...new Set(mended.map(({ subject }) => subject))];
  return others.length === 0
    ? `${first} is no longer wrong, or no longer there`
    : `${first} and ${formatCount(others.length, "other")} are no longer wrong, or no longer there`;
}

/**
 * `the night of 3 November`; with the year where it is not that of `now`. `set`: the name of a set, without its
 * environment. A text that is none stays what it is.
 */
export function nightOf(set: string, now: string): string {
  const day = dayOf(set, now, "long");
  return day === undefined ? set : `the night of ${day}`;
}

/** `3 November`, `3 Nov`; with the year where it is not that of `now`; undefined where `set` is no name of a set. */
function dayOf(set: string, now: string, month: "long" | "short"): string | undefined {
  const moment = momentOf(set);
  if (!moment) return undefined;
  const isOtherYear = moment.getUTCFullYear() !== new Date(now).getUTCFullYear();
  return moment.toLocaleDateString("en-GB", {
    timeZone: "UTC",
    day: "numeric",
    month,
    ...(isOtherYear ? { year: "numeric" } : {}),
  });
}

/** For how many nights it has stood, that of the drilled set and of the first set that has it included; undefined: not known. */
const nightsOf = ({ history }: Finding, { set, startedAt }: FindingsSource): number | undefined =>
  history && nightsBetween(history.since, new Date(set?.takenAt ?? startedAt));

/** By the days of UTC, both included: 1 where they are of one day. Undefined where `since` is no name of a set. */
export function nightsBetween(since: string, until: Date): number | undefined {
  const first = momentOf(since);
  const day = (moment: Date) => Math.floor(moment.getTime() / 86_400_000);
  if (!first || Number.isNaN(until.getTime())) return undefined;
  return Math.max(1, day(until) - day(first) + 1);
}

/** `since the night of 3 November, 23 nights`; undefined where it is not known. */
export function sinceInWords(finding: Finding, source: FindingsSource): string | undefined {
  const { history } = finding;
  if (!history) return undefined;
  const nights = nightsOf(finding, source);
  return `since ${nightOf(history.since, source.startedAt)}${
    nights === undefined ? "" : `, ${formatCount(nights, "night")}`
  }`;
}

/** `since 3 Nov, 18 nights`, for a line that has little room. */
export function sinceInShort(finding: Finding, source: FindingsSource): string | undefined {
  const day = dayOf(finding.history?.since ?? "", source.startedAt, "short");
  const nights = nightsOf(finding, source);
  return day === undefined || nights === undefined
    ? undefined
    : `since ${day}, ${formatCount(nights, "night")}`;
}

/** The newest set in which it is still right, as `prod/20261102T030000Z`. */
export const stillRightIn = (
  { history }: Finding,
  { from }: Pick<FindingsSource, "from">,
): string | undefined => history?.stillRightIn === undefined ? undefined : `${from}/${history.stillRightIn}`;

/**
 * The command that brings its document back, or shows the rows as they were; undefined where no set has them, or it is about
 * neither.
 */
export function extractCommand(finding: Finding, source: Pick<FindingsSource, "from">): string | undefined {
  const set = stillRightIn(finding, source);
  if (set === undefined) return undefined;
  const path = finding.document?.path;
  if (path !== undefined) {
    const file = path.slice(path.lastIndexOf("/") + 1);
    return `${PROGRAM} extract ${set} --document ${shellWord(path)} --to ${shellWord(file)}`;
  }
  const rows = rowsOf(finding);
  if (!rows) return undefined;
  const { table, column, ids } = rows;
  const where = ids.map((id) => `${column}=${id}`).join(" ");
  return `${PROGRAM} extract ${set} --table ${table} --where ${where} --to ${table}.csv`;
}

/** What that command is for. */
export const extractPurpose = ({ document }: Finding): string => document ? "Get it back" : "See what it was";

/** The rows that an earlier set has as they were: those of the first table that the finding names. */
function rowsOf({ facts }: Finding): { table: string; column: string; ids: string[] } | undefined {
  const rows = typeof facts.rows === "string" ? facts.rows.split(" ") : [];
  const named = rows.flatMap((row) => {
    const [, table, column = "rowid", id] = /^([a-z]\w*)(?:\.([a-z]\w*))?:(\d+)$/.exec(row) ?? [];
    return table === undefined || id === undefined ? [] : [{ table, column, id }];
  });
  const [first] = named;
  if (!first) return undefined;
  const { table, column } = first;
  return { table, column, ids: named.filter((one) => one.table === table).map(({ id }) => id) };
}

/** The command that accepts it. */
export const acceptCommand = ({ id }: Pick<Finding, "id">): string =>
  `${PROGRAM} findings accept ${shellWord(id)} --until DATE --reason TEXT`;
