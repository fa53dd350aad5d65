/** Which extensions a database has, and which its owner may make in it. */

import type { Session } from "./session.ts";

/**
 * By name: `there` is one that stays whatever its owner role drops, for another role owns it; `makeable` one that the
 * server has files for and that is trusted, so that who owns the database may make it (PostgreSQL's manual, CREATE
 * EXTENSION). One that the owner role made itself goes with what that role owns, and is there or not as it is makeable.
 */
export async function extensionsOf(session: Session): Promise<ReadonlyMap<string, "there" | "makeable">> {
  const rows = await session.query<{ name: string; state: "there" | "makeable" }>(`
    WITH here AS (SELECT d.oid, d.datdba, r.rolsuper FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles r ON r.oid = d.datdba
                   WHERE d.datname = current_database())
    SELECT e.extname::text AS name, 'there' AS state FROM pg_catalog.pg_extension e, here WHERE e.extowner <> here.datdba
     UNION ALL
    SELECT DISTINCT v.name::text, 'makeable' FROM pg_catalog.pg_available_extension_versions v, here
     WHERE (v.trusted OR here.rolsuper)
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_extension e WHERE e.extname = v.name AND e.extowner <> here.datdba)`);
  return new Map(rows.map(({ name, state }) => [name, state]));
}
