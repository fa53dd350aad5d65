/** The errors of a connection that cannot be made, of a statement that fails, and of a session that ended in the middle. */

import { DrillError, messageOf } from "../../base/errors.ts";
import { isFull } from "../../base/files.ts";
import { limits } from "../../base/limits.ts";
import { formatDuration } from "../../base/numbers.ts";
import { type Database, describeDatabase, quoteIdentifier } from "./database.ts";
import { tlsError } from "./tls_errors.ts";
import { type ConnectionProblem, connectionProblemIn } from "../programs/message_classes.ts";

/** What was being done when it failed, for messages. */
export type Action = "dump" | "ask";

/**
 * SQLSTATEs: class 28 are logins, 08 and 57P connections that ended, 55P03 is a lock that could not be taken. pgbouncer
 * has 08P01 for everything, and an error that no server sent has words alone.
 */
export function connectionProblemOf(error: unknown): ConnectionProblem | undefined {
  const code = String((error as { code?: unknown }).code ?? "");
  const words = connectionProblemIn(`${code} ${messageOf(error)}`);
  if (/^28/.test(code)) return "login";
  if (code === "55P03") return "locked";
  if (/^(08|57P)/.test(code)) return words === "login" ? "login" : "lost";
  const fromServer = typeof error === "object" && error !== null && "severity" in error;
  return fromServer ? undefined : words;
}

export function connectionError(database: Database, error: unknown): DrillError {
  const text = messageOf(error) || String((error as { code?: unknown }).code ?? error);
  const where = describeDatabase(database);
  const key = database.loginKey ?? "database";
  const ofTls = tlsError(database, error);
  if (ofTls) return ofTls;
  if (/password must be a string|no password supplied/.test(text)) {
    return new DrillError(
      "DATABASE_LOGIN",
      `Cannot log in to ${where}: the server asks for a password, and there is none`,
      `Name it with ${key}.password, or write a line for this server into ~/.pgpass (mode 0600).`,
      { cause: error },
    );
  }
  if (/no pg_hba\.conf entry/.test(text)) {
    return new DrillError(
      "DATABASE_LOGIN",
      `Cannot log in to ${where}: ${text}`,
      "The server's pg_hba.conf has no line for this login, database and address: add one. The password was not asked for.",
      { cause: error },
    );
  }
  if (/Peer authentication failed/i.test(text)) {
    return new DrillError(
      "DATABASE_LOGIN",
      `Cannot log in to ${where}: ${text}`,
      `Over this socket the server believes the name of the system's user, and no password (peer). Run this as the user of that name, or give this one the login ${key}.user with a map in pg_ident.conf.`,
      { cause: error },
    );
  }
  if (connectionProblemOf(error) === "login") {
    return new DrillError(
      "DATABASE_LOGIN",
      `Cannot log in to ${where}: ${text}`,
      `The password is wrong or the login has expired. Renew it (with Vault: wait for the operator, or restart it) and check ${key}.user and ${key}.password in the configuration.`,
      { cause: error },
    );
  }
  return new DrillError(
    "DATABASE_UNREACHABLE",
    `Cannot reach ${where}: ${text}`,
    "Is the server, or the pooler in front of it, running? Check database.host, port and name in the configuration.",
    { cause: error },
  );
}

export function statementError(database: Database, error: unknown, details: readonly string[]): DrillError {
  const full = isFull(error);
  const [, hiding] = /affected by row-level security policy for table (.+)$/.exec(messageOf(error)) ?? [];
  if (hiding !== undefined) return hiddenRowsError(database, hiding, error, details);
  return new DrillError(
    full ? "DISK_FULL" : "DATABASE_FAILED",
    `Cannot ask ${database.name}: ${messageOf(error)}`,
    full
      ? "Make room on the database server's disk."
      : "The database answered with an error, or went away. Its log says more.",
    { cause: error, details },
  );
}

/** Every row counts: a policy that leaves out some must not decide what a backup holds, and pg_dump refuses it too. */
const hiddenRowsError = (
  { name, user }: Database,
  table: string,
  error: unknown,
  details: readonly string[],
): DrillError =>
  new DrillError(
    "DATABASE_FAILED",
    `Cannot read all of ${name}: a row-level security policy of the table ${table} may hide rows from ${user}`,
    `Nothing was changed. Let a superuser exempt the login (ALTER ROLE ${
      quoteIdentifier(user)
    } BYPASSRLS), or the owner take the policy off (ALTER TABLE ... NO FORCE ROW LEVEL SECURITY).`,
    { cause: error, details },
  );

/** @param holders who has the lock, a line each, as far as the login may see it. */
export function lockedError(
  database: Database,
  action: Action,
  holders: readonly string[],
  cause?: unknown,
): DrillError {
  return new DrillError(
    "DATABASE_LOCKED",
    `Cannot ${action} ${database.name}: a table is locked by another session, also after ${
      formatDuration(limits.dumpWaitsForLock)
    }`,
    "An upgrade, an import or maintenance is running: run this again when it has finished. If it hangs, end it: SELECT pg_terminate_backend(PID).",
    { cause, details: holders },
  );
}

/** What a new connection found, after one had ended in the middle. */
export type Afterwards =
  | { login: "refused"; message: string }
  | { server: "away"; message: string }
  /** How long the server has been up, in ms. */
  | { uptimeMs: number };

/**
 * Why a session ended in the middle. Pure.
 * @param elapsedMs since that session began: a server that is up for less was restarted meanwhile, whatever its clock says.
 */
export function sessionEndError(
  database: Database,
  action: Action,
  { afterwards, elapsedMs, message }: { afterwards: Afterwards; elapsedMs: number; message: string },
  cause?: unknown,
): DrillError {
  const begin = `Cannot ${action} ${database.name}:`;
  if ("login" in afterwards) {
    return new DrillError(
      "DATABASE_LOGIN",
      `${begin} the login ${database.user} expired or was revoked while this ran`,
      "It was valid at the beginning of the run. Renew it, and run again. With Vault: a lease must outlive a whole run (its ttl and max_ttl, and the operator's renewal), or be renewed just before.",
      { cause, details: [message, afterwards.message] },
    );
  }
  if ("server" in afterwards) {
    return new DrillError(
      "DATABASE_UNREACHABLE",
      `${begin} the server, or the pooler in front of it, went away while this ran`,
      "Run again when the server is up.",
      { cause, details: [message, afterwards.message] },
    );
  }
  const restarted = afterwards.uptimeMs < elapsedMs;
  return new DrillError(
    "DATABASE_FAILED",
    restarted
      ? `${begin} the server was restarted while this ran`
      : `${begin} the session was ended from outside while this ran`,
    restarted
      ? "The server is up: run again."
      : "An administrator, a limit of the server or the pooler ended it; the server's log says which. Run again.",
    { cause, details: [message] },
  );
}
