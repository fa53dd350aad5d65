/** The lines of Dolibarr's unalterable log, chained by their signatures as 22.0.4 does (FACTS: "Unalterable log"). */

import { createHash } from "node:crypto";

/** What happened, in the order in which it did. Moments are `2025-11-03 09:00:00`, UTC. */
export interface LoggedEvent {
  at: string;
  action: string;
  /** A decimal text. */
  amount: string;
  ref: string;
  date: string;
  element: string;
  objectId: number;
  data: unknown;
}

export interface LogRow extends Record<string, unknown> {
  date_creation: string;
  action: string;
  amounts: string;
  ref_object: string;
  date_object: string;
  user_fullname: string;
  object_data: string;
  signature: string;
  signature_line: string;
  debuginfo: string;
}

/**
 * The rows of `llx_blockedlog`, each signed over the one before.
 * @param salt the constant MAIN_SECURITY_SALT
 * @param first the constant BLOCKEDLOG_ENTITY_FINGERPRINT
 */
export function chainLines(
  events: readonly LoggedEvent[],
  salt: string,
  first: string,
  user: string,
): LogRow[] {
  let previous = first;
  return events.map((event, index) => {
    // PHP escapes every slash and every letter outside ASCII
    const data = JSON.stringify(event.data).replaceAll("/", "\\/")
      .replace(/[\u0080-\uffff]/g, (letter) => "\\u" + letter.charCodeAt(0).toString(16).padStart(4, "0"));
    const amount = event.amount.includes(".") ? event.amount.replace(/\.?0+$/, "") : event.amount;
    const short = [epoch(event.at), event.action, amount, event.ref, epoch(event.date), user].join("|");
    const key = `${short}|${data}`;
    const signature = sha256(salt + previous + key);
    previous = signature;
    return {
      rowid: index + 1,
      entity: 1,
      date_creation: event.at,
      action: event.action,
      amounts: event.amount,
      ref_object: event.ref,
      date_object: event.date,
      user_fullname: user,
      object_data: data,
      signature,
      element: event.element,
      fk_user: 1,
      fk_object: event.objectId,
      signature_line: sha256(salt + key),
      object_version: "22.0.4",
      certified: 0,
      debuginfo: short,
    };
  });
}

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const epoch = (moment: string): number => Date.parse(`${moment.replace(" ", "T")}Z`) / 1000;
