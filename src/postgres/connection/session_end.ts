/** Why a session ended in the middle: found out by another connection. */

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
 * @param message the error that it ended with.
 */
export async function sessionEndReason(
  database: Database,
  action: Action,
  { since, message, cause }: { since: number; message: string; cause?: unknown },
): Promise<DrillError> {
  const afterwards = await probeAfterwards(database);
  const elapsedMs = performance.now() - since;
  return sessionEndError(database, action, { afterwards, elapsedMs, message }, cause);
}

/** What a new connection finds; where no server answers, it is tried again for a while, because a restart takes time. */
async function probeAfterwards(database: Database): Promise<Afterwards> {
  let found!: Afterwards;
  const answers = async () => !("server" in (found = await probeOnce(database)));
  await waitUntil(answers, limits.serverComesBack, undefined, pauses.server);
  return found;
}

async function probeOnce(database: Database): Promise<Afterwards> {
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
      ? { login: "refused", message: messageOf(error) }
      : { server: "away", message: messageOf(error) };
  } finally {
    await client?.close();
  }
}

/** Who holds a lock that blocks readers, a line each. An ordinary login does not see the statements of others. */
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
    return [`the server cannot be asked who holds it: ${messageOf(error)}`]; // a detail of a failure that is reported anyway
  } finally {
    await client?.close();
  }
}
