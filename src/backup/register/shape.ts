/** What the columns of every table held in the instant that is dumped, compared with the newest good set that knows the same. */

import type { Reporter } from "../../base/terminal/reporter.ts";
import { type LostValues, lostValues, type Shape } from "../../dolibarr/tables/lost_values.ts";
import { readOwnObjects } from "../../dolibarr/tables/own_objects.ts";
import type { FilledTable } from "../../postgres/catalogue/filled.ts";
import type { Snapshot } from "../../postgres/connection/snapshot.ts";

/** A shape, and the set that it is of. */
export interface ShapeOfSet {
  set: string;
  shape: Shape;
}

/** The shape of this instant; undefined, with a warning, where the database does not let its part be read. */
export async function shapeIn(
  instant: Snapshot,
  filled: FilledTable[],
  reporter: Reporter,
): Promise<Shape | undefined> {
  const read = await instant.attempt(readOwnObjects);
  if ("found" in read) return { ...read.found, filled };
  reporter.warn(`What each column fills was not compared: ${read.error.message}`);
  return undefined;
}

/** What is lost since the good set; nothing where one of the two is not known. Pure. */
export const lostSince = (now: Shape | undefined, good: ShapeOfSet | undefined): LostValues =>
  now && good ? lostValues(now, good.shape, good.set) : { reasons: [], notes: [] };
