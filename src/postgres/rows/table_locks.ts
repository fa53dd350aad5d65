/** Locks many tables at once or none of them: to wait for one while others are held makes deadlocks, and the ERP loses them. */

import { quoteLiteral } from "../connection/database.ts";
import type { Statements } from "../connection/session.ts";

/** `SHARE ROW EXCLUSIVE`: others may read. `ACCESS EXCLUSIVE`: others may do nothing. */
export type TableLock = "SHARE ROW EXCLUSIVE" | "ACCESS EXCLUSIVE";

/** @returns false when another session has one of them; then none is held. `tables`: quoted names. */
export async function lockTables(
  tx: Statements,
  tables: readonly string[],
  mode: TableLock,
): Promise<boolean> {
  if (tables.length === 0) return true;
  // an exception's block gives back what was locked in it, and leaves the transaction alive
  await tx.run(`DO $lock$ BEGIN
    PERFORM set_config('dolibarr_drill.locked', 'yes', true);
    LOCK TABLE ${tables.map((name) => `ONLY ${name}`).join(", ")} IN ${mode} MODE NOWAIT;
  EXCEPTION WHEN lock_not_available THEN PERFORM set_config('dolibarr_drill.locked', 'no', true); END $lock$`);
  return await tx.ask<string>("SELECT to_json(current_setting('dolibarr_drill.locked'))") === "yes";
}

/** SQL whose one row and column is a JSON list of sentences: who holds a lock on one of `tables` that conflicts with `mode`. */
export function holdersSql(tables: readonly string[], mode: TableLock): string {
  const harmless = mode === "ACCESS EXCLUSIVE" ? "''" : "'AccessShareLock', 'RowShareLock'";
  const names = tables.map((name) => `${quoteLiteral(name)}::regclass`).join(", ");
  return `SELECT coalesce(json_agg(line), '[]'::json) FROM (
    SELECT format('%s is in use by process %s (%s%s), for %s s', string_agg(DISTINCT l.relation::regclass::text, ', '), l.pid,
           coalesce(a.usename, 'unknown'), CASE WHEN a.application_name <> '' THEN ', ' || a.application_name END,
           coalesce(extract(epoch FROM clock_timestamp() - a.xact_start)::bigint::text, '?')) AS line
      FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
     WHERE l.granted AND l.pid <> pg_backend_pid() AND l.relation = ANY(ARRAY[${names}]::regclass[]) AND l.mode NOT IN (${harmless})
       AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
     GROUP BY l.pid, a.usename, a.application_name, a.xact_start ORDER BY l.pid LIMIT 5) AS holders`;
}
