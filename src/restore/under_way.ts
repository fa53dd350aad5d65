/** A restore that is under way in a database, whatever lease it holds: waited for, for nobody knows yet how it ends. */

import { DrillError } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import { waitUntil } from "../base/time.ts";
import type { Session } from "../postgres/session.ts";

/** A restore holds this lock until its transaction is over, also when its client was killed while it committed. */
const NONE_UNDER_WAY_SQL = "SELECT pg_try_advisory_xact_lock(hashtextextended('dolibarr-drill', 0)) AS alone";

/**
 * Waits until no restore's transaction is open in the session's database.
 * @throws DrillError `REARM_INCOMPLETE` after the limit: nothing was changed.
 */
export async function waitForRestore(
  session: Session,
  environment: string,
  signal: AbortSignal,
): Promise<void> {
  const isQuiet = async () =>
    (await session.query<{ alone: boolean }>(NONE_UNDER_WAY_SQL))[0]?.alone === true;
  if (await waitUntil(isQuiet, limits.restoreEnds, signal)) return;
  throw new DrillError(
    "REARM_INCOMPLETE",
    `Cannot tell what became of a restore into ${environment}: its transaction is still under way after ${
      limits.restoreEnds / 1000
    } s`,
    "Nothing was changed. A restore that runs there has another store, and so another lease: wait for it to end, or look at pg_stat_activity.",
  );
}
