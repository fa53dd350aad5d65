/** Timestamps as the store names them, and waiting. */

import { pauses } from "./limits.ts";

const PATTERN = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/** A moment as the store names it: UTC, to the second, sortable as text: `20260630T155313Z`. */
export const timestampOf = (moment: Date): string =>
  moment.toISOString().replace(/\.\d{3}/, "").replaceAll(/[-:]/g, "");

/** The moment of a timestamp; undefined where `text` is none, as for the 31st of June. */
export function momentOf(text: string): Date | undefined {
  const parts = PATTERN.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const moment = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return !Number.isNaN(moment.getTime()) && timestampOf(moment) === text ? moment : undefined;
}

export const isTimestamp = (text: string): boolean => momentOf(text) !== undefined;

/**
 * An ISO moment in the zone of who reads it, with its offset: "20 Nov 2026, 03:00:07 +01:00", "20 Nov 2026, 02:00:07 UTC";
 * a text that is no moment as it is.
 */
export function formatMoment(iso: string): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return iso;
  const day = moment.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
  const [hour, minute, second] = [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map(twoDigits);
  return `${day}, ${hour}:${minute}:${second} ${offsetOf(moment)}`;
}

/** `+01:00`, `-03:30`, `UTC`. */
function offsetOf(moment: Date): string {
  const minutes = -moment.getTimezoneOffset();
  if (minutes === 0) return "UTC";
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? "-" : "+"}${twoDigits(hours)}:${twoDigits(rest)}`;
}

const twoDigits = (value: number): string => String(value).padStart(2, "0");

/**
 * Waits for `ms` milliseconds.
 * @throws the reason of `signal`, as soon as that is aborted.
 */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/**
 * Waits until `ready` returns true, which is called every `every` ms, and at least once.
 * @returns false where it did not within `limit` ms.
 * @throws the reason of `signal`, as soon as that is aborted; whatever `ready` throws.
 */
export async function waitUntil(
  ready: () => Promise<boolean> | boolean,
  limit: number,
  signal?: AbortSignal,
  every: number = pauses.state,
): Promise<boolean> {
  const end = performance.now() + limit;
  while (!await ready()) {
    signal?.throwIfAborted();
    if (performance.now() > end) return false;
    await sleep(every, signal);
  }
  return true;
}

/**
 * Waits for `promise`, for at most `limit` ms. Its later result or failure is ignored.
 * @throws what `tooLong` returns, after the limit; the reason of `signal`, as soon as that is aborted.
 */
export async function within<T>(
  limit: number,
  promise: Promise<T>,
  tooLong: () => unknown,
  signal?: AbortSignal,
): Promise<T> {
  const over = Promise.withResolvers<never>();
  const onAbort = () => over.reject(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(() => over.reject(tooLong()), limit);
  promise.catch(() => undefined); // a failure after the limit is ignored
  try {
    return await Promise.race([promise, over.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** So long work that does not wait may hold up all else that the process does. */
const TURN_MS = 50;

/**
 * For work that is done without waiting, file after file: `await` what this returns between two of them.
 * @throws the signal's reason
 */
export function takingTurns(signal: AbortSignal): () => Promise<void> {
  let since = performance.now();
  return async () => {
    signal.throwIfAborted();
    if (performance.now() - since < TURN_MS) return;
    await sleep(0, signal);
    since = performance.now();
  };
}
