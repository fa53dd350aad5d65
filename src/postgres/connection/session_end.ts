/** Why something ended in the middle: found out by connecting once more, apart from the session that it happened to. */

import { DrillError, messageOf } from "../../base/errors.ts";
import { limits, pauses } from "../../base/limits.ts";
import { waitUntil } from "../../base/time.ts";
import { type Client, openClient } from "./client.ts";
import type { Database } from "./database.ts";
import { type Action, type Afterwards, connectionProblemOf, sessionEndError } from "./session_errors.ts";

/**
 * Says why a session or a program's connection ended in the middle, by connecting once more.
 *
 * @param since when that session began, by `performance.now()`.
 * @param said what was said of it.
 */
export async function sessionEndReason(
  database: Database,
  action: Action,
  { since, said, cause }: { since: number; said: string; cause?: unknown },
): Promise<DrillError> {
  const afterwards = await lookAfterwards(database);
  const elapsedMs = performance.now() - since;
  return sessionEndError(database, action, { afterwards, elapsedMs, said }, cause);
}

/** What a new connection finds; where nothing answers, it is asked again for a while, for a restart takes its time. */
async function lookAfterwards(database: Database): Promise<Afterwards> {
  let found!: Afterwards;
  const answers = async () => !("server" in (found = await lookOnce(database)));
  await waitUntil(answers, limits.serverComesBack, undefined, pauses.server);
  return found;
}

async function lookOnce(database: Database): Promise<Afterwards> {
  let client: Client | undefined;
  try {
    client = await openClient(database);
    const [row] = await client.query<{ ms: string }>(
      "SELECT (extract(epoch FROM clock_timestamp() - pg_postmaster_start_time()) * 1000)::bigint AS ms",
    );
    return { uptimeMs: Number(row!.ms) };
  } catch (error) {
    const refused = error instanceof DrillError
      ? error.code === "DATABASE_LOGIN"
      : connectionProblemOf(error) === "login";
    return refused
      ? { login: "refused", said: messageOf(error) }
      : { server: "away", said: messageOf(error) };
  } finally {
    await client?.close();
  }
}

/** Who holds a lock that keeps readers out, a line each. Other people's statements are not shown to an ordinary login. */
export async function lockHolders(database: Database): Promise<string[]> {
  let client: Client | undefined;
  try {
    client = await openClient(database);
    const rows = await client.query<{ line: string }>(
      `SELECT format('%s is locked by process %s (%s%s), for %s s', string_agg(l.relation::regclass::text, ', '), l.pid,
              coalesce(a.usename, 'unknown'), CASE WHEN a.application_name <> '' THEN ', ' || a.application_name END,
              coalesce(extract(epoch FROM clock_timestamp() - a.xact_start)::bigint::text, '?')) AS line
         FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
        WHERE l.granted AND l.mode = 'AccessExclusiveLock' AND c.relkind IN ('r', 'p')
          AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
        GROUP BY l.pid, a.usename, a.application_name, a.xact_start ORDER BY l.pid LIMIT 5`,
    );
    return rows.map(({ line }) => line);
  } catch (error) {
    // only more about a failure that is told anyway
    return [`who holds it could not be asked: ${messageOf(error)}`];
  } finally {
    await client?.close();
  }
}
