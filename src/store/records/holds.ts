/** A hold is a person's order to keep a set until a day, whatever the policy says: `<env>/holds/<ts>.json`. */

import { z } from "zod";
import { PROGRAM } from "../../base/program_name.ts";
import { damaged, recordKind } from "../../base/versioned_record.ts";
import { isTimestamp } from "../../base/time.ts";
import { listKeys, recordKey } from "../keys.ts";
import type { Store } from "../store.ts";
import {
  getListedRecord,
  type OnUnreadable,
  putRecord,
  readEach,
  readOrReport,
  refuseNewerRecord,
} from "./stored_record.ts";

const fields = z.object({
  environment: z.string().min(1),
  set: z.string().refine(isTimestamp),
  /** A day, UTC: `2031-12-31`; the set is held to the end of it. */
  until: z.iso.date(),
  reason: z.string().min(1),
  since: z.iso.datetime(),
});

/** Format 2 names the least reader; tools that know only format 1 refuse any field that they do not know. */
export const holdRecord = recordKind({
  name: "a hold of ours",
  format: 2,
  minReader: 2,
  fields,
  damaged: {
    code: "STORE_FORMAT",
    hint:
      `It says until when a set is held. Repair it, or hold the set anew: ${PROGRAM} keep SET --until DATE --reason TEXT`,
  },
});

export type Hold = z.infer<typeof fields>;

const holdKey = (environment: string, set: string) => recordKey(environment, "holds", set);

/** The end of the hold's last day, UTC: from then on the policy decides. */
export const endOfHold = ({ until }: Pick<Hold, "until">): Date =>
  new Date(Date.parse(`${until}T00:00:00Z`) + 86_400_000);

/** @throws DrillError `STORE_NEWER` when a newer version holds the set: that hold is not replaced. */
export async function putHold(store: Store, hold: Hold): Promise<void> {
  const key = holdKey(hold.environment, hold.set);
  await refuseNewerRecord(store, key, holdRecord);
  await putRecord(store, key, holdRecord, hold);
}

/**
 * @returns false when the set was not held.
 * @throws DrillError `STORE_NEWER` when a newer version holds the set: that hold is not removed.
 */
export async function releaseHold(store: Store, environment: string, set: string): Promise<boolean> {
  const key = holdKey(environment, set);
  if (!await store.head(key)) return false;
  await refuseNewerRecord(store, key, holdRecord);
  await store.delete(key);
  return true;
}

/** Every hold of `environment`, by set. One that cannot be understood is reported to `onUnreadable`, and never ends. */
export async function readHolds(
  store: Store,
  environment: string,
  onUnreadable: OnUnreadable,
): Promise<Map<string, Hold>> {
  const keys = await Array.fromAsync(listKeys(store, environment, "holds"));
  const holds = await readEach(keys.map(({ key }) => key), async (key) => {
    const hold = await readOrReport(key, () => readHold(store, key), onUnreadable);
    return hold ?? { environment, until: "9999-12-31", reason: "its hold cannot be read", since: "" };
  });
  return new Map(keys.map(({ name }, at) => [name, { ...holds[at]!, set: name }]));
}

async function readHold(store: Store, key: string): Promise<Hold> {
  const hold = await getListedRecord(store, key, holdRecord);
  if (holdKey(hold.environment, hold.set) === key) return hold;
  throw damaged(holdRecord, key, "it names another set");
}
