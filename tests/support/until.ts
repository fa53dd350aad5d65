/** Waiting for a state, so that no test depends on how fast the machine is. */

import { timestampOf, waitUntil } from "../../src/base/time.ts";

/** However busy the machine is. In ms. */
const LIMIT = 60_000;
const EVERY = 5;

/**
 * Waits until `ready` is true.
 * @param what the state, for the error: "the restore waits for the lock".
 * @throws Error where it is not reached within a minute.
 */
export async function until(what: string, ready: () => boolean | Promise<boolean>): Promise<void> {
  if (!await waitUntil(ready, LIMIT, undefined, EVERY)) throw new Error(`not reached within 60 s: ${what}`);
}

/** Waits until names that hold a moment to the second are other ones. */
export async function nextSecond(): Promise<void> {
  const now = timestampOf(new Date());
  await until("the next second", () => timestampOf(new Date()) > now);
}

/** The whole second that began last: a store may know the time of an object no better. */
export const wholeSecond = (): Date => new Date(Math.floor(Date.now() / 1000) * 1000);
