/** The drills of an environment, newest first, read only as far back as they are asked for. */

import { momentOf } from "../../base/time.ts";
import type { StoredDrill } from "../../store/records/drill_schema.ts";
import { listDrills, readDrills, type UnreadableDrill } from "../../store/records/drills.ts";
import type { Store } from "../../store/store.ts";

export interface EarlierDrills {
  /** Every drill of the set of that name or of a newer one, and maybe others. `""`: every drill there is. */
  since(set: string): Promise<readonly StoredDrill[]>;
  /** The newest `count`. */
  newest(count: number): Promise<readonly StoredDrill[]>;
}

/** The clock of the machine that drilled may be behind that of the one that backed up. */
const SKEW_MS = 3_600_000;

/** The drills in the store. One that cannot be understood is reported to `onUnreadable` once, and left out. */
export async function earlierDrills(
  store: Store,
  environment: string,
  onUnreadable: (drill: UnreadableDrill) => void,
): Promise<EarlierDrills> {
  const listed = (await listDrills(store, environment)).filter(({ json }) => json !== undefined);
  let asked = 0;
  const read: StoredDrill[] = [];
  const first = async (count: number) => {
    if (count > asked) {
      const more = listed.slice(asked, count);
      asked = count;
      read.push(...(await readDrills(store, more, onUnreadable)).map(({ found }) => found));
    }
    return read;
  };
  return {
    newest: first,
    since(set) {
      const from = (momentOf(set)?.getTime() ?? -Infinity) - SKEW_MS;
      return first(listed.filter(({ at }) => at.getTime() >= from).length);
    },
  };
}

/** Drills that were read already, newest first. */
export const readAlready = (drills: readonly StoredDrill[]): EarlierDrills => ({
  since: () => Promise.resolve(drills),
  newest: () => Promise.resolve(drills),
});
