/** Numbers as a person reads them, in one form each: on a terminal, in a report, in a message. */

/** A number in groups of three, with at most three decimals: `23,104`, `0.125`. */
export const formatNumber = (value: number): string => value.toLocaleString("en-US");

/** `1 file`, `3 files`, `12,345 rows`. */
export const formatCount = (count: number, one: string, many = `${one}s`): string =>
  `${formatNumber(count)} ${count === 1 ? one : many}`;

const SIZES = ["B", "kB", "MB", "GB", "TB"];

/** Bytes in decimal units with three significant digits: `999 B`, `1.5 kB`, `35 MB`, `1.13 MB`, `2,500 TB`. */
export function formatBytes(bytes: number): string {
  let at = 0;
  let value = bytes;
  // 999.5 would be shown as 1000, so it belongs to the next unit
  while (value >= 999.5 && at < SIZES.length - 1) {
    value /= 1000;
    at++;
  }
  const digits = at === 0 || value >= 100 ? formatNumber(Math.round(value)) : trimZeros(value.toPrecision(3));
  return `${digits} ${SIZES[at]}`;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Below that, hours are not counted in days: a limit of 26 h is not read as one of a day. */
const DAYS_FROM = 2 * DAY;

/**
 * A duration in ms, in the two units that matter, the second one only where it is not 0: `85 ms`, `3.2 s`, `1 min`,
 * `2 min 05 s`, `26 h`, `3 h 12 min`, `2 d 4 h`.
 */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 59_950) return `${trimZeros((ms / 1000).toFixed(1))} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return inTwo(seconds, 60, "min", "s", 2);
  const minutes = Math.round(seconds / 60);
  if (minutes * 60_000 < DAYS_FROM) return inTwo(minutes, 60, "h", "min", 2);
  return inTwo(Math.round(minutes / 60), 24, "d", "h", 1);
}

/**
 * How long ago, in ms, never more than it is: `< 1 min`, `5 min`, `3 h 12 min`, `2 d 4 h`, `12 d`, `4 months`, `2 years`.
 * What lies ahead tells that a clock is wrong: `3 h ahead`.
 */
export function formatAge(ms: number): string {
  if (ms < -60_000) return `${formatAge(-ms)} ahead`;
  if (ms < 60_000) return "< 1 min";
  if (ms < DAYS_FROM) return formatDuration(floorTo(ms, 60_000));
  if (ms < 10 * DAY) return formatDuration(floorTo(ms, HOUR));
  const days = ms / DAY;
  if (days < 61) return `${Math.floor(days)} d`;
  if (days < 730) return `${Math.floor(days / 30.44)} months`;
  return `${Math.floor(days / 365.25)} years`;
}

function inTwo(count: number, size: number, large: string, small: string, digits: number): string {
  const [whole, rest] = [Math.floor(count / size), count % size];
  return `${formatNumber(whole)} ${large}${
    rest === 0 ? "" : ` ${String(rest).padStart(digits, "0")} ${small}`
  }`;
}

const floorTo = (value: number, step: number): number => Math.floor(value / step) * step;

const trimZeros = (text: string) => text.includes(".") ? text.replace(/\.?0+$/, "") : text;
