/** The history of the drills of some months: how long they took, how large the backups were, and the trends. Pure. */

import type { StoredDrill } from "../store/records/drill_schema.ts";
import { countFindings } from "../checks/findings/words.ts";
import { besidesInWords } from "../checks/headline.ts";
import { type Tried, triedOf } from "./control_choice.ts";
import { ASIDE_PHASES, type Culprit, type Verdict } from "../checks/result.ts";

/** How many drills make the history: 30, and 30 before. Retention keeps their records, whatever became of their sets. */
export const HISTORY_DRILLS = 60;
/** How many drills make each half of a trend. */
export const TREND_DRILLS = HISTORY_DRILLS / 2;
/** Fewer drills have no median. */
const FEWEST = 3;
/** A smaller change, as a share, counts as none. */
const STEADY = 0.1;

/** One drill as a point of every series. */
export interface HistoryPoint {
  id: string;
  /** When it began, and when it ended. */
  at: Date;
  endedAt: Date;
  verdict: Verdict;
  /** What was proved, or why it did not pass. */
  headline: string;
  /** Whose fault it was that it did not pass, where its record says so. */
  culprit?: Culprit;
  /** What there was besides on a night on which the ERP was at fault, a sentence each; absent where there was nothing. */
  besides?: string[];
  /** What it found wrong with the ERP; absent where no check of the books came to an end. */
  findings?: { open: number; accepted: number };
  /** The drill of the newest set, in ms: without the older sets and the negative control of that night. */
  ms: number;
  restoreMs?: number;
  /** In their order, each title once; without those two. */
  phases: { title: string; ms: number }[];
  /** `prod/20260630T155313Z` */
  set?: string;
  /** How old the set was when the drill began, in ms. */
  ageMs?: number;
  dumpBytes?: number;
  archiveBytes?: number;
  tables?: number;
  rows?: number;
  files?: number;
  checks: Record<Verdict, number>;
  lab: boolean;
  erp: "real" | "stand-in";
  level: StoredDrill["level"];
}

/** A number now and before, each the median of its drills. */
export interface Trend {
  /** Over the newest `TREND_DRILLS` drills, and how many of them there were. */
  recent: number;
  recentDrills: number;
  /** Over as many before them; undefined where there are too few. */
  before?: number;
  /** By how much `recent` is more than `before`, as a share of it: 0.25 is a quarter more. */
  change?: number;
  /** By how much a drill is more than the one before it, over the newest ones: the median of the slopes of all pairs. */
  slope?: number;
  direction: "up" | "down" | "steady" | "too few drills";
}

export interface PhaseTrend {
  title: string;
  /** Of the newest drill, in ms; undefined where it did not come so far. */
  ms?: number;
  trend: Trend | undefined;
}

export interface History {
  /** Oldest first, the newest one last. */
  points: HistoryPoint[];
  /** Of those drills alone that went through all phases of the newest one, as deep, on the same kind of ERP. */
  comparable: number;
  duration: Trend | undefined;
  dump: Trend | undefined;
  archive: Trend | undefined;
  rows: Trend | undefined;
  /** In the order of the newest drill. */
  phases: PhaseTrend[];
  /** When the newest drill that was a PASS ended. */
  lastPass: Date | undefined;
  /** How many of the newest drills in a row are no pass. */
  sincePass: number;
  /** When each negative control was tried last, the one longest ago first. */
  tried: Tried[];
}

/** Puts drills together, in whatever order they come; of two with the same id the first counts. */
export function historyOf(drills: readonly StoredDrill[]): History {
  const seen = new Map<string, StoredDrill>();
  for (const drill of drills) if (!seen.has(drill.id)) seen.set(drill.id, drill);
  const points = [...seen.values()].map(pointOf).sort((a, b) => a.at.getTime() - b.at.getTime())
    .slice(-HISTORY_DRILLS);
  const newest = points.at(-1);
  const alike = newest ? points.filter((point) => isComparable(point, newest)) : [];
  const passes = points.filter(({ verdict }) => verdict === "pass");
  return {
    points,
    comparable: alike.length,
    duration: trendOf(alike.map(({ ms }) => ms)),
    dump: trendOf(known(points, ({ dumpBytes }) => dumpBytes)),
    archive: trendOf(known(points, ({ archiveBytes }) => archiveBytes)),
    rows: trendOf(known(points, ({ rows }) => rows)),
    phases: (newest?.phases ?? []).map(({ title, ms }) => ({
      title,
      ms,
      trend: trendOf(known(alike, (point) => phaseMs(point, title))),
    })),
    lastPass: passes.at(-1)?.endedAt,
    sincePass: points.length - 1 - points.findLastIndex(({ verdict }) => verdict === "pass"),
    tried: triedOf([...seen.values()]),
  };
}

/** One drill as a point. */
function pointOf(drill: StoredDrill): HistoryPoint {
  const { set } = drill;
  const totals = new Map<string, number>();
  for (const { title, ms } of drill.phases) totals.set(title, (totals.get(title) ?? 0) + ms);
  const at = new Date(drill.startedAt);
  const bytesOf = (half: "db" | "docs") =>
    set?.objects.filter((one) => one.half === half).reduce((sum, { bytes }) => sum + bytes, 0);
  const counted = (verdict: Verdict) => drill.checks.filter((check) => check.verdict === verdict).length;
  const findings = countFindings(drill.checks);
  const besides = besidesInWords(drill);
  const ageMs = at.getTime() - Date.parse(set?.takenAt ?? "");
  return {
    id: drill.id,
    at,
    endedAt: new Date(drill.endedAt),
    verdict: drill.verdict,
    headline: drill.headline,
    ...(drill.culprit ? { culprit: drill.culprit } : {}),
    ...(drill.culprit === "erp" && besides.length > 0 ? { besides } : {}),
    ...(findings ? { findings } : {}),
    ms: Math.max(0, drill.ms - ASIDE_PHASES.reduce((sum, title) => sum + (totals.get(title) ?? 0), 0)),
    restoreMs: drill.restoreMs,
    phases: [...totals].filter(([title]) => !ASIDE_PHASES.includes(title)).map(([title, ms]) => ({
      title,
      ms,
    })),
    set: set?.name,
    ageMs: Number.isNaN(ageMs) ? undefined : ageMs,
    dumpBytes: bytesOf("db"),
    archiveBytes: bytesOf("docs"),
    tables: set?.tables,
    rows: set?.rows,
    files: set?.files,
    checks: { pass: counted("pass"), fail: counted("fail"), not_run: counted("not_run") },
    lab: drill.lab,
    erp: drill.erp,
    level: drill.level,
  };
}

/**
 * The trend of a series, oldest first: the median of the last 30 against that of the 30 before. A median, because one
 * night on a busy machine must not look like a trend.
 */
export function trendOf(series: readonly number[]): Trend | undefined {
  const recent = series.slice(-TREND_DRILLS);
  const before = series.slice(-2 * TREND_DRILLS, -TREND_DRILLS);
  const now = medianOf(recent);
  if (now === undefined) return undefined;
  const about = { recent: now, recentDrills: recent.length, slope: slopeOf(recent) };
  const then = before.length < FEWEST ? undefined : medianOf(before);
  if (then !== undefined) {
    const change = then === 0 ? (now === 0 ? 0 : Infinity) : now / then - 1;
    return { ...about, before: then, change, direction: directionOf(change) };
  }
  if (recent.length < 2 * FEWEST || about.slope === undefined || now === 0) {
    return { ...about, direction: "too few drills" };
  }
  return { ...about, direction: directionOf(about.slope * (recent.length - 1) / now) };
}

/** The middle one; between two, the middle of them. Undefined of nothing. */
export function medianOf(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** Theil and Sen's slope: the median over all pairs, which a third of wild values does not move far. */
function slopeOf(series: readonly number[]): number | undefined {
  const slopes = series.flatMap((from, at) =>
    series.slice(at + 1).map((to, further) => (to - from) / (further + 1))
  );
  return medianOf(slopes);
}

const directionOf = (change: number): Trend["direction"] =>
  Math.abs(change) < STEADY ? "steady" : change > 0 ? "up" : "down";

const isComparable = (point: HistoryPoint, newest: HistoryPoint): boolean =>
  point.erp === newest.erp && point.level === newest.level &&
  newest.phases.every(({ title }) => phaseMs(point, title) !== undefined);

const phaseMs = ({ phases }: HistoryPoint, wanted: string): number | undefined =>
  phases.find(({ title }) => title === wanted)?.ms;

const known = (
  points: readonly HistoryPoint[],
  of: (point: HistoryPoint) => number | undefined,
): number[] => points.map(of).filter((value) => value !== undefined);
