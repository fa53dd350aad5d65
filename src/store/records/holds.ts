/** A hold keeps a set until a day, whatever the policy says: `<env>/holds/<ts>.json`. */

import { z } from "zod";
import { DrillError, messageOf } from "../../base/errors.ts";
import { bytesOf, readSmall } from "../../base/streams.ts";
import { isTimestamp } from "../../base/time.ts";
import { readSideBySide } from "../sets/sets.ts";
import type { Store } from "../store.ts";

const HOLD_FORMAT = 1;

const holdSchema = z.strictObject({
  format: z.literal(HOLD_FORMAT),
  environment: z.string().min(1),
  set: z.string().refine(isTimestamp),
  /** A day, UTC: `2031-12-31`; the set is held to the end of it. */
  until: z.iso.date(),
  reason: z.string().min(1),
  since: z.iso.datetime(),
});

export type Hold = Omit<z.infer<typeof holdSchema>, "format">;

const holdKey = (environment: string, set: string) => `${environment}/holds/${set}.json`;

/** The moment at which the hold ends: the end of its day, UTC. */
export const holdEnds = ({ until }: Pick<Hold, "until">): Date =>
  new Date(Date.parse(`${until}T00:00:00Z`) + 86_400_000);

export async function putHold(store: Store, hold: Hold): Promise<void> {
  const body = holdSchema.parse({ ...hold, format: HOLD_FORMAT });
  await store.put(holdKey(hold.environment, hold.set), bytesOf(JSON.stringify(body, null, 2) + "\n"));
}

/** @returns false when the set was not held. */
export async function releaseHold(store: Store, environment: string, set: string): Promise<boolean> {
  const key = holdKey(environment, set);
  if (!await store.head(key)) return false;
  await store.delete(key);
  return true;
}

/** Every hold of `environment`, by set. One that cannot be understood is told to `onUnreadable`, and holds for ever. */
export async function readHolds(
  store: Store,
  environment: string,
  onUnreadable: (error: DrillError) => void,
): Promise<Map<string, Hold>> {
  const keys: string[] = [];
  for await (const { key } of store.list(`${environment}/holds/`)) {
    const name = key.slice(key.lastIndexOf("/") + 1);
    if (name.endsWith(".json") && isTimestamp(name.slice(0, -".json".length))) keys.push(key);
  }
  const holds = await readSideBySide(keys, async (key) => {
    try {
      return await readHold(store, key);
    } catch (error) {
      if (!(error instanceof DrillError) || error.code !== "STORE_FORMAT") throw error;
      onUnreadable(error);
      const set = key.slice(key.lastIndexOf("/") + 1, -".json".length);
      return { environment, set, until: "9999-12-31", reason: "its hold cannot be read", since: "" };
    }
  });
  return new Map(holds.map((hold) => [hold.set, hold]));
}

async function readHold(store: Store, key: string): Promise<Hold> {
  try {
    const { format: _, ...hold } = holdSchema.parse(
      JSON.parse(new TextDecoder().decode(await readSmall(store.get(key)))),
    );
    if (holdKey(hold.environment, hold.set) !== key) throw new TypeError("it names another set");
    return hold;
  } catch (error) {
    if (error instanceof DrillError && error.code !== "OBJECT_MISSING") throw error;
    throw new DrillError(
      "STORE_FORMAT",
      `Cannot read ${key}: ${error instanceof z.ZodError ? "it is not a hold of ours" : messageOf(error)}`,
      "It says until when a set is kept. Mend it, or hold the set anew: dolibarr-drill keep SET --until DATE --reason TEXT",
      { cause: error },
    );
  }
}
