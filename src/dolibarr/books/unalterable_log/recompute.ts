/**
 * Recomputes the whole unalterable log. The signatures contain dates in PHP's time zone, which is recorded nowhere and may
 * change in an ERP's life, or differ between its pages and its scheduled jobs: each line is read in a zone in which it
 * matches its own signature.
 */

import type { Session } from "../../../postgres/connection/session.ts";
import type { Fault } from "../../fault.ts";
import { beforeTheLog, type ChainResult, isComputable, nameOf, signsItself, verifyChain } from "./chain.ts";
import { LINES_PER_QUERY, type LogLine, readChainRoots, readDates, readLogLines } from "./lines.ts";
import { beforeTheZones, type MovedLine, movedLines, noteLine, type Zones, zonesText } from "./zones.ts";

/** Tried first: Debian's PHP is in UTC where no other zone is set. */
const LIKELY = ["UTC", "Europe/Paris"];

/** So many zones are looked for in one log: a line that fits in none costs a look in all that the server knows. */
const MOST_ZONES = 8;

/** Of lines that fit in no known zone so many are read in every zone that the server knows. */
const LINES_TRIED = 3;

export interface LogFound extends ChainResult {
  /** The zones in which the dates were read: `in UTC`, or `of lines 1 to 812 in UTC, from 813 on in Europe/Paris`. */
  zones: string;
}

/**
 * Recomputes the signatures of every line.
 * @returns the result, with the time zones that were used; undefined where the log has no line.
 */
export async function recomputeLog(session: Session): Promise<LogFound | undefined> {
  const roots = await readChainRoots(session);
  const known = [...new Set([...(roots.zone ? [roots.zone] : []), ...LIKELY])];
  const first = await readLogLines(session, known[0]!, 0);
  if (first.length === 0) return undefined;
  const found: ChainResult = { checked: 0, otherVersions: 0, faults: [] };
  const [state, zones] = [beforeTheLog(), beforeTheZones(known)];
  for (let lines = first;;) {
    const zoned = await inTheirZones(session, lines, roots.salt, zones);
    const part = verifyChain(zoned, roots, state);
    found.checked += part.checked;
    found.otherVersions += part.otherVersions;
    found.faults.push(...part.faults);
    if (lines.length < LINES_PER_QUERY) break;
    lines = await readLogLines(session, known[0]!, lines.at(-1)!.id);
  }
  return { ...found, faults: [...found.faults, ...movedLines(zones).map(moved)], zones: zonesText(zones) };
}

/** The same lines, each with its dates as of a zone in which it matches its signature; as they were where there is none. */
async function inTheirZones(
  session: Session,
  lines: readonly LogLine[],
  salt: string,
  zones: Zones,
): Promise<LogLine[]> {
  const result = new Map(lines.map((line) => [line.id, line]));
  const computable = lines.filter(({ version }) => isComputable(version));
  const zoneOf = new Map<number, string>();
  let left = computable;
  const take = (zone: string, read: ReadonlyMap<number, LogLine>) => {
    left = left.filter((line) => {
      const there = read.get(line.id) ?? line;
      if (!signsItself(there, salt)) return true;
      result.set(line.id, there);
      zoneOf.set(line.id, zone);
      return false;
    });
  };
  take(zones.known[0]!, new Map());
  for (const zone of zones.known.slice(1)) {
    if (left.length > 0) take(zone, await dated(session, left, zone));
  }
  while (left.length > 0 && zones.known.length < MOST_ZONES) {
    const zone = await furtherZone(session, left, salt);
    if (zone === undefined) break;
    zones.known.push(zone);
    take(zone, await dated(session, left, zone));
  }
  for (const line of computable) {
    const zone = zoneOf.get(line.id);
    if (zone !== undefined) noteLine(zones, result.get(line.id)!, zone);
  }
  return lines.map(({ id }) => result.get(id)!);
}

/** The zone of those that the server knows in which the most of some of these lines match their signatures. */
async function furtherZone(
  session: Session,
  lines: readonly LogLine[],
  salt: string,
): Promise<string | undefined> {
  const tried = [...new Set([0, lines.length >> 1, lines.length - 1])].slice(0, LINES_TRIED).map((at) =>
    lines[at]!
  );
  const byId = new Map(tried.map((line) => [line.id, line]));
  const fitting = new Map<string, number>();
  for (const { zone, id, created, about } of await readDates(session, tried.map(({ id }) => id))) {
    if (signsItself({ ...byId.get(id)!, created, about }, salt)) {
      fitting.set(zone, (fitting.get(zone) ?? 0) + 1);
    }
  }
  return [...fitting].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}

/** The lines with their dates read in `zone`, by their numbers. */
async function dated(
  session: Session,
  lines: readonly LogLine[],
  zone: string,
): Promise<Map<number, LogLine>> {
  const byId = new Map(lines.map((line) => [line.id, line]));
  const rows = await readDates(session, lines.map(({ id }) => id), zone);
  return new Map(rows.map(({ id, created, about }) => [id, { ...byId.get(id)!, created, about }]));
}

/** A line whose dates are right in a zone in which it was not written: they were moved by the hours between two zones. */
const moved = ({ line, zone, lines, day }: MovedLine): Fault => ({
  subject: `line ${line.id}`,
  kind: "dates-altered",
  sentence: `${nameOf(line)}: its dates were altered: they match its signature in ${zone}, in which ${
    lines === 1 ? "no other line is" : `${lines - 1} other ${lines === 2 ? "line is" : "lines are"}`
  }${day === undefined ? "" : `, and what it is about is a whole day in ${day} alone`}`,
  facts: { dates: line.dates, signature: line.signature },
});
