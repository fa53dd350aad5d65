/**
 * Keeps two works on one database apart, whatever store and lease each has: by advisory locks in the database itself. What
 * they are called never changes, for restores of two versions must exclude each other too.
 */

import { DrillError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { waitUntil } from "../../base/time.ts";
import { formatDuration } from "../../base/numbers.ts";
import type { Ask, Session } from "../../postgres/connection/session.ts";

/** As SQL: a guarded transaction holds it until it is over, also where its client was killed while it committed. */
export const RESTORE_LOCK = "pg_catalog.hashtextextended('dolibarr-drill', 0)";
/** A restore in stages, or its rollback, holds it between its transactions; every other guarded transaction shares it. */
const STAGES_LOCK = "pg_catalog.hashtextextended('dolibarr-drill in stages', 0)";

/**
 * Takes the lock of a transaction, which is held until that is over.
 * @param action for messages: `restore into erp-sandbox`
 * @param claimed the caller holds the stages' lock in another session (`claimStages`)
 * @throws DrillError `LEASE_HELD`
 */
export async function lockTransaction(ask: Ask, action: string, claimed: boolean): Promise<void> {
  const locks = [
    `pg_catalog.pg_try_advisory_xact_lock(${RESTORE_LOCK})`,
    ...(claimed ? [] : [`pg_catalog.pg_try_advisory_xact_lock_shared(${STAGES_LOCK})`]),
  ];
  const isOurs = () => ask<boolean>(`SELECT to_json(${locks.join(" AND ")})`);
  if (!await waitUntil(isOurs, limits.restoreLockIsFree)) throw lockHeld(action);
}

/**
 * Takes the stages' lock until it is disposed or the session ends.
 * @throws DrillError `LEASE_HELD`
 */
export async function claimStages(session: Session, action: string): Promise<AsyncDisposable> {
  const isOurs = () =>
    session.ask<boolean>(`SELECT to_json(pg_catalog.pg_try_advisory_lock(${STAGES_LOCK}))`);
  if (!await waitUntil(isOurs, limits.restoreLockIsFree)) throw lockHeld(action);
  return {
    async [Symbol.asyncDispose]() {
      // a session that is gone holds nothing any more
      await session.query(`SELECT pg_catalog.pg_advisory_unlock(${STAGES_LOCK})`).catch(() => undefined);
    },
  };
}

const lockHeld = (action: string) =>
  new DrillError(
    "LEASE_HELD",
    `Cannot ${action}: another restore or reset of that database is running`,
    "Nothing was changed. It holds the lease of another store: wait until it has finished, and run this again.",
  );

const NONE_RUNS_SQL = `SELECT to_json(pg_catalog.pg_try_advisory_xact_lock(${RESTORE_LOCK})
  AND pg_catalog.pg_try_advisory_xact_lock(${STAGES_LOCK}))`;

/**
 * Before sessions of others are waited for, or ended: they must not be those of another restore.
 * @throws DrillError `LEASE_HELD`
 */
export async function refuseRunningRestore(session: Session, action: string): Promise<void> {
  if (await waitUntil(() => session.ask<boolean>(NONE_RUNS_SQL), limits.restoreLockIsFree)) return;
  throw lockHeld(action);
}

/**
 * Waits until no restore and no reset runs in the session's database: only then it is known how one ended.
 * @throws DrillError `REARM_INCOMPLETE` after the limit: nothing was changed.
 */
export async function waitForRestore(
  session: Session,
  environment: string,
  signal?: AbortSignal,
): Promise<void> {
  if (await waitUntil(() => session.ask<boolean>(NONE_RUNS_SQL), limits.restoreEnds, signal)) return;
  throw new DrillError(
    "REARM_INCOMPLETE",
    `Cannot tell how the restore into ${environment} ended: its transaction is still open after ${
      formatDuration(limits.restoreEnds)
    }`,
    "Nothing was changed. It holds the lease of another store: wait until it has finished, or look for it in pg_stat_activity.",
  );
}
