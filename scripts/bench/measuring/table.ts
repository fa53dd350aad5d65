/** The measured values, their limits, and the table of them. Pure. */

import { displayWidth } from "../../../src/base/columns.ts";
import { formatBytes } from "../../../src/base/numbers.ts";

/** One line of the table. */
export interface Row {
  /** "backup of 500 MB" */
  what: string;
  ms: number;
  /** The obvious alternative, measured in the same run. */
  bare?: { what: string; ms: number };
  limits: Limits;
  /** The most memory that our own process held, without its children. */
  peakBytes?: number;
}

export interface Limits {
  ms?: number;
  /** The ratio of `ms` to that of the alternative. */
  ratio?: number;
  /** How much longer than the alternative it may take. */
  moreMs?: number;
  peakBytes?: number;
}

/** The limit of our own process, whatever the size of the data. */
export const PEAK_BYTES = 250e6;

export const ratioOf = ({ ms, bare }: Row): number | undefined => bare && ms / bare.ms;

/** The limits that a row exceeds, as short sentences. */
export function overLimits(row: Row): string[] {
  const { what, ms, bare, limits, peakBytes } = row;
  const over = (value: number | undefined, limit: number | undefined, show: (value: number) => string) =>
    value !== undefined && limit !== undefined && value > limit
      ? [`${what}: ${show(value)}, its limit is ${show(limit)}`]
      : [];
  return [
    ...over(ms, limits.ms, seconds),
    ...over(ratioOf(row), limits.ratio, (ratio) => `ratio ${ratio.toFixed(2)}`),
    ...over(bare && ms - bare.ms, limits.moreMs, (more) => `${seconds(more)} more`),
    ...over(peakBytes, limits.peakBytes, formatBytes),
  ];
}

/** The rows as a Markdown table whose columns are aligned; a row that is over a limit says so. */
export function markdownTable(rows: readonly Row[]): string[] {
  const cells = [
    ["what", "ours", "the bare alternative", "ratio", "limit", "peak memory"],
    ...rows.map((row) => [
      row.what,
      seconds(row.ms),
      row.bare ? `${seconds(row.bare.ms)} (${row.bare.what})` : "",
      ratioOf(row)?.toFixed(2) ?? "",
      limitText(row),
      row.peakBytes === undefined ? "" : formatBytes(row.peakBytes),
    ]),
  ];
  const widths = cells[0]!.map((_, at) => Math.max(...cells.map((row) => displayWidth(row[at]!))));
  const line = (row: string[]) =>
    `| ${row.map((cell, at) => cell + " ".repeat(widths[at]! - displayWidth(cell))).join(" | ")} |`;
  const [head, ...body] = cells.map(line);
  return [head!, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body];
}

function limitText(row: Row): string {
  const { ms, ratio, moreMs, peakBytes } = row.limits;
  const limits = [
    ms === undefined ? "" : seconds(ms),
    ratio === undefined ? "" : `ratio ${ratio.toFixed(2)}`,
    moreMs === undefined ? "" : `${seconds(moreMs)} more`,
    peakBytes === undefined ? "" : formatBytes(peakBytes),
  ].filter((text) => text !== "");
  return limits.join(", ") + (overLimits(row).length > 0 ? " OVER" : "");
}

/** The middle one of `values`, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return ((low ?? NaN) + (high ?? NaN)) / 2;
}

/** `0.12 s`, `14.3 s` */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(Math.abs(ms) < 9_995 ? 2 : 1)} s`;
