/** A person's word that a suspect set is right as it is: `<env>/accepted/<ts>.json`. The manifest stays as it was written. */

import { z } from "zod";
import { PROGRAM } from "../../base/program_name.ts";
import { isTimestamp } from "../../base/time.ts";
import { damaged, recordKind } from "../../base/versioned_record.ts";
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
  reason: z.string().min(1),
  /** The login and the machine: `anna@backup`. */
  by: z.string().min(1),
  at: z.iso.datetime(),
});

export const acceptedSetRecord = recordKind({
  name: "an accepted set of ours",
  format: 1,
  minReader: 1,
  fields,
  damaged: {
    code: "STORE_FORMAT",
    hint:
      `It says that a suspect set is right as it is, and counts for nothing until it can be read. Accept the set anew: ${PROGRAM} accept-suspect SET --reason TEXT`,
  },
});

export type AcceptedSet = z.infer<typeof fields>;

const acceptedKey = (environment: string, set: string) => recordKey(environment, "accepted", set);

/**
 * Writes it, in place of a damaged one.
 * @throws DrillError `STORE_NEWER` when a newer version accepted the set: that record is not replaced.
 */
export async function putAcceptedSet(store: Store, accepted: AcceptedSet): Promise<void> {
  const key = acceptedKey(accepted.environment, accepted.set);
  await refuseNewerRecord(store, key, acceptedSetRecord);
  await putRecord(store, key, acceptedSetRecord, accepted);
}

/** Every one of `environment`, by set. One that cannot be understood is reported to `onUnreadable`, and counts as none. */
export async function readAcceptedSets(
  store: Store,
  environment: string,
  onUnreadable: OnUnreadable,
): Promise<Map<string, AcceptedSet>> {
  const keys = await Array.fromAsync(listKeys(store, environment, "accepted"));
  const read = await readEach(
    keys.map(({ key }) => key),
    (key) => readOrReport(key, () => readAcceptedSet(store, key), onUnreadable),
  );
  return new Map(read.flatMap((one) => one ? [[one.set, one] as const] : []));
}

async function readAcceptedSet(store: Store, key: string): Promise<AcceptedSet> {
  const accepted = await getListedRecord(store, key, acceptedSetRecord);
  if (acceptedKey(accepted.environment, accepted.set) === key) return accepted;
  throw damaged(acceptedSetRecord, key, "it names another set");
}
