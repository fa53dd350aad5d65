/**
 * In which time zones the lines of the unalterable log were written, and which of them were in none: their dates were moved by
 * the hours between two zones. Pure.
 */

import { formatCount } from "../../../base/numbers.ts";
import type { LogLine } from "./lines.ts";

/** Consecutive lines of one zone. */
interface Run {
  zone: string;
  first: number;
  last: number;
  lines: number;
}

export interface Zones {
  /** In the order in which they are tried. */
  known: string[];
  runs: Run[];
  /** How many lines each zone has, and the first of them, `FEW` at most. */
  linesOf: Map<string, { count: number; few: ZonedLine[] }>;
}

interface ZonedLine {
  line: LogLine;
  run: number;
}

/** Lines that match their signatures in a zone in which they were not written. */
export interface MovedLine {
  line: LogLine;
  zone: string;
  /** How many lines are in that zone. */
  lines: number;
  /** The zone in which the day that the line is about begins at midnight or is at noon, as Dolibarr stores a day; undefined where none shows it. */
  day?: string;
}

/** Of a zone with so many lines it is believed that Dolibarr ran in it. */
const FEW = 10;

/** Before the first line. `known`: the zones that are tried first, at least one. */
export const beforeTheZones = (known: readonly string[]): Zones => ({
  known: [...known],
  runs: [],
  linesOf: new Map(),
});

/** Notes the zone of the next line. */
export function noteLine(zones: Zones, line: LogLine, zone: string): void {
  const run = zones.runs.at(-1);
  if (run?.zone === zone) {
    run.last = line.id;
    run.lines++;
  } else zones.runs.push({ zone, first: line.id, last: line.id, lines: 1 });
  const lines = zones.linesOf.get(zone) ?? { count: 0, few: [] };
  zones.linesOf.set(zone, lines);
  lines.count++;
  if (lines.count < FEW) lines.few.push({ line, run: zones.runs.length - 1 });
}

/**
 * Lines whose dates were moved by the hours between two zones. A zone of many lines is one in which Dolibarr ran: it was set
 * one day, or scheduled jobs have it. Of a few lines their days say it: Dolibarr dates papers to midnight and payments to noon,
 * of the zone in which it runs. A day that is whole in the zone of the lines around and not in the line's own was moved, unless
 * another line shows that somebody did run in that zone. Where no day says anything, PHP's zone does not change for one line;
 * at the end of the log it may have changed just now, and at its begin just after.
 */
export function movedLines(zones: Zones): MovedLine[] {
  const { runs, linesOf } = zones;
  if (runs.length < 2) return [];
  return [...linesOf].flatMap(([zone, { count, few }]) => {
    if (count >= FEW) return [];
    const days = few.map(({ line, run }) => {
      const around = [runs[run - 1], runs[run + 1]].flatMap((other) => other?.zone ?? []);
      const own = isWholeDay(line, zone);
      const day = around.find((other) => isWholeDay(line, other));
      return own === undefined || own === (day !== undefined) ? undefined : { own, day };
    });
    if (days.some((day) => day?.own)) return [];
    const isAtTheBorder = few.some(({ run }) => run === 0 || run === runs.length - 1);
    const isAlone = count === 1 && !isAtTheBorder;
    return few.flatMap(({ line }, at) => {
      const day = days[at]?.day;
      return isAlone || day !== undefined ? [{ line, zone, lines: count, ...(day ? { day } : {}) }] : [];
    });
  });
}

/** Whether what the line is about is dated to midnight or noon of a zone; undefined where that cannot be told. */
function isWholeDay({ about }: LogLine, zone: string): boolean | undefined {
  const [at] = about;
  if (at === undefined || about.length > 1) return undefined;
  try {
    const time = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeStyle: "medium" }).format(
      new Date(Number(at) * 1000),
    );
    return /^(00|12):00:00$/.test(time);
  } catch {
    return undefined; // a zone that PostgreSQL has and JavaScript does not
  }
}

/** So many runs are told. */
const RUNS_TOLD = 6;

/** `in UTC`, or `of lines 1 to 812 in UTC, from 813 on in Europe/Paris`. */
export function zonesText({ runs, known }: Zones): string {
  if (runs.length <= 1) return `in ${runs[0]?.zone ?? known[0]}`;
  if (runs.length > RUNS_TOLD) {
    const zones = [...new Set(runs.map(({ zone }) => zone))];
    return `in ${zones.join(" and ")} in turn, ${formatCount(runs.length, "run")} of lines`;
  }
  return runs.map(({ zone, first, last }, at) =>
    at === runs.length - 1
      ? `from ${first} on in ${zone}`
      : `${at === 0 ? "of lines " : ""}${first === last ? first : `${first} to ${last}`} in ${zone}`
  ).join(", ");
}
