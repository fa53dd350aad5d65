/**
 * The calendar that retention counts in: whole UTC days, months and years, whatever the hour, the time zone or the
 * length of a month. Pure.
 */

import type { Duration, DurationUnit } from "../config/durations.ts";

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/**
 * The moment of a set's name, `20260630T155313Z`, in ms since the epoch.
 * @throws TypeError when it is no timestamp: a listing of the store leaves others out.
 */
export function momentMs(name: string): number {
  const ms = Date.UTC(
    digits(name, 0, 4),
    digits(name, 4, 6) - 1,
    digits(name, 6, 8),
    digits(name, 9, 11),
    digits(name, 11, 13),
    digits(name, 13, 15),
  );
  if (Number.isNaN(ms) || name.length !== 16) throw new TypeError(`${name} is no timestamp`);
  return ms;
}

/** A number by its place: there may be 20,000 names, and a regular expression takes ten times as long. */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48;
    value = digit >= 0 && digit <= 9 ? value * 10 + digit : NaN;
  }
  return value;
}

const START: Record<DurationUnit, (from: Date, amount: number) => number> = {
  s: (from, amount) => (Math.floor(from.getTime() / 1_000) - amount) * 1_000,
  m: (from, amount) => (Math.floor(from.getTime() / 60_000) - amount) * 60_000,
  h: (from, amount) => (Math.floor(from.getTime() / HOUR_MS) - amount) * HOUR_MS,
  d: (from, amount) => Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate() - amount),
  mo: (from, amount) => Date.UTC(from.getUTCFullYear(), from.getUTCMonth() - amount),
  y: (from, amount) => Date.UTC(from.getUTCFullYear() - amount, 0),
};

/**
 * The first ms that is at most `duration` older than `from` in whole calendar units, the bound included: of `30d` the
 * first of the day 30 days before, of `12mo` that of the same month a year before, of `10y` that of January.
 */
export function startOf({ amount, unit }: Duration, from: Date): number {
  const start = START[unit](from, amount);
  return Number.isNaN(start) ? -Infinity : start; // before the first year that a Date knows
}

/** `2026-06-30`, UTC. */
export const dayText = (moment: Date): string => moment.toISOString().slice(0, 10);
