/** In which time zones the lines of the unalterable log were written. Pure. */

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
  /** The first line of each run. */
  firstOf: Map<Run, LogLine>;
}

/** Before the first line. `known`: the zones that are tried first, at least one. */
export const beforeTheZones = (known: readonly string[]): Zones => ({
  known: [...known],
  runs: [],
  firstOf: new Map(),
});

/** Notes the zone of the next line. */
export function noteLine(zones: Zones, line: LogLine, zone: string): void {
  const run = zones.runs.at(-1);
  if (run?.zone === zone) {
    run.last = line.id;
    run.lines++;
    return;
  }
  const next = { zone, first: line.id, last: line.id, lines: 1 };
  zones.runs.push(next);
  zones.firstOf.set(next, line);
}

/**
 * Lines that alone are of their zone, with lines of others before and after. PHP's zone does not change for one line: its
 * dates were moved. At the end of the log it may have changed just now, and at its begin just after.
 */
export function loneLines({ runs, firstOf }: Zones): { line: LogLine; zone: string }[] {
  const linesIn = (zone: string) =>
    runs.filter((run) => run.zone === zone).reduce((sum, { lines }) => sum + lines, 0);
  return runs.slice(1, -1).filter(({ zone }) => linesIn(zone) === 1).map((run) => ({
    line: firstOf.get(run)!,
    zone: run.zone,
  }));
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
