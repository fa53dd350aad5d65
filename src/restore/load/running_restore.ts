/**
 * The advisory locks by which restores, resets and `rearm` of one database see each other. The lease keeps runs apart that
 * share a store; these keep apart those whose configurations share none.
 */

import { DrillError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { waitUntil } from "../../base/time.ts";
import type { Ask, Session } from "../../postgres/connection/session.ts";

/**
 * The key, as SQL, of the lock that the transaction of a restore or a reset holds until it is over, also when its client
 * was killed while it committed.
 */
export const RESTORE_LOCK = "hashtextextended('dolibarr-drill', 0)";
/** The key of the lock that a session holds for a restore in stages, which is no one transaction. */
const STAGES_LOCK = "hashtextextended('dolibarr-drill in stages', 0)";

/**
 * Takes the lock of a restore or a reset for the transaction that `ask` asks in.
 * @param action what the lock is for, with its object: `restore into erp`
 * @throws DrillError `LEASE_HELD` where another session has it: nothing was changed.
 */
export async function takeRestoreLock(ask: Ask, action: string): Promise<void> {
  if (await ask<boolean>(`SELECT to_json(pg_try_advisory_xact_lock(${RESTORE_LOCK}))`)) return;
  throw lockHeld(action);
}

/**
 * Takes the lock of a restore in stages, until it is disposed or the session ends.
 * @throws DrillError `LEASE_HELD`
 */
export async function claimStages(session: Session, environment: string): Promise<AsyncDisposable> {
  if (!await session.ask<boolean>(`SELECT to_json(pg_try_advisory_lock(${STAGES_LOCK}))`)) {
    throw lockHeld(`restore into ${environment}`);
  }
  return {
    async [Symbol.asyncDispose]() {
      // a session that is gone holds nothing any more
      await session.query(`SELECT pg_advisory_unlock(${STAGES_LOCK})`).catch(() => undefined);
    },
  };
}

const lockHeld = (action: string): DrillError =>
  new DrillError(
    "LEASE_HELD",
    `Cannot ${action}: another restore or a reset is under way there`,
    "Nothing was changed. Wait for it to end.",
  );

/**
 * Waits until no restore's transaction is open in the session's database.
 * @throws DrillError `REARM_INCOMPLETE` after the limit: nothing was changed.
 */
export async function waitForRestore(
  session: Session,
  environment: string,
  signal: AbortSignal,
): Promise<void> {
  const isQuiet = () =>
    session.ask<boolean>(
      `SELECT to_json(pg_try_advisory_xact_lock(${RESTORE_LOCK}) AND pg_try_advisory_xact_lock(${STAGES_LOCK}))`,
    );
  if (await waitUntil(isQuiet, limits.restoreEnds, signal)) return;
  throw new DrillError(
    "REARM_INCOMPLETE",
    `Cannot tell what became of a restore into ${environment}: its transaction is still under way after ${
      limits.restoreEnds / 1000
    } s`,
    "Nothing was changed. A restore that runs there has another store, and so another lease: wait for it to end, or look at pg_stat_activity.",
  );
}
