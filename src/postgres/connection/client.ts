/** The connection of the `pg` library: how it is opened and closed. Sessions are built on it. */

// @ts-types="npm:@types/pg@8.23.1"
import pg from "pg";
import { limits } from "../../base/limits.ts";
import type { Database } from "./database.ts";
import { connectionError } from "./session_errors.ts";

export interface Client {
  /** Rejects with the library's or the server's own error; with the one that ended the connection where one did. */
  query<R extends Record<string, unknown>>(sql: string, parameters?: unknown[]): Promise<R[]>;
  /** Never rejects: the connection is gone either way. */
  close(): Promise<void>;
}

/** @throws DrillError `DATABASE_LOGIN` (user, password, expired), `DATABASE_UNREACHABLE` (no server, no such database). */
export async function openClient(database: Database): Promise<Client> {
  const client = new pg.Client({
    host: database.host,
    port: database.port,
    database: database.name,
    user: database.user,
    password: database.password,
    application_name: "dolibarr-drill",
    connectionTimeoutMillis: limits.databaseConnects,
    // no statement_timeout: it would be a startup option, which pgbouncer refuses (docs/facts.md, "Through pgbouncer")
  });
  let lost: Error | undefined;
  client.on("error", (error) => lost = error); // a server that goes away between two queries: the next one throws it
  const close = () => client.end().catch(() => undefined);
  try {
    await client.connect();
  } catch (error) {
    await close(); // it never was connected; the reason is thrown
    throw connectionError(database, error);
  }
  return {
    async query<R extends Record<string, unknown>>(sql: string, parameters: unknown[] = []): Promise<R[]> {
      try {
        return (await client.query<R>(sql, parameters)).rows;
      } catch (error) {
        throw lost ?? error;
      }
    },
    close,
  };
}
