/**
 * What a person said of a finding: that it is accepted, with a reason and a day, or that this is taken back:
 * `<env>/findings/<hash>.<ts>.<uuid>.json`. None is ever overwritten; of each finding the newest counts.
 */

import { z } from "zod";
import { PROGRAM } from "../../base/program_name.ts";
import { damaged, recordKind } from "../../base/versioned_record.ts";
import { acceptanceKey, listKeys } from "../keys.ts";
import type { Store } from "../store.ts";
import {
  acceptedUntil,
  bareFindingSchema,
  type Finding,
  findingHash,
  type FindingIdentity,
} from "./finding_schema.ts";
import { getListedRecord, type OnUnreadable, putRecord, readEach, readOrReport } from "./stored_record.ts";

const fields = z.object({
  environment: z.string().min(1),
  /** The finding as it was when a person decided. */
  finding: bareFindingSchema,
  /** Until when it is accepted; absent where an acceptance is taken back. */
  until: acceptedUntil.optional(),
  reason: z.string().min(1),
  /** Who decided: the login and the machine, as far as they are known. */
  by: z.string().min(1),
  at: z.iso.datetime(),
});

export const acceptanceRecord = recordKind({
  name: "a decision about a finding",
  format: 1,
  minReader: 1,
  fields,
  damaged: {
    code: "STORE_FORMAT",
    hint:
      `The finding counts as not accepted. Accept it anew: ${PROGRAM} findings accept ID --until DATE --reason TEXT`,
  },
});

/** One decision about one finding. */
export type Acceptance = z.infer<typeof fields>;

/** The newest decision about each finding, by its hash. */
export type Acceptances = ReadonlyMap<string, Acceptance>;

/** Writes a decision beside those before it. `id`: a UUID. */
export async function putAcceptance(store: Store, acceptance: Acceptance, id: string): Promise<string> {
  const { environment, finding, at } = acceptance;
  const key = acceptanceKey(environment, findingHash(finding), new Date(at), id);
  await putRecord(store, key, acceptanceRecord, acceptance);
  return key;
}

/**
 * The newest decision about each finding of `environment`. One that cannot be understood is reported to `onUnreadable`;
 * where it is the newest, the finding counts as not accepted, whatever was decided before.
 */
export async function readAcceptances(
  store: Store,
  environment: string,
  onUnreadable: OnUnreadable,
): Promise<Acceptances> {
  const newest = new Map<string, { second: string; keys: string[] }>();
  for await (const { key, name, parts: [second = ""] } of listKeys(store, environment, "findings")) {
    const known = newest.get(name);
    if (known?.second === second) known.keys.push(key); // a key is exact to the second, its record to the millisecond
    else if (!known || known.second < second) newest.set(name, { second, keys: [key] });
  }
  const read = await readEach([...newest], async ([hash, { keys }]) => {
    const decisions = await readEach(
      keys,
      (key) => readOrReport(key, () => readAcceptanceAt(store, key, hash), onUnreadable),
    );
    const known = decisions.filter((one) => one !== undefined);
    if (known.length < decisions.length) return undefined;
    return known.reduce((last, one) => Date.parse(one.at) >= Date.parse(last.at) ? one : last);
  });
  return new Map([...newest.keys()].flatMap((hash, at) => read[at] ? [[hash, read[at]]] : []));
}

/** One decision. @throws DrillError `STORE_NEWER`, `STORE_FORMAT` */
export async function readAcceptanceAt(store: Store, key: string, hash: string): Promise<Acceptance> {
  const acceptance = await getListedRecord(store, key, acceptanceRecord);
  if (findingHash(acceptance.finding) === hash) return acceptance;
  throw damaged(acceptanceRecord, key, "it is about another finding");
}

/** The end of the last day on which it is accepted; undefined: it has none. */
export const endOfAcceptance = ({ until }: Pick<Acceptance, "until">): Date | undefined =>
  until === undefined || until === "never"
    ? undefined
    : new Date(Date.parse(`${until}T00:00:00Z`) + 86_400_000);

/** What a report says of the acceptance of `finding` at the moment `now`; undefined: it is not accepted. Pure. */
export function acceptedNow(
  finding: FindingIdentity,
  acceptances: Acceptances,
  now: Date,
): Finding["accepted"] {
  const acceptance = acceptances.get(findingHash(finding));
  if (acceptance?.until === undefined) return undefined;
  const end = endOfAcceptance(acceptance);
  if (end && now >= end) return undefined;
  const { until, reason, by, at } = acceptance;
  return { until, reason, by, at };
}
