const PATTERN = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/** A moment as the store names it: UTC, to the second, sortable as text: `20260630T155313Z`. */
export const timestampOf = (moment: Date): string =>
  moment.toISOString().replace(/\.\d{3}/, "").replaceAll(/[-:]/g, "");

/** The moment that `text` names, or undefined where it is no timestamp (also: the 31st of June). */
export function momentOf(text: string): Date | undefined {
  const parts = PATTERN.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const moment = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return !Number.isNaN(moment.getTime()) && timestampOf(moment) === text ? moment : undefined;
}

export const isTimestamp = (text: string): boolean => momentOf(text) !== undefined;

/**
 * Waits until `ready` answers true, asking every `every` ms.
 * @returns false when it was not so after `limit` ms.
 */
export async function waitUntil(
  ready: () => Promise<boolean> | boolean,
  limit: number,
  signal?: AbortSignal,
  every = 50,
): Promise<boolean> {
  const end = performance.now() + limit;
  while (!await ready()) {
    signal?.throwIfAborted();
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, every));
  }
  return true;
}
