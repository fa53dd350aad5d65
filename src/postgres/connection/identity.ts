/**
 * Which database it is, whatever its name is. An ordinary login may read all of it (docs/facts.md, "Identity of a
 * database").
 */

import type { Session } from "./session.ts";

export interface Identity {
  /** Of the server, made once by initdb; decimal text, for it outgrows a double. */
  systemIdentifier: string;
  databaseOid: string;
  databaseName: string;
  /** `server_version_num`, 150018 for 15.18. */
  serverVersion: number;
}

export async function identify(session: Session): Promise<Identity> {
  const [row] = await session.query<{ system: string; oid: string; name: string; version: string }>(`
    SELECT (SELECT system_identifier FROM pg_catalog.pg_control_system())::text AS system,
           (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())::text AS oid,
           current_database()::text AS name, current_setting('server_version_num') AS version`);
  return {
    systemIdentifier: row!.system,
    databaseOid: row!.oid,
    databaseName: row!.name,
    serverVersion: Number(row!.version),
  };
}

/** 150018 -> "15.18" */
export const versionText = (number: number): string => `${Math.floor(number / 10_000)}.${number % 10_000}`;

/** Which of `roles` the login or the role that it acts as belongs to; a superuser belongs to all. Unknown roles: none. */
export async function membershipsOf(session: Session, roles: readonly string[]): Promise<string[]> {
  const rows = await session.query<{ role: string }>(
    `SELECT rolname::text AS role FROM pg_catalog.pg_roles
      WHERE rolname = ANY($1) AND (pg_has_role(session_user, oid, 'MEMBER') OR pg_has_role(current_user, oid, 'MEMBER'))`,
    [roles],
  );
  return rows.map((row) => row.role);
}
