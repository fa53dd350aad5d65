/** Which extensions a database has, and which its owner may create in it. */

import { quoteLiteral } from "../connection/database.ts";
import type { Ask, Session } from "../connection/session.ts";

/** SQL whose one row and column is a JSON list of the names of those that are in the database. */
export const EXTENSION_NAMES_SQL =
  "SELECT coalesce(json_agg(extname), '[]'::json) FROM pg_catalog.pg_extension";

/**
 * By name: `there` is one that another role owns, so that it stays when the owner role's objects are dropped; `makeable` one
 * that the server has files for and that is trusted, so that the owner of the database may create it (PostgreSQL's manual,
 * CREATE EXTENSION). One that the owner role created is dropped with the rest, and can be had again where it is makeable.
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

/**
 * Extensions of `owner`'s that it cannot create again as they are: one that is not trusted, or not of the server's default
 * version, which is the only one that a dump asks for. As `the extension hstore of version 1.7, not 1.8`.
 */
export const extensionsNotMadeAgain = (
  ask: Ask,
  owner: string,
): Promise<string[]> =>
  ask(`SELECT coalesce(json_agg('the extension ' || e.extname || CASE
        WHEN a.default_version IS NULL THEN ', which the server has no files for'
        WHEN a.default_version <> e.extversion THEN ' of version ' || e.extversion || ', not ' || a.default_version
        ELSE ', which only a superuser may make' END ORDER BY e.extname), '[]'::json)
    FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_roles r ON r.oid = e.extowner
    LEFT JOIN pg_catalog.pg_available_extensions a ON a.name = e.extname
    LEFT JOIN pg_catalog.pg_available_extension_versions v ON v.name = e.extname AND v.version = a.default_version
   WHERE r.rolname = ${quoteLiteral(owner)}
     AND (a.default_version IS DISTINCT FROM e.extversion OR NOT (r.rolsuper OR coalesce(v.trusted, false)))`);
