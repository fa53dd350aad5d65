/** What each drill found, and its report: `<env>/drills/<ts>.json` and `.html`, `<ts>` the moment at which it started. */

import { DrillError } from "../../base/errors.ts";
import { PROGRAM } from "../../base/program_name.ts";
import { bytesOf } from "../../base/streams.ts";
import { isTimestamp, momentOf, timestampOf } from "../../base/time.ts";
import { drillPageKey, listKeys, recordKey } from "../keys.ts";
import type { Store } from "../store.ts";
import { drillRecord, type StoredDrill } from "./drill_schema.ts";
import { getRecord, putRecord, readEach, readOrReport, type UnreadableRecord } from "./stored_record.ts";

/** One drill as its keys describe it: nothing is read for that. */
interface DrillKeys {
  /** The moment that both are named after. */
  at: Date;
  json?: string;
  html?: string;
}

/** A drill whose record cannot be understood. */
export interface UnreadableDrill extends UnreadableRecord {
  at: Date;
}

/** Two drills into two sandboxes may start in the same second; more than a few never do. */
const NAMES_TRIED = 10;

/**
 * Writes what a drill of a set of `environment` found, under a name that is free. Its page goes beside it with `putDrillPage`.
 * @returns the key, and the moment in it.
 * @throws DrillError `STORE_FAILED`, ...; TypeError when `drill` does not have the stored form.
 */
export async function putDrill(
  store: Store,
  environment: string,
  drill: StoredDrill,
): Promise<{ key: string; name: string }> {
  const name = await freeDrillName(store, environment, drill.id);
  const key = recordKey(environment, "drills", name);
  await putRecord(store, key, drillRecord, drill);
  return { key, name };
}

/** Writes the page of the drill whose record has this name. */
export async function putDrillPage(
  store: Store,
  environment: string,
  name: string,
  html: string,
): Promise<string> {
  const key = drillPageKey(environment, name);
  await store.put(key, bytesOf(html));
  return key;
}

/** Every drill of `environment` that left a record or a page, newest first. */
export async function listDrills(store: Store, environment: string): Promise<DrillKeys[]> {
  const found = new Map<string, DrillKeys>();
  for await (const { key, name, parts: [ending] } of listKeys(store, environment, "drills")) {
    const known = found.get(name) ?? { at: momentOf(name)! };
    found.set(name, { ...known, [ending === "json" ? "json" : "html"]: key });
  }
  return [...found.values()].sort((a, b) => b.at.getTime() - a.at.getTime());
}

/**
 * Reads what a drill found.
 * @throws DrillError `STORE_NEWER` when a newer version wrote it, `STORE_FORMAT` when it cannot be understood.
 */
export const readDrill = (store: Store, key: string): Promise<StoredDrill> =>
  getRecord(store, key, drillRecord);

/** One drill with what it found. */
interface ReadDrill extends DrillKeys {
  found: StoredDrill;
}

/**
 * Reads the newest `count` drills that left a record, newest first. One that cannot be understood is reported to
 * `onUnreadable` and left out: it must not keep the others from being seen.
 */
export async function readNewestDrills(
  store: Store,
  environment: string,
  count: number,
  onUnreadable: (drill: UnreadableDrill) => void,
): Promise<ReadDrill[]> {
  return await readDrills(
    store,
    (await listDrills(store, environment)).filter(({ json }) => json).slice(0, count),
    onUnreadable,
  );
}

/** Reads the records of `drills`, in their order; those without one are left out. */
export async function readDrills(
  store: Store,
  drills: readonly DrillKeys[],
  onUnreadable: (drill: UnreadableDrill) => void,
): Promise<ReadDrill[]> {
  const withRecord = drills.filter(({ json }) => json !== undefined);
  const unreadable = new Map<string, UnreadableRecord>();
  const read = await readEach(
    withRecord.map(({ json }) => json!),
    (key) => readOrReport(key, () => readDrill(store, key), (one) => void unreadable.set(key, one)),
  );
  return withRecord.flatMap((keys, at) => {
    const found = read[at];
    if (found) return [{ ...keys, found }];
    onUnreadable({ ...unreadable.get(keys.json!)!, at: keys.at });
    return [];
  });
}

async function freeDrillName(store: Store, environment: string, id: string): Promise<string> {
  const started = isTimestamp(id) ? momentOf(id)!.getTime() : Date.now();
  for (let seconds = 0; seconds < NAMES_TRIED; seconds++) {
    const name = timestampOf(new Date(started + seconds * 1000));
    if (!await store.head(recordKey(environment, "drills", name))) return name;
  }
  throw new DrillError(
    "STORE_FAILED",
    `Cannot write the record of the drill: ${NAMES_TRIED} other drills of ${environment} started in those seconds`,
    `Find out who drills it: ${PROGRAM} status --env ${environment}`,
  );
}
