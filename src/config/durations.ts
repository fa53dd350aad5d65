/** Durations as a person writes them: `90s`, `15m`, `26h`, `30d`, `12mo`, `10y`. */

/** Seconds, minutes, hours, days, calendar months, calendar years. */
export type DurationUnit = "s" | "m" | "h" | "d" | "mo" | "y";

/** As written, because a month and a year have no fixed length. */
export interface Duration {
  amount: number;
  unit: DurationUnit;
}

/** Any duration. */
const DURATION = /^[1-9][0-9]{0,5}(s|m|h|d|mo|y)$/;
/** Only units in which retention is counted, so that `12m` is not taken for 12 months. */
export const LONG_DURATION = /^[1-9][0-9]{0,5}(d|mo|y)$/;
/** Whole days; `0d` for no rota. */
export const ROTA_DURATION = /^(0|[1-9][0-9]{0,3})d$/;
/** Minutes, hours, days. */
export const SHORT_DURATION = /^[1-9][0-9]{0,5}(m|h|d)$/;
/** Seconds, minutes, hours, days. */
export const TIME_LIMIT = /^[1-9][0-9]{0,5}(s|m|h|d)$/;

const MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `30d` as a value; undefined when `text` is no duration. */
export function parseDuration(text: string): Duration | undefined {
  const unit = DURATION.exec(text)?.[1];
  return unit === undefined ? undefined : { amount: parseInt(text, 10), unit: unit as DurationUnit };
}

/** The duration in ms, where its unit has a length; undefined for months and years. */
export function durationMs({ amount, unit }: Duration): number | undefined {
  return unit === "mo" || unit === "y" ? undefined : amount * MS[unit];
}

const DAYS = { s: 1 / 86_400, m: 1 / 1440, h: 1 / 24, d: 1, mo: 365.25 / 12, y: 365.25 } as const;

/** The length in days; a month and a year count with their average length. */
export const durationDays = ({ amount, unit }: Duration): number => amount * DAYS[unit];

/** The duration as it is written in the file. */
export const writtenDuration = ({ amount, unit }: Duration): string => `${amount}${unit}`;
