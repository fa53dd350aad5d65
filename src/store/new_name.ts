/** A new set, and the record of a prune, is named after the second in which it starts. */

import { sleep, timestampOf } from "../base/time.ts";

interface NewName {
  /** The newest name that there is: `20260630T155313Z`. */
  newest: string | undefined;
  /** Whether something else lies under the name already. */
  isTaken?: (name: string) => boolean;
  now?: () => Date;
  signal: AbortSignal;
}

/** So many seconds are tried. */
const TRIES = 3;

/**
 * A moment whose name is newer than the newest, and free: now, or a second later where that second is taken.
 * @returns undefined where this machine's clock is behind the newest name.
 */
export async function newMoment(
  { newest = "", isTaken = () => false, now = () => new Date(), signal }: NewName,
): Promise<Date | undefined> {
  for (let tries = 0; tries < TRIES; tries++) {
    const moment = now();
    const name = timestampOf(moment);
    if (name < newest) return undefined;
    if (name > newest && !isTaken(name)) return moment;
    await sleep(1000 - moment.getUTCMilliseconds(), signal);
  }
  return undefined;
}
