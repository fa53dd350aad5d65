/** A restore that is under way in a database, whatever lease it holds: waited for, for nobody knows yet how it ends. */

import { DrillError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { waitUntil } from "../../base/time.ts";
import type { Session } from "../../postgres/connection/session.ts";

/** A restore's transaction holds the first lock until it is over, also when its client was killed while it committed. */
const IN_STAGES = "hashtextextended('dolibarr-drill in stages', 0)";
const NONE_UNDER_WAY_SQL = `SELECT pg_try_advisory_xact_lock(hashtextextended('dolibarr-drill', 0))
  AND pg_try_advisory_xact_lock(${IN_STAGES}) AS alone`;

/**
 * Tells every other restore that one in stages is under way here, until it is disposed or the session ends.
 * @throws DrillError `LEASE_HELD`
 */
export async function claimStages(session: Session, environment: string): Promise<AsyncDisposable> {
  const [row] = await session.query<{ ours: boolean }>(`SELECT pg_try_advisory_lock(${IN_STAGES}) AS ours`);
  if (row?.ours) {
    return {
      async [Symbol.asyncDispose]() {
        // a session that is gone holds nothing any more
        await session.query(`SELECT pg_advisory_unlock(${IN_STAGES})`).catch(() => undefined);
      },
    };
  }
  throw new DrillError(
    "LEASE_HELD",
    `Cannot restore into ${environment}: another restore is under way there`,
    "Wait for it to end.",
  );
}

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
