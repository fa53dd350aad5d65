/** One connection to PostgreSQL through the `pg` library, with errors that say what to do. */

// @ts-types="npm:@types/pg@8.23.1"
import pg from "pg";
import { DrillError, messageOf } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import { type Database, describeDatabase } from "./database.ts";

export type Row = Record<string, unknown>;

export interface Session extends AsyncDisposable {
  /** Runs one statement with parameters. @throws DrillError `DATABASE_FAILED` with PostgreSQL's own words. */
  query<R extends Row = Row>(sql: string, parameters?: unknown[]): Promise<R[]>;
}

/**
 * Connects. The caller disposes.
 * @throws DrillError `DATABASE_LOGIN` (user, password, expired), `DATABASE_UNREACHABLE` (no server, no such database).
 */
export async function connect(database: Database): Promise<Session> {
  const client = new pg.Client({
    host: database.host,
    port: database.port,
    database: database.name,
    user: database.user,
    password: database.password,
    application_name: "dolibarr-drill",
    connectionTimeoutMillis: limits.databaseConnects,
    // no statement_timeout here: it travels as a startup option, which pgbouncer refuses (FACTS, PostgreSQL)
  });
  let lost: Error | undefined;
  client.on("error", (error) => lost = error); // a server that goes away between two queries: told by the next one
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined); // it never was connected; the reason is thrown below
    throw connectionError(database, error);
  }
  return {
    async query<R extends Row = Row>(sql: string, parameters: unknown[] = []): Promise<R[]> {
      try {
        const result = await client.query<R>(sql, parameters);
        return result.rows;
      } catch (error) {
        throw queryError(database, lost ?? error, sql);
      }
    },
    async [Symbol.asyncDispose]() {
      await client.end().catch(() => undefined); // the connection is gone either way
    },
  };
}

function connectionError(database: Database, error: unknown): DrillError {
  const text = messageOf(error) || String((error as { code?: unknown }).code ?? error);
  const code = (error as { code?: unknown }).code;
  const where = describeDatabase(database);
  if (
    code === "28P01" || code === "28000" ||
    /authentication failed|no such user|bouncer config error|not permitted to log in/i.test(text)
  ) {
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

function queryError(database: Database, error: unknown, sql: string): DrillError {
  const start = sql.trim().split("\n", 1)[0]?.slice(0, 100) ?? "";
  return new DrillError(
    "DATABASE_FAILED",
    `Cannot ask ${database.name}: ${messageOf(error)}`,
    "The database answered with an error, or went away. Its log says more.",
    { cause: error, details: [`in: ${start}`] },
  );
}
