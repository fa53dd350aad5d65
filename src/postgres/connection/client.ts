/** The connection of the `pg` library: how it is opened and closed. Sessions are built on it. */

// @ts-types="npm:@types/pg@8.23.1"
import pg from "pg";
import { DrillError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import type { Database } from "./database.ts";
import { otherServerError } from "./other_server.ts";
import { connectionError } from "./session_errors.ts";
import { type Encryption, isSocket, PREFERRED, tlsOptions } from "./tls.ts";
import { wantsNoTls } from "./tls_errors.ts";

export interface Client {
  /** Of the connection to the server, or to the pooler in front of it. */
  readonly encryption: Encryption;
  /** Rejects with the library's or the server's own error; with the one that ended the connection where one did. */
  query<R extends Record<string, unknown>>(sql: string, parameters?: unknown[]): Promise<R[]>;
  /** Never rejects: the connection is gone either way. */
  close(): Promise<void>;
}

/**
 * Connects over TLS as `database.tls` asks; with `prefer` without it where the server has none, as libpq does.
 * @throws DrillError `DATABASE_LOGIN` (user, password, expired), `DATABASE_TLS` (certificates, or a server that wants TLS or
 *   has none), `DATABASE_UNREACHABLE` (no server, no such database).
 */
export async function openClient(database: Database): Promise<Client> {
  const { mode } = database.tls ?? PREFERRED;
  if (isSocket(database.host) || mode === "disable") return await open(database, false);
  try {
    return await open(database, await tlsOptions(database.tls ?? PREFERRED));
  } catch (error) {
    if (mode !== "prefer" || !(error instanceof DrillError) || !wantsNoTls(error.cause)) throw error;
  }
  return await open(database, false);
}

async function open(database: Database, ssl: pg.ClientConfig["ssl"]): Promise<Client> {
  const client = new pg.Client({
    host: database.host,
    port: database.port,
    database: database.name,
    user: database.user,
    password: database.password,
    ssl,
    application_name: "dolibarr-drill",
    connectionTimeoutMillis: limits.databaseConnects,
    // no statement_timeout: it would be a startup option, which pgbouncer refuses (docs/facts.md, "Through pgbouncer")
  });
  let lost: Error | undefined;
  client.on("error", (error) => lost = error); // a server that goes away between two queries: the next one throws it
  const { connection } = client as unknown as { connection: { stream: Stream } };
  try {
    await client.connect();
    await liftLimits(client);
  } catch (error) {
    connection.stream.destroy(); // it never was connected, and its end might never come; the reason is thrown
    throw await otherServerError(database, error) ?? connectionError(database, error);
  }
  return {
    encryption: encryptionOf(database, connection.stream),
    async query<R extends Record<string, unknown>>(sql: string, parameters: unknown[] = []): Promise<R[]> {
      try {
        return (await client.query<R>(sql, parameters)).rows;
      } catch (error) {
        throw lost ?? error;
      }
    },
    close: () => client.end().catch(() => undefined), // a session that was lost is at its end already
  };
}

/**
 * Limits on time that a server may have for its login or database (`ALTER DATABASE erp SET statement_timeout`): they are
 * meant for the ERP's pages. Only what is limited is set: behind a pooler that shares sessions a setting may stay.
 */
const NO_LIMITS_SQL = `SELECT pg_catalog.set_config(name, '0', false)
  FROM (VALUES ('statement_timeout'), ('lock_timeout'), ('idle_in_transaction_session_timeout'), ('idle_session_timeout'),
    ('transaction_timeout')) AS each(name) WHERE pg_catalog.current_setting(name, true) OPERATOR(pg_catalog.<>) '0'`;

/** The statement itself is under the limit. */
const TRIES = 5;
const CANCELLED = "57014";

async function liftLimits(client: pg.Client, tries = TRIES): Promise<void> {
  try {
    await client.query(NO_LIMITS_SQL);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === CANCELLED) || tries === 1) throw error;
    await liftLimits(client, tries - 1);
  }
}

/** The library's socket, which is node's. */
interface Stream {
  destroy(): void;
  encrypted?: boolean;
  getProtocol?(): string | null;
}

function encryptionOf({ host }: Database, stream: Stream): Encryption {
  if (stream.encrypted) return { tls: stream.getProtocol?.() ?? "TLS" };
  return { plain: isSocket(host) ? "socket" : "network" };
}
