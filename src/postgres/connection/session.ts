/** One connection to PostgreSQL, with errors that say what to do. */

import { type DrillError, messageOf } from "../../base/errors.ts";
import { openClient } from "./client.ts";
import { type Database, quoteIdentifier } from "./database.ts";
import { lockHolders, sessionEndReason } from "./session_end.ts";
import { connectionProblemOf, lockedError, statementError } from "./session_errors.ts";
import type { Encryption } from "./tls.ts";

type Row = Record<string, unknown>;

/** A query whose one row and column is JSON: returns that value. */
export type Ask = <T>(sql: string) => Promise<T>;

/** What runs statements: a psql, a session. */
export interface Statements {
  run(sql: string): Promise<unknown>;
  ask: Ask;
}

export interface Session extends AsyncDisposable {
  /** Of our connection, be it to the server or to a pooler in front of it. */
  readonly encryption: Encryption;
  /**
   * Runs one statement with parameters.
   * @throws DrillError `DATABASE_FAILED` with PostgreSQL's own words, `DATABASE_LOCKED` where a lock timeout is set; when
   *   the session ended meanwhile, why: `DATABASE_LOGIN`, `DATABASE_UNREACHABLE`, `DATABASE_FAILED`.
   */
  query<R extends Row = Row>(sql: string, parameters?: unknown[]): Promise<R[]>;
  /** As `query`, for the one JSON value of its one row. */
  ask: Ask;
}

/**
 * Connects, and acts as the role that owns the database: what is made here is the owner's also where the login does not
 * become it by itself.
 * @throws DrillError as `connect`
 */
export async function connectAsOwner(database: Database): Promise<Session> {
  const session = await connect(database);
  try {
    await session.query(`SET ROLE ${quoteIdentifier(database.owner)}`);
    return session;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Connects. The caller disposes.
 * @throws DrillError `DATABASE_LOGIN` (user, password, expired), `DATABASE_TLS`, `DATABASE_UNREACHABLE` (no server, no such
 *   database).
 */
export async function connect(database: Database): Promise<Session> {
  const since = performance.now();
  const client = await openClient(database);
  let endReason: DrillError | undefined;
  async function query<R extends Row = Row>(sql: string, parameters: unknown[] = []): Promise<R[]> {
    if (endReason) throw endReason; // the reason was found out once; every later statement gets the same
    try {
      return await client.query<R>(sql, parameters);
    } catch (error) {
      const problem = connectionProblemOf(error);
      if (problem === "login" || problem === "lost") {
        throw endReason = await sessionEndReason(database, "ask", {
          since,
          message: messageOf(error),
          cause: error,
        });
      }
      if (problem === "locked") throw lockedError(database, "ask", await lockHolders(database), error);
      throw statementError(database, error, [`in: ${sql.trim().split("\n", 1)[0]?.slice(0, 100) ?? ""}`]);
    }
  }
  return {
    encryption: client.encryption,
    query,
    async ask<T>(sql: string): Promise<T> {
      const [row] = await query(sql);
      return Object.values(row ?? {})[0] as T;
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}
