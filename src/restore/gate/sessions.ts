/** Other sessions in the target: a restore waits until there is none, and ends one only with --terminate. */

import { DrillError } from "../../base/errors.ts";
import { limits, pauses } from "../../base/limits.ts";
import { type Reporter, silentReporter } from "../../base/terminal/reporter.ts";
import { formatCount, formatDuration } from "../../base/numbers.ts";
import { waitUntil } from "../../base/time.ts";
import type { Session } from "../../postgres/connection/session.ts";

interface SessionsOptions {
  /** Ends the sessions of others, where our login may, instead of waiting until they leave. */
  terminate?: boolean;
  /** Gets a note of each session that is ended. */
  reporter?: Reporter;
  /** How long to wait for them, in ms. */
  limit?: number;
}

interface Other extends Record<string, unknown> {
  /** Tells it from a later one of the same process number. */
  id: string;
  who: string;
  /** What it last did, as far as our login may see it. */
  did: string;
  /** Whether our login may end it. */
  ours: boolean;
  /** Of another login, between two transactions: it holds no lock, so it disturbs as little as one that connects later. */
  rests: boolean;
}

/**
 * Every other client's session in this database. Not counted are those that a pooler holds unused: idle after DISCARD
 * ALL, or idle without ever having run a query. Of the sessions of other logins `backend_type`, `state` and `query` are
 * NULL (docs/facts.md, "Sessions of other logins"); they count all the same, except the server's own workers, which have no
 * login, and the pooler's auth role, which was granted EXECUTE on user_lookup by name. Of a query only the first word is
 * shown: the rest may quote what others must not read. Which sessions our login may end is as pg_terminate_backend has it:
 * those of roles that it has the rights of, all with pg_signal_backend, and a superuser's only for superusers. One of
 * another login that is in no transaction holds no lock, which everybody may see; one of our own login is the ERP's, which
 * was to be stopped.
 */
const OTHERS_SQL = `
  WITH auth AS (
    SELECT acl.grantee
      FROM pg_catalog.pg_proc AS function, pg_catalog.aclexplode(function.proacl) AS acl, pg_catalog.pg_database AS here
     WHERE function.oid = to_regprocedure('public.user_lookup(text)') AND here.datname = current_database()
       AND acl.privilege_type = 'EXECUTE' AND acl.grantee NOT IN (0, function.proowner)
       AND NOT pg_catalog.pg_has_role(acl.grantee, here.datdba, 'MEMBER'))
  SELECT pid || ' ' || coalesce(backend_start::text, '') AS id,
         coalesce(usename, 'a login that is gone') || CASE WHEN backend_type IS NULL
         THEN ' (another login''s; its state is not ours to see)'
         ELSE ' from ' || coalesce(host(client_addr), 'this machine') || ', ' || coalesce(state, 'unknown') || ' for '
         || coalesce(round(extract(epoch FROM now() - state_change))::text, '?') || ' s'
         || CASE WHEN application_name <> '' THEN ' (' || application_name || ')' ELSE '' END END AS who,
         coalesce('last ' || upper(substring(query FROM '^\\s*([A-Za-z]+)')), 'what it did is not ours to see') AS did,
         CASE WHEN role.rolsuper THEN current_setting('is_superuser') = 'on'
              ELSE coalesce(pg_has_role(usesysid, 'USAGE'), false) OR pg_has_role('pg_signal_backend', 'USAGE') END AS ours,
         usename IS DISTINCT FROM session_user AND coalesce(state, 'idle') = 'idle'
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_locks WHERE pg_locks.pid = pg_stat_activity.pid) AS rests
    FROM pg_catalog.pg_stat_activity LEFT JOIN pg_catalog.pg_roles AS role ON role.oid = usesysid
   WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL
     AND (backend_type IS NULL OR backend_type = 'client backend')
     AND usesysid NOT IN (SELECT grantee FROM auth)
     AND NOT (state IS NOT DISTINCT FROM 'idle' AND query IN ('DISCARD ALL', ''))`;

/** Ends one, where it is still the same one; a session of another database is never ended. */
const TERMINATE_SQL = `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
   WHERE pid || ' ' || coalesce(backend_start::text, '') = $1 AND datname = current_database()`;

/**
 * Waits until `session` is alone in its database, which `database` names in messages, but for sessions of other logins that
 * rest and hold no lock: of these `reporter` gets a note. Such a one, or one that connects afterwards, disturbs nothing: the restoring transaction's DROP OWNED locks every table, and the session waits until it is over. A
 * restore in stages waits once more before its last transaction, and locks every table there.
 *
 * @throws DrillError `SESSIONS_CONNECTED` naming each that is left after the limit: it stayed, our login may not end it, or
 *   it connected again after it was ended.
 */
export async function waitForSessions(
  session: Session,
  database: string,
  signal: AbortSignal,
  options: SessionsOptions = {},
): Promise<void> {
  await session.query("SET ROLE NONE"); // the login sees what its own sessions did last; the role that it acts as does not
  try {
    const problem = await (options.terminate ? endAndWait : justWait)(session, database, signal, options);
    if (problem) throw problem;
  } finally {
    await session.query("RESET ROLE");
  }
}

/**
 * Asks again until no other session is there, and still none after `staysAway` ms.
 * @returns those that are left after the limit.
 */
async function remaining(
  session: Session,
  signal: AbortSignal,
  limit: number,
  staysAway = 0,
): Promise<Other[]> {
  let others: Other[] = [];
  let seen = performance.now();
  const isQuiet = async () => {
    others = (await session.query<Other>(OTHERS_SQL)).filter(({ rests }) => !rests);
    if (others.length > 0) seen = performance.now();
    return others.length === 0 && performance.now() - seen >= staysAway;
  };
  await waitUntil(isQuiet, limit, signal, pauses.sessions);
  return others;
}

/** A note of those that stay, idle and without a lock. */
async function tellResting(session: Session, database: string, reporter: Reporter): Promise<undefined> {
  const resting = (await session.query<Other>(OTHERS_SQL)).filter(({ rests }) => rests);
  if (resting.length === 0) return;
  reporter.note(
    `${sessionsAre(resting.length)} connected to ${database}, idle and without a lock, and not waited for: ${
      resting.map(({ who }) => who).join("; ")
    }`,
  );
}

async function justWait(
  session: Session,
  database: string,
  signal: AbortSignal,
  { limit = limits.sessionsLeave, reporter = silentReporter }: SessionsOptions,
): Promise<DrillError | undefined> {
  const inSilence = Math.min(limit, limits.sessionsLeaveByThemselves);
  const there = await remaining(session, signal, inSilence);
  if (there.length === 0) return await tellResting(session, database, reporter);
  using step = reporter.step(
    `Waiting until ${sessionsAre(there.length)} gone from ${database}, first ${there[0]!.who}`,
  );
  const others = await remaining(session, signal, limit - inSilence);
  step.end(others.length === 0 ? "none is left" : `${sessionsAre(others.length)} still there`);
  if (others.length === 0) return await tellResting(session, database, reporter);
  return connected(
    database,
    `${sessionsAre(others.length)} still connected after ${formatDuration(limit)}`,
    "Nothing was changed. Stop them and run this again, or end them with --terminate. A pooler holds an idle session of a login that is gone for up to its server_idle_timeout (pgbouncer: 10 min): wait that long, or let it RECONNECT.",
    others.map(({ who }) => who),
  );
}

async function endAndWait(
  session: Session,
  database: string,
  signal: AbortSignal,
  { limit = limits.sessionsEnd, reporter = silentReporter }: SessionsOptions,
): Promise<DrillError | undefined> {
  // the workload was stopped a moment ago: its sessions may leave by themselves
  await remaining(session, signal, Math.min(limit, limits.sessionsLeaveByThemselves));
  const others = (await session.query<Other>(OTHERS_SQL)).filter(({ rests, ours }) => ours || !rests);
  const strangers = others.filter(({ ours }) => !ours);
  if (strangers.length > 0) {
    return connected(
      database,
      `our login may not end ${formatCount(strangers.length, "session")}`,
      "Nothing was changed, and no session was ended. Stop them, or let the provisioner: GRANT pg_signal_backend TO the login. Only a superuser may end a superuser's session.",
      strangers.map(({ who }) => who),
    );
  }
  const ended = new Set<string>();
  for (const { id, who, did } of others) {
    signal.throwIfAborted();
    reporter.note(`Ending the session of ${who}: ${did}`);
    await session.query(TERMINATE_SQL, [id]);
    ended.add(id);
  }
  const left = await remaining(session, signal, limit, limits.sessionsComeBack);
  if (left.length === 0) return await tellResting(session, database, reporter);
  return connected(
    database,
    `${sessionsAre(left.length)} connected ${formatDuration(limit)} after all were ended`,
    "Nothing else was changed. A client connects again and again: stop it (a pool, a monitor, an ERP that is started automatically), and run this again.",
    left.map(({ id, who }) => `${who}, ${ended.has(id) ? "does not end" : "connected again"}`),
  );
}

const sessionsAre = (count: number): string => count === 1 ? "1 session is" : `${count} sessions are`;

const connected = (database: string, state: string, hint: string, details: string[]) =>
  new DrillError("SESSIONS_CONNECTED", `Cannot restore into ${database}: ${state}`, hint, { details });
