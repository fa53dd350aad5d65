/** What each drill found, and its report: `<env>/drills/<ts>.json` and `.html`, `<ts>` the moment at which it began. */

import { z } from "zod";
import { DrillError, messageOf } from "../../base/errors.ts";
import { bytesOf, readSmall } from "../../base/streams.ts";
import { isTimestamp, momentOf, timestampOf } from "../../base/time.ts";
import { type StoredDrill, storedDrillSchema } from "./drill_schema.ts";
import { readSideBySide } from "../sets/sets.ts";
import type { Store } from "../store.ts";

/** One drill as its keys tell it: nothing is read for that. */
export interface DrillKeys {
  /** The moment that both are named after. */
  at: Date;
  json?: string;
  html?: string;
}

/** Two drills into two sandboxes may begin in the same second; more than a few never do. */
const NAMES_TRIED = 10;

/**
 * Writes what a drill of a set of `environment` found, under a name that is free. Its page goes beside it with `putDrillPage`.
 * @returns the key, and the moment in it.
 * @throws DrillError `STORE_FAILED`, ...; TypeError when `drill` has not the stored form.
 */
export async function putDrill(
  store: Store,
  environment: string,
  drill: StoredDrill,
): Promise<{ key: string; name: string }> {
  const text = writeStored(drill);
  const name = await freeName(store, environment, drill.id);
  const key = `${environment}/drills/${name}.json`;
  await store.put(key, bytesOf(text));
  return { key, name };
}

/** Writes the page of the drill whose record has this name. */
export async function putDrillPage(
  store: Store,
  environment: string,
  name: string,
  html: string,
): Promise<string> {
  const key = `${environment}/drills/${name}.html`;
  await store.put(key, bytesOf(html));
  return key;
}

/** Every drill of `environment` that left a record or a page, newest first. Keys that are not exactly ours are left out. */
export async function listDrills(store: Store, environment: string): Promise<DrillKeys[]> {
  const prefix = `${environment}/drills/`;
  const found = new Map<string, DrillKeys>();
  for await (const { key } of store.list(prefix)) {
    const [, name = "", ending] = /^(\w+)\.(json|html)$/.exec(key.slice(prefix.length)) ?? [];
    const at = momentOf(name);
    if (!at) continue; // not ours
    const known = found.get(name) ?? { at };
    found.set(name, { ...known, [ending === "json" ? "json" : "html"]: key });
  }
  return [...found.values()].sort((a, b) => b.at.getTime() - a.at.getTime());
}

/**
 * Reads what a drill found.
 * @throws DrillError `STORE_NEWER` when a newer version wrote it, `STORE_FORMAT` when it cannot be understood.
 */
export async function readDrill(store: Store, key: string): Promise<StoredDrill> {
  const text = new TextDecoder().decode(await readSmall(store.get(key)));
  try {
    const body = JSON.parse(text);
    const { format } = z.looseObject({ format: z.number().int() }).parse(body);
    if (format > 1) throw newer(key, format);
    return storedDrillSchema.parse(body);
  } catch (error) {
    if (error instanceof DrillError) throw error;
    throw new DrillError(
      "STORE_FORMAT",
      `Cannot read ${key}: ${
        error instanceof z.ZodError ? "it is not a drill's record of ours" : messageOf(error)
      }`,
      "It was damaged, or a newer dolibarr-drill wrote it. Nothing was changed.",
      { cause: error },
    );
  }
}

/** One drill with what it found. */
export interface ReadDrill extends DrillKeys {
  found: StoredDrill;
}

/**
 * Reads the newest `count` drills that left a record, newest first. One that cannot be understood is told to
 * `onUnreadable` and left out: it must not keep the others from being seen.
 */
export async function readNewestDrills(
  store: Store,
  environment: string,
  count: number,
  onUnreadable: (error: DrillError) => void,
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
  onUnreadable: (error: DrillError) => void,
): Promise<ReadDrill[]> {
  const withRecord = drills.filter(({ json }) => json !== undefined);
  const keys = withRecord.map(({ json }) => json!);
  const read = await readSideBySide(keys, async (key) => {
    try {
      return await readDrill(store, key);
    } catch (error) {
      if (!(error instanceof DrillError) || !["STORE_FORMAT", "STORE_NEWER"].includes(error.code)) {
        throw error;
      }
      onUnreadable(error);
      return undefined;
    }
  });
  return withRecord.flatMap((keys, at) => {
    const found = read[at];
    return found ? [{ ...keys, found }] : [];
  });
}

function writeStored(drill: StoredDrill): string {
  const checked = storedDrillSchema.safeParse(drill);
  if (checked.success) return JSON.stringify(checked.data, null, 2) + "\n";
  const [issue] = checked.error.issues;
  throw new TypeError(`a drill's record has not its form: ${issue?.path.join(".")}: ${issue?.message}`);
}

async function freeName(store: Store, environment: string, id: string): Promise<string> {
  const began = isTimestamp(id) ? momentOf(id)!.getTime() : Date.now();
  for (let seconds = 0; seconds < NAMES_TRIED; seconds++) {
    const name = timestampOf(new Date(began + seconds * 1000));
    if (!await store.head(`${environment}/drills/${name}.json`)) return name;
  }
  throw new DrillError(
    "STORE_FAILED",
    `Cannot write what the drill found: ${NAMES_TRIED} others of ${environment} bear its name`,
    "Look at who drills it: dolibarr-drill status",
  );
}

const newer = (key: string, format: number): DrillError =>
  new DrillError(
    "STORE_NEWER",
    `Cannot read ${key}: it has format ${format}, this version knows 1`,
    "Use the newer dolibarr-drill that wrote it.",
  );
