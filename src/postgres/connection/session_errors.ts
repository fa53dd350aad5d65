/** What is said when a connection cannot be made, a statement fails, or a session ends in the middle. */

import { DrillError, messageOf } from "../../base/errors.ts";
import { isFull } from "../../base/files.ts";
import { limits } from "../../base/limits.ts";
import { formatDuration } from "../../base/numbers.ts";
import { type Database, describeDatabase } from "./database.ts";
import { type ConnectionProblem, connectionProblemIn } from "../programs/message_classes.ts";

/** What was under way when it failed, for messages: "dump", "ask". */
export type Action = "dump" | "ask";

/**
 * SQLSTATEs: class 28 are logins, 08 and 57P connections that ended, 55P03 is a lock that was not to be had. pgbouncer
 * has 08P01 for everything, and what never came from a server has words alone.
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
  if (connectionProblemOf(error) === "login") {
    return new DrillError(
      "DATABASE_LOGIN",
      `Cannot log in to ${where}: ${text}`,
      "The password is wrong or the login has expired. Renew it (with Vault: wait for the operator, or restart it) and look at database.user and database.password in the configuration.",
      { cause: error },
    );
  }
  return new DrillError(
    "DATABASE_UNREACHABLE",
    `Cannot reach ${where}: ${text}`,
    "Is the server (or the pooler in front of it) up? Look at database.host, port and name in the configuration.",
    { cause: error },
  );
}

export function statementError(database: Database, error: unknown, details: readonly string[]): DrillError {
  const full = isFull(error);
  return new DrillError(
    full ? "DISK_FULL" : "DATABASE_FAILED",
    `Cannot ask ${database.name}: ${messageOf(error)}`,
    full
      ? "Make room on the database server's disk."
      : "The database answered with an error, or went away. Its log says more.",
    { cause: error, details },
  );
}

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
    "An upgrade, an import or maintenance is under way: run it again when that has ended. If it hangs, end it: SELECT pg_terminate_backend(PID).",
    { cause, details: holders },
  );
}

/** What a new connection found, after one had ended in the middle. */
export type Afterwards =
  | { login: "refused"; said: string }
  | { server: "away"; said: string }
  /** How long the server has been up, in ms. */
  | { uptimeMs: number };

/**
 * Why a session ended in the middle. Pure.
 * @param elapsedMs since that session began: a server that is up for less was restarted meanwhile, whatever its clock says.
 */
export function sessionEndError(
  database: Database,
  action: Action,
  { afterwards, elapsedMs, said }: { afterwards: Afterwards; elapsedMs: number; said: string },
  cause?: unknown,
): DrillError {
  const begin = `Cannot ${action} ${database.name}:`;
  if ("login" in afterwards) {
    return new DrillError(
      "DATABASE_LOGIN",
      `${begin} the login ${database.user} expired or was revoked while this ran`,
      "It was good when this began. Renew it, and run again. With Vault: a lease must outlive a whole run (its ttl and max_ttl, and the operator's renewal), or be renewed just before.",
      { cause, details: [said, afterwards.said] },
    );
  }
  if ("server" in afterwards) {
    return new DrillError(
      "DATABASE_UNREACHABLE",
      `${begin} the server, or the pooler in front of it, went away while this ran`,
      "When it is up again, run again.",
      { cause, details: [said, afterwards.said] },
    );
  }
  const restarted = afterwards.uptimeMs < elapsedMs;
  return new DrillError(
    "DATABASE_FAILED",
    restarted
      ? `${begin} the server was restarted while this ran`
      : `${begin} the session was ended from outside while this ran`,
    restarted
      ? "It is up again: run again."
      : "Somebody, a limit of the server or the pooler ended it; the server's log says which. Run again.",
    { cause, details: [said] },
  );
}
