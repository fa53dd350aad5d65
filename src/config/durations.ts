/** Durations as a person writes them: `90s`, `15m`, `26h`, `30d`, `12mo`, `10y`. */

/** Seconds, minutes, hours, days, calendar months, calendar years. */
export type DurationUnit = "s" | "m" | "h" | "d" | "mo" | "y";

/** Kept as written, because a month and a year have no length of their own. */
export interface Duration {
  amount: number;
  unit: DurationUnit;
}

/** What a duration looks like, for the schema and for messages. */
export const DURATION = /^[1-9][0-9]{0,5}(s|m|h|d|mo|y)$/;
/** Only units that sets are kept for: `12m` is no slip of the finger for a year. */
export const LONG_DURATION = /^[1-9][0-9]{0,5}(d|mo|y)$/;
/** Whole days, or none: within that every kept set is proved once. */
export const ROTA_DURATION = /^(0|[1-9][0-9]{0,3})d$/;
/** Only units that have a length in ms. */
export const SHORT_DURATION = /^[1-9][0-9]{0,5}(m|h|d)$/;
/** What may take no longer than seconds. */
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

/** About how many days: a month and a year are taken as long as they are on average. */
export const durationDays = ({ amount, unit }: Duration): number => amount * DAYS[unit];

/** The duration as it is written in the file. */
export const writtenDuration = ({ amount, unit }: Duration): string => `${amount}${unit}`;
