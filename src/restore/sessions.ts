/** Who else is connected to the target: a restore waits until nobody is. */

import { DrillError } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import { waitUntil } from "../base/time.ts";
import type { Session } from "../postgres/session.ts";

interface Other extends Record<string, unknown> {
  who: string;
}

/**
 * Every other client's session in this database. Not counted are those that a pooler keeps with nothing in them: idle
 * after DISCARD ALL, or idle without ever having run a query. Into the sessions of logins that are not ours we may not
 * look: `backend_type`, `state` and `query` are then NULL, and they count all the same. Two of those are nobody's: the
 * server's own workers, which have no login, and the pooler's auth role, which somebody let run user_lookup by name.
 */
const OTHERS_SQL = `
  WITH auth AS (
    SELECT acl.grantee
      FROM pg_catalog.pg_proc AS function, pg_catalog.aclexplode(function.proacl) AS acl, pg_catalog.pg_database AS here
     WHERE function.oid = to_regprocedure('public.user_lookup(text)') AND here.datname = current_database()
       AND acl.privilege_type = 'EXECUTE' AND acl.grantee NOT IN (0, function.proowner)
       AND NOT pg_catalog.pg_has_role(acl.grantee, here.datdba, 'MEMBER'))
  SELECT coalesce(usename, 'a login that is gone') || CASE WHEN backend_type IS NULL
         THEN ' (another login''s; its state is not ours to see)'
         ELSE ' from ' || coalesce(host(client_addr), 'this machine') || ', ' || coalesce(state, 'unknown') || ' for '
         || coalesce(round(extract(epoch FROM now() - state_change))::text, '?') || ' s'
         || CASE WHEN application_name <> '' THEN ' (' || application_name || ')' ELSE '' END END AS who
    FROM pg_catalog.pg_stat_activity
   WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL
     AND (backend_type IS NULL OR backend_type = 'client backend')
     AND usesysid NOT IN (SELECT grantee FROM auth)
     AND NOT (state IS NOT DISTINCT FROM 'idle' AND query IN ('DISCARD ALL', ''))`;

/** @throws DrillError `SESSIONS_CONNECTED` naming each, when some are left after the limit. */
export async function waitForSessions(
  session: Session,
  database: string,
  signal: AbortSignal,
  limit: number = limits.sessionsLeave,
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
    "Nothing was changed. Stop them, and run it again. A pooler keeps an idle session of a login that is gone for up to its server_idle_timeout (pgbouncer: 10 min): wait that long, or let it RECONNECT.",
    { details: others.map(({ who }) => who) },
  );
}
