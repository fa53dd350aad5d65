/** Who else is connected to the target: a restore waits until nobody is. */

import { DrillError } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import { waitUntil } from "../base/time.ts";
import type { Session } from "../postgres/session.ts";

interface Other extends Record<string, unknown> {
  who: string;
}

/**
 * Every other client's session in this database. A pooler keeps idle ones whose client is gone: it resets them with
 * DISCARD ALL, and they hold nothing; so those are not counted.
 */
const OTHERS_SQL = `
  SELECT usename || ' from ' || coalesce(host(client_addr), 'this machine') || ', ' || coalesce(state, 'unknown') || ' for '
         || coalesce(round(extract(epoch FROM now() - state_change))::text, '?') || ' s'
         || CASE WHEN application_name <> '' THEN ' (' || application_name || ')' ELSE '' END AS who
    FROM pg_catalog.pg_stat_activity
   WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
     AND NOT (state IS NOT DISTINCT FROM 'idle' AND query = 'DISCARD ALL')`;

/** @throws DrillError `SESSIONS_CONNECTED` naming each, when some are left after the limit. */
export async function waitForSessions(
  session: Session,
  database: string,
  signal: AbortSignal,
  limit = limits.sessionsLeave,
): Promise<void> {
  await session.query("SET ROLE NONE"); // the login sees what its own sessions last did; the role that it acts as does not
  let others: Other[] = [];
  const alone = await waitUntil(
    async () => (others = await session.query<Other>(OTHERS_SQL)).length === 0,
    limit,
    signal,
    100,
  );
  await session.query("RESET ROLE");
  if (alone) return;
  throw new DrillError(
    "SESSIONS_CONNECTED",
    `Cannot restore into ${database}: ${others.length} ${
      others.length === 1 ? "session is" : "sessions are"
    } still connected after ${limit / 1000} s`,
    "Nothing was changed. Stop them, and run it again.",
    { details: others.map(({ who }) => who) },
  );
}
