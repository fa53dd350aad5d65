/** A database as our clients need it: where it is, and how to log in. The password is read once and passed on in memory. */

import { limits } from "../../base/limits.ts";
import { PREFERRED, tlsEnvironment, type TlsSettings } from "./tls.ts";

export interface Database {
  host: string;
  port: number;
  name: string;
  /** The role that owns what the ERP has there; it cannot log in. */
  owner: string;
  user: string;
  /** Without one it comes from .pgpass, or the server asks for none (peer). */
  password?: string;
  /** The key of the configuration with this login, for messages; without it `database`. */
  loginKey?: "database.reader";
  /** Without it: as the server offers. */
  tls?: TlsSettings;
}

/** For messages: everything but the password. */
export const describeDatabase = (database: Database): string =>
  `${database.name} at ${database.host}:${database.port} as ${database.user}`;

/**
 * What PostgreSQL's programs read instead of arguments, so that nothing of it stands on a command line.
 * On Linux only the same user and root can read a process's environment.
 */
export const connectionEnvironment = (database: Database): Record<string, string> => ({
  PGHOST: database.host,
  PGPORT: String(database.port),
  PGDATABASE: database.name,
  PGUSER: database.user,
  ...(database.password === undefined ? {} : { PGPASSWORD: database.password }),
  ...tlsEnvironment(database.tls ?? PREFERRED),
  PGCONNECT_TIMEOUT: String(limits.databaseConnects / 1000),
  PGAPPNAME: "dolibarr-drill",
});

/** An identifier as SQL writes it. */
export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text as an SQL literal; `standard_conforming_strings` must be on, as it is everywhere since 9.1. */
export const quoteLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`;
